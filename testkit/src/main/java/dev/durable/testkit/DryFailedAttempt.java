package dev.durable.testkit;

import dev.durable.execution.ErrorInfo;
import dev.durable.retry.RetryPolicy;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A failed attempt of a step or an effect, and what its retry policy says about it.
 *
 * @param error why it failed
 * @param failures how many attempts have failed, this one included
 * @param pause the time until the next one; null if there will be none
 * @param parks whether a person decides on further ones
 */
record DryFailedAttempt(ErrorInfo error, int failures, @Nullable Duration pause, boolean parks) {

  /** What jitter makes of the middle. */
  private static final double NO_JITTER = 0.5;

  private static final RetryPolicy ANY =
      RetryPolicy.constant(Duration.ZERO).maxAttempts(Integer.MAX_VALUE);

  /** Asks the policy. */
  static DryFailedAttempt of(DryExecution run, RetryPolicy policy, Throwable thrown, String path) {
    List<Throwable> broken = new ArrayList<>();
    int failures = run.history().failures(path) + 1;
    Duration wait =
        policy.allows(thrown, failures, broken::add)
            ? policy.delay(thrown, failures, NO_JITTER)
            : null;
    Duration spent = Duration.between(run.history().begin(path), run.clock().now());
    boolean late = wait != null && isLate(policy, spent, wait);
    boolean parks =
        (late || wait == null)
            && policy.parks(thrown, late ? policy.maxAttempts() : failures, broken::add);
    ErrorInfo error =
        late
            ? DryErrors.tooLate(thrown, path, failures, spent, policy)
            : DryErrors.of(thrown, path, broken);
    return new DryFailedAttempt(error, failures, late ? null : wait, parks);
  }

  /** Attempts take no time here: one that is due at the limit would be due after it. */
  private static boolean isLate(RetryPolicy policy, Duration spent, Duration wait) {
    return policy.timeLimit().filter(limit -> limit.minus(spent).compareTo(wait) <= 0).isPresent();
  }

  /** Whether there is a policy that would try again after a failure. */
  static boolean mayBeTriedAgain(Throwable failure) {
    return ANY.allows(failure, 1);
  }
}
