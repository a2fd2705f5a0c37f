package dev.durable.internal.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.durable.internal.engine.run.DueTime;
import java.time.Duration;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class DueTimeTest {

  @Test
  @DisplayName("A wait of any length has a due time, which does not overflow")
  void doesNotOverflow() {
    Long dueAt = DueTime.after(Duration.ofSeconds(Long.MAX_VALUE));
    assertThat(DueTime.until(dueAt)).isGreaterThan(Duration.ofDays(36_499));
  }

  @Test
  @DisplayName("A wait of zero or negative length is due at once")
  void isNeverNegative() {
    assertThat(DueTime.until(DueTime.after(Duration.ofSeconds(-1)))).isZero();
    assertThat(DueTime.until(DueTime.afterAny(null))).isZero();
  }
}
