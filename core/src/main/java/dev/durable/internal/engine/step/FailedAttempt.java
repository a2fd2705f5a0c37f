package dev.durable.internal.engine.step;

import dev.durable.execution.ErrorInfo;
import dev.durable.internal.codec.FailureJson;
import dev.durable.internal.engine.run.Failures;
import dev.durable.internal.engine.run.NodeAttempts;
import dev.durable.internal.engine.run.RunState;
import dev.durable.internal.journal.RejectedEntryException;
import dev.durable.internal.store.journal.StepRow;
import dev.durable.internal.text.Causes;
import dev.durable.retry.RetryPolicy;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/**
 * A failed attempt of a step or an effect, and what its retry policy says about it.
 *
 * @param row its row
 * @param error why it failed
 * @param failures how many attempts have failed by themselves, this one included
 * @param pause the time until the next one; null if there will be none
 * @param parks whether a person decides on further ones
 */
record FailedAttempt(
    StepRow row, ErrorInfo error, int failures, @Nullable Duration pause, boolean parks) {

  /** Refuses only what no policy would try again. */
  private static final RetryPolicy ANY =
      RetryPolicy.constant(Duration.ZERO).maxAttempts(Integer.MAX_VALUE);

  /**
   * Asks the policy.
   *
   * @param ended the row of the attempt, still without its error
   */
  static FailedAttempt of(Throwable failure, RetryPolicy policy, StepRow ended, RunState run) {
    List<Throwable> broken = new ArrayList<>();
    NodeAttempts before = run.history().attempts();
    int failures = before.failures(ended.path()) + 1;
    Duration wait = delay(failure, failures, policy, broken);
    Duration spent = before.sinceFirst(ended);
    boolean late = wait != null && isLate(policy, spent, wait);
    boolean parks =
        (late || wait == null)
            && !isRefused(failure)
            // Too late is as if all attempts were used up.
            && policy.parks(failure, late ? policy.maxAttempts() : failures, broken::add);
    boolean ends = (late || wait == null) && !parks && ended.compensates() == null;
    boolean lasts = ends && run.lasts(failure, ended.path(), broken::add);
    ErrorInfo error =
        late
            ? Failures.tooLate(failure, ended.path(), failures, spent, policy)
            : Failures.describe(failure, ended.path(), broken);
    StepRow row =
        ended.failing(
            FailureJson.write(error, run.unrecorded().calls(ended.path(), failure), lasts));
    return new FailedAttempt(row, error, failures, late ? null : wait, parks);
  }

  private static boolean isLate(RetryPolicy policy, Duration spent, Duration wait) {
    return policy.timeLimit().filter(limit -> limit.minus(spent).compareTo(wait) < 0).isPresent();
  }

  private static @Nullable Duration delay(
      Throwable failure, int failures, RetryPolicy policy, List<Throwable> broken) {
    return !isRefused(failure) && policy.allows(failure, failures, broken::add)
        ? policy.delay(failure, failures, ThreadLocalRandom.current().nextDouble())
        : null;
  }

  /** Whether there is a policy that would try again after a failure. */
  static boolean mayBeTriedAgain(Throwable failure) {
    return delay(failure, 1, ANY, new ArrayList<>()) != null;
  }

  /** A value that the database has refused, it would refuse again. */
  private static boolean isRefused(Throwable failure) {
    return Causes.has(failure, RejectedEntryException.class);
  }

  /** Its row if the execution is parked: a retry tries the effect anew, whatever its body does. */
  StepRow parkingRow() {
    return row.failing(FailureJson.write(error, List.of(row.path()), false));
  }

  /** Why the execution is parked. */
  ErrorInfo exhausted() {
    return Failures.exhausted(error, failures);
  }
}
