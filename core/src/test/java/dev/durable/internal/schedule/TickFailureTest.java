package dev.durable.internal.schedule;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.stream.IntStream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("newest")
@DisplayName("A failure to start ticks")
class TickFailureTest {

  private final RuntimeException cause = new IllegalStateException("why");

  @Test
  @DisplayName("is followed by a pause that doubles with each one in a row, up to ten minutes")
  void pauses() {
    assertThat(IntStream.of(0, 1, 2, 9, 10, Integer.MAX_VALUE))
        .extracting(earlier -> Failure.of(cause, earlier).pause().toSeconds())
        .containsExactly(1L, 2L, 4L, 512L, 600L, 600L);
  }

  @Test
  @DisplayName("of the user's function is told as that one's; a slow one makes no others wait")
  void ofFunctions() {
    assertThat(Failure.of(new TickPlanner.InputException(cause), 0).error().message())
        .isEqualTo("why");
    Throwable slow = new SlowInputException(Instant.EPOCH, Duration.ofMinutes(1));
    assertThat(Failure.of(slow, 9).pause()).isZero();
  }
}
