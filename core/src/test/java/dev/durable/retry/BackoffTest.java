package dev.durable.retry;

import static java.time.Duration.ofDays;
import static java.time.Duration.ofMillis;
import static java.time.Duration.ofNanos;
import static java.time.Duration.ofSeconds;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.durable.testing.Proves;
import java.time.Duration;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class BackoffTest {

  private static final Duration BASE = ofSeconds(1);

  @Test
  @Proves("R-005")
  @DisplayName("Exponential: twice the base after the first attempt, and doubling")
  void exponentialDoubles() {
    Backoff backoff = new Backoff.Exponential(BASE);
    assertThat(backoff.delay(1)).isEqualTo(ofSeconds(2));
    assertThat(backoff.delay(2)).isEqualTo(ofSeconds(4));
    assertThat(backoff.delay(3)).isEqualTo(ofSeconds(8));
  }

  @Test
  @Proves("R-006")
  @DisplayName("Linear: the base times the attempt")
  void linearGrowsByTheBase() {
    Backoff backoff = new Backoff.Linear(BASE);
    assertThat(backoff.delay(1)).isEqualTo(ofSeconds(1));
    assertThat(backoff.delay(2)).isEqualTo(ofSeconds(2));
    assertThat(backoff.delay(3)).isEqualTo(ofSeconds(3));
  }

  @Test
  @Proves("R-007")
  @DisplayName("Constant: the base, whatever the attempt")
  void constantStaysTheSame() {
    Backoff backoff = new Backoff.Constant(BASE);
    assertThat(backoff.delay(1)).isEqualTo(BASE);
    assertThat(backoff.delay(50)).isEqualTo(BASE);
  }

  @Test
  @Proves("R-009")
  @DisplayName("Attempt 0: exponential and constant give the base, linear nothing")
  void attemptZeroIsDefined() {
    assertThat(new Backoff.Exponential(BASE).delay(0)).isEqualTo(BASE);
    assertThat(new Backoff.Linear(BASE).delay(0)).isZero();
    assertThat(new Backoff.Constant(BASE).delay(0)).isEqualTo(BASE);
  }

  @Test
  @Proves("R-010")
  @DisplayName("A negative attempt is refused")
  void negativeAttemptsAreRefused() {
    for (Backoff backoff :
        new Backoff[] {
          new Backoff.Exponential(BASE), new Backoff.Linear(BASE), new Backoff.Constant(BASE)
        }) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> backoff.delay(-1))
          .withMessageContaining("-1");
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {40, 62, 63, 64, 1_000, Integer.MAX_VALUE})
  void hugeAttemptsDoNotOverflow(int attempt) {
    assertThat(new Backoff.Exponential(BASE).delay(attempt)).isEqualTo(Backoff.LONGEST);
    assertThat(new Backoff.Exponential(ofNanos(1)).delay(attempt))
        .isBetween(ofSeconds(1), Backoff.LONGEST);
    assertThat(new Backoff.Exponential(ofDays(365)).delay(attempt)).isEqualTo(Backoff.LONGEST);
    assertThat(new Backoff.Exponential(Duration.ZERO).delay(attempt)).isZero();
    assertThat(new Backoff.Linear(ofDays(365)).delay(attempt)).isEqualTo(Backoff.LONGEST);
    assertThat(new Backoff.Constant(BASE).delay(attempt)).isEqualTo(BASE);
  }

  @Test
  void neverGetsShorterFromAttemptToAttempt() {
    for (Duration base : new Duration[] {ofNanos(1), ofNanos(999_999), ofMillis(1), ofDays(300)}) {
      Backoff backoff = new Backoff.Exponential(base);
      for (int attempt = 0; attempt < 100; attempt++) {
        assertThat(backoff.delay(attempt + 1)).isGreaterThanOrEqualTo(backoff.delay(attempt));
      }
    }
  }

  @Test
  void aNegativeOrEndlessBaseIsRefused() {
    assertThatIllegalArgumentException().isThrownBy(() -> new Backoff.Constant(ofMillis(-1)));
    assertThatIllegalArgumentException().isThrownBy(() -> new Backoff.Linear(ofMillis(-1)));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new Backoff.Exponential(ofDays(366)))
        .withMessageContaining("365 days");
  }
}
