package dev.durable.retry;

import static java.time.Duration.ofHours;
import static java.time.Duration.ofMillis;
import static java.time.Duration.ofSeconds;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.durable.testing.Proves;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.time.Duration;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

class RetryPolicyTest {

  private final Exception ordinary = new IllegalStateException("no");

  @Nested
  class Waits {

    @Test
    @Proves("R-008")
    @DisplayName("The cap limits the exponential wait")
    void theCapLimitsTheWait() {
      RetryPolicy policy = RetryPolicy.exponential(ofSeconds(1)).cap(ofSeconds(5));
      assertThat(policy.delay(ordinary, 1, 0)).isEqualTo(ofSeconds(2));
      assertThat(policy.delay(ordinary, 2, 0)).isEqualTo(ofSeconds(4));
      assertThat(policy.delay(ordinary, 3, 0)).isEqualTo(ofSeconds(5));
      assertThat(policy.delay(ordinary, 1_000_000, 0)).isEqualTo(ofSeconds(5));
    }

    @Test
    void theDefaultCapIsOneHour() {
      assertThat(RetryPolicy.exponential(ofSeconds(1)).delay(ordinary, 60, 0))
          .isEqualTo(ofHours(1));
    }

    @Test
    void jitterSpreadsEvenlyAroundTheWait() {
      RetryPolicy policy = RetryPolicy.constant(ofSeconds(10)).jitter(0.3);
      assertThat(policy.delay(ordinary, 1, 0)).isEqualTo(ofSeconds(7));
      assertThat(policy.delay(ordinary, 1, 0.5)).isEqualTo(ofSeconds(10));
      assertThat(policy.delay(ordinary, 1, Math.nextDown(1.0)))
          .isBetween(ofMillis(12_999), ofSeconds(13));
    }

    @Test
    void fullJitterIsNeverNegative() {
      RetryPolicy policy = RetryPolicy.constant(ofSeconds(10)).jitter(1);
      assertThat(policy.delay(ordinary, 1, 0)).isZero();
      assertThat(policy.delay(ordinary, 1, Math.nextDown(1.0))).isLessThanOrEqualTo(ofSeconds(20));
    }

    @Test
    void anExceptionMayBringItsOwnWait() {
      RetryPolicy policy = RetryPolicy.constant(ofSeconds(10)).cap(ofSeconds(1)).jitter(1);
      assertThat(policy.delay(new RetryAfterException("busy", ofHours(3)), 1, 0))
          .isEqualTo(ofHours(3));
      assertThat(policy.delay(new RetryAfterException("busy", ofSeconds(-3)), 1, 0)).isZero();
    }
  }

  @Nested
  class WhatIsRetried {

    private final RetryPolicy policy = RetryPolicy.constant(Duration.ZERO).maxAttempts(3);

    @Test
    @Proves("R-002")
    @DisplayName("The number of attempts and the strategy are kept")
    void theNumberOfAttemptsCountsTheFirst() {
      assertThat(policy.maxAttempts()).isEqualTo(3);
      assertThat(policy.backoff()).isEqualTo(new Backoff.Constant(Duration.ZERO));
      assertThat(policy.allows(ordinary, 1)).isTrue();
      assertThat(policy.allows(ordinary, 2)).isTrue();
      assertThat(policy.allows(ordinary, 3)).isFalse();
      assertThat(policy.allows(ordinary, Integer.MAX_VALUE)).isFalse();
    }

    @Test
    void noneNeverRetries() {
      assertThat(RetryPolicy.none().allows(ordinary, 1)).isFalse();
    }

    @Test
    void errorsAreNeverRetried() {
      assertThat(policy.allows(new StackOverflowError(), 1)).isFalse();
      assertThat(policy.retryIf(failure -> true).allows(new AssertionError(), 1)).isFalse();
    }

    @Test
    void nonRetryableIsNeverRetried() {
      assertThat(policy.retryIf(failure -> true).allows(new NonRetryableException("no"), 1))
          .isFalse();
    }

    @Test
    void conditionsMustAllAccept() {
      RetryPolicy both =
          policy
              .retryIf(failure -> failure instanceof IOException)
              .retryIf(failure -> String.valueOf(failure.getMessage()).startsWith("again"));
      assertThat(both.allows(new IOException("again please"), 1)).isTrue();
      assertThat(both.allows(new IOException("never"), 1)).isFalse();
      assertThat(both.allows(new IllegalStateException("again"), 1)).isFalse();
    }

    @Test
    void subclassesOfARefusedClassAreRefused() {
      RetryPolicy refusing = policy.doNotRetryOn(IOException.class, ArithmeticException.class);
      assertThat(refusing.allows(new FileNotFoundException("x"), 1)).isFalse();
      assertThat(refusing.allows(new ArithmeticException("x"), 1)).isFalse();
      assertThat(refusing.allows(ordinary, 1)).isTrue();
    }

    @Test
    void aConditionThatThrowsRefuses() {
      IllegalStateException failure = new IllegalStateException("no");
      assertThat(
              policy
                  .retryIf(
                      f -> {
                        throw new IllegalArgumentException("broken condition");
                      })
                  .allows(failure, 1))
          .isFalse();
      assertThat(failure.getSuppressed()).hasSize(1);
    }

    @Test
    void aConditionThatThrowsTheFailureItselfRefuses() {
      RuntimeException failure = new IllegalStateException("no");
      RetryPolicy rethrowing =
          policy.retryIf(
              f -> {
                throw failure;
              });
      assertThat(rethrowing.allows(failure, 1)).isFalse();
    }

    @Test
    void aConditionThatThrowsAnErrorRefuses() {
      RetryPolicy broken =
          policy.retryIf(
              f -> {
                throw new NoClassDefFoundError("gone");
              });
      assertThat(broken.allows(ordinary, 1)).isFalse();
    }
  }

  @Nested
  class Building {

    @Test
    void eachMethodReturnsAChangedCopy() {
      RetryPolicy shared = RetryPolicy.linear(ofSeconds(1));
      RetryPolicy changed = shared.maxAttempts(9).cap(ofSeconds(2)).jitter(0.5).retryIf(f -> false);
      assertThat(shared.maxAttempts()).isEqualTo(3);
      assertThat(shared.delay(ordinary, 3, 0)).isEqualTo(ofSeconds(3));
      assertThat(shared.allows(ordinary, 1)).isTrue();
      assertThat(changed.maxAttempts()).isEqualTo(9);
      assertThat(changed.allows(ordinary, 1)).isFalse();
    }

    @Test
    void wrongNumbersAreRefusedWithTheirValue() {
      RetryPolicy policy = RetryPolicy.constant(ofSeconds(1));
      assertThatIllegalArgumentException()
          .isThrownBy(() -> policy.maxAttempts(0))
          .withMessageContaining("0");
      assertThatIllegalArgumentException()
          .isThrownBy(() -> policy.cap(ofSeconds(-1)))
          .withMessageContaining("PT-1S");
      assertThatIllegalArgumentException().isThrownBy(() -> policy.jitter(-0.1));
      assertThatIllegalArgumentException().isThrownBy(() -> policy.jitter(1.1));
      assertThatIllegalArgumentException().isThrownBy(() -> policy.jitter(Double.NaN));
    }
  }
}
