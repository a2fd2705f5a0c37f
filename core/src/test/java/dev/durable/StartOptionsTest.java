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
    StartOptions options = new StartOptions();
    assertThatIllegalArgumentException()
        .isThrownBy(() -> options.key(text))
        .withMessageContaining("key");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> options.queue(text))
        .withMessageContaining("queue");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> options.tag(text, "v"))
        .withMessageContaining("tag name");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> options.tag("n", text))
        .withMessageContaining("tag value");
  }

  @Test
  void textsHaveAtMost500Characters() {
    assertThat(new StartOptions().key("k".repeat(500)).key()).hasSize(500);
    assertThatIllegalArgumentException().isThrownBy(() -> new StartOptions().key("k".repeat(501)));
  }

  @Test
  void aMessageNeverQuotesTheValue() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new StartOptions().key("secret" + "k".repeat(500)))
        .satisfies(failure -> assertThat(failure).hasMessageNotContaining("secret"));
  }

  @Test
  void delayAndTimeExcludeEachOther() {
    Instant at = Instant.parse("2026-01-01T00:00:00Z");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new StartOptions().delay(Duration.ofHours(1)).at(at));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new StartOptions().at(at).delay(Duration.ofHours(1)));
  }

  @Test
  void aNegativeDelayIsRefused() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new StartOptions().delay(Duration.ofMillis(-1)))
        .withMessageContaining("PT-0.001S");
  }

  @Test
  void aQueueHasAtLeastOneSlot() {
    assertThat(new QueueOptions().concurrency()).isEqualTo(QueueOptions.DEFAULT_CONCURRENCY);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new QueueOptions().concurrency(0))
        .withMessageContaining("0");
  }
}
