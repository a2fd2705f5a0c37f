package dev.durable.internal.engine;

import dev.durable.execution.ErrorInfo;
import dev.durable.execution.ExecutionStatus;
import dev.durable.execution.StepStatus;
import dev.durable.execution.StepType;
import dev.durable.internal.codec.InternalJson;
import dev.durable.internal.engine.flow.WalkResult;
import dev.durable.internal.engine.run.Failures;
import dev.durable.internal.engine.run.RunState;
import dev.durable.internal.engine.run.WorkflowTries;
import dev.durable.internal.store.journal.StepRow;
import dev.durable.internal.store.journal.Transition;
import dev.durable.internal.store.journal.WakeCondition;
import dev.durable.retry.RetryPolicy;
import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/** Asks the policy of the whole workflow what becomes of an execution that has failed. */
final class WorkflowRetry {

  private static final String MARK = StepType.RETRY.text();

  private final RunState run;
  private final RetryPolicy policy;
  private final WorkflowTries tries;

  WorkflowRetry(RunState run) {
    this.run = run;
    this.policy = run.workflow().retryWorkflow();
    this.tries = run.history().tries();
  }

  /** The rest before the next try; null if that has begun. */
  @Nullable Transition rest() {
    Duration left = tries.untilDue();
    return left.isZero() ? null : rest(left, tries.error());
  }

  private static Transition rest(Duration wait, @Nullable ErrorInfo error) {
    return new Transition(
        ExecutionStatus.WAITING,
        null,
        error == null ? null : InternalJson.write(error),
        error == null ? null : error.step(),
        WakeCondition.after(wait));
  }

  /** The outcome of a walk that a failure has ended. */
  WalkResult after(ErrorInfo error) {
    if (tries.isLasting(error)) {
      return new WalkResult.Failed(error, true);
    }
    int failed = tries.failed() + 1;
    boolean allowed = failed < policy.maxAttempts();
    Duration wait =
        allowed ? policy.delay(failed, ThreadLocalRandom.current().nextDouble()) : Duration.ZERO;
    Duration spent = tries.sinceFirst();
    boolean late =
        allowed
            && policy
                .timeLimit()
                .filter(limit -> limit.minus(spent).compareTo(wait) < 0)
                .isPresent();
    if (allowed && !late) {
      return new WalkResult.Again(mark(error, failed, wait), rest(wait, error));
    }
    if (policy.isParking()) {
      return new WalkResult.Parked(Failures.triesExhausted(error, failed));
    }
    return new WalkResult.Failed(
        late ? Failures.triedTooLate(error, failed, spent, policy) : error, true);
  }

  private StepRow mark(ErrorInfo error, int failed, Duration wait) {
    return new StepRow(
            run.history().nextSeq(MARK),
            MARK,
            StepType.RETRY,
            failed,
            StepStatus.FAILED,
            null,
            InternalJson.write(error),
            Duration.ZERO,
            false)
        .wakingIn(wait);
  }
}
