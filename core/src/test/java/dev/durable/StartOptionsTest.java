package dev.durable;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.durable.queue.QueueOptions;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class StartOptionsTest {

  @ParameterizedTest
  @ValueSource(strings = {"", "  ", "a\0b"})
  void blankTextAndNulAreRefused(String text) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> StartOptions.of(with -> with.key(text)))
        .withMessageContaining("key");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> StartOptions.of(with -> with.queue(text)))
        .withMessageContaining("queue");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> StartOptions.of(with -> with.tag(text, "v")))
        .withMessageContaining("tag name");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> StartOptions.of(with -> with.tag("n", text)))
        .withMessageContaining("tag value");
  }

  @Test
  void textsHaveAtMost500Characters() {
    assertThat(StartOptions.of(with -> with.key("k".repeat(500))).key()).hasSize(500);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> StartOptions.of(with -> with.key("k".repeat(501))));
  }

  @Test
  void aMessageNeverQuotesTheValue() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> StartOptions.of(with -> with.key("secret" + "k".repeat(500))))
        .satisfies(failure -> assertThat(failure).hasMessageNotContaining("secret"));
  }

  @Test
  void delayAndTimeExcludeEachOther() {
    Instant at = Instant.parse("2026-01-01T00:00:00Z");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> StartOptions.of(with -> with.delay(Duration.ofHours(1)).at(at)));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> StartOptions.of(with -> with.at(at).delay(Duration.ofHours(1))));
  }

  @Test
  void timeoutAndDeadlineExcludeEachOther() {
    Instant end = Instant.parse("2026-01-01T00:00:00Z");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> StartOptions.of(with -> with.timeout(Duration.ofHours(1)).deadline(end)))
        .withMessageContaining("either timeout(…) or deadline(…)");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> StartOptions.of(with -> with.deadline(end).timeout(Duration.ofHours(1))));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> StartOptions.of(with -> with.timeout(Duration.ZERO)))
        .withMessageContaining("PT0S");
  }

  @Test
  void aStartAtOrAfterItsDeadlineIsRefused() {
    Instant end = Instant.parse("2026-01-01T00:00:00Z");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> StartOptions.of(with -> with.deadline(end).at(end)))
        .withMessageContaining("at(…) must be before deadline(…)");
    assertThat(StartOptions.of(with -> with.at(end.minusNanos(1)).deadline(end)).deadline())
        .isEqualTo(end);
  }

  @Test
  void aNegativeDelayIsRefused() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> StartOptions.of(with -> with.delay(Duration.ofMillis(-1))))
        .withMessageContaining("PT-0.001S");
  }

  @Test
  void aQueueHasAtLeastOneSlot() {
    assertThat(QueueOptions.of(with -> {}).concurrency())
        .isEqualTo(QueueOptions.DEFAULT_CONCURRENCY);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> QueueOptions.of(with -> with.concurrency(0)))
        .withMessageContaining("0");
  }
}
