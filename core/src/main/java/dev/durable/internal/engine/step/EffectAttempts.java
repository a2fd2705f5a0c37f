package dev.durable.internal.engine.step;

import dev.durable.execution.ErrorInfo;
import dev.durable.execution.StepStatus;
import dev.durable.internal.codec.JsonValue;
import dev.durable.internal.engine.run.Attempt;
import dev.durable.internal.engine.run.ParkedError;
import dev.durable.internal.engine.run.RunLog;
import dev.durable.internal.engine.run.RunState;
import dev.durable.internal.engine.run.StoppedError;
import dev.durable.internal.engine.run.SuspendedError;
import dev.durable.internal.engine.run.Uncommitted;
import dev.durable.internal.store.journal.StepRow;
import dev.durable.json.TypeRef;
import dev.durable.retry.RetryPolicy;
import dev.durable.workflow.EffectFailedException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;

/**
 * Runs the attempts of an effect until one has a result. A failed attempt is a row; before the next
 * one the body rests, as it does for a wait. A failure without a further attempt is remembered. All
 * that only with a retry policy: without one the body decides what a failure means.
 */
final class EffectAttempts {

  private final BodyScope scope;
  private final RunState run;
  private final Attempt body;

  EffectAttempts(BodyScope scope) {
    this.scope = scope;
    this.run = scope.run();
    this.body = scope.attempt();
  }

  /**
   * The result of an effect.
   *
   * @param attempt one attempt, which commits the result
   */
  JsonValue run(EffectTask task, Callable<JsonValue> attempt) throws Exception {
    RetryPolicy retry = task.retry();
    if (retry == null) {
      body.requireDoing(task.path());
      try {
        return attempt.call();
      } catch (Exception failure) {
        run.unrecorded().failed(task.path(), failure);
        throw failure;
      }
    }
    requireReentrant(task.path());
    requireHope(task.path());
    body.requireDoing(task.path());
    requireDue(task.path());
    while (true) {
      long beganAt = System.nanoTime();
      try {
        return attempt.call();
      } catch (Throwable thrown) {
        requireFailure(thrown);
        failed(task, retry, thrown, beganAt);
      }
    }
  }

  private void requireReentrant(String path) {
    if (body.isAtMostOnce()) {
      throw new IllegalStateException(
          "Effect '"
              + path
              + "' cannot be retried: its at-most-once step is never begun twice. Retry in a step"
              + " of its own.");
    }
  }

  /**
   * @throws EffectFailedException if it has failed for good
   */
  private void requireHope(String path) {
    ErrorInfo error = scope.failure(path, path);
    if (error != null) {
      throw new EffectFailedException(path, error);
    }
  }

  /**
   * @throws SuspendedError if the next attempt is due later
   */
  private void requireDue(String path) {
    Duration rest = run.history().attempts().untilDue(path);
    if (!rest.isZero()) {
      throw scope.rests(rest);
    }
  }

  // ---- one attempt ----

  /** One attempt of an effect that is no transaction. */
  <R> JsonValue attempt(EffectTask task, TypeRef<R> type, Callable<? extends R> code)
      throws Exception {
    scope.requireWanted();
    long beganAt = System.nanoTime();
    R result = new EffectCall(scope, task).call(code);
    if (scope.hasLeftHere()) {
      // Its code waits for something, and has kept that from being seen.
      throw new SuspendedError();
    }
    JsonValue data = run.services().results().encode(task.path(), type, result);
    commit(task.row(run.history(), StepStatus.COMPLETED, data.json(), null, beganAt));
    return data;
  }

  private void commit(StepRow row) {
    run.journal().commit(body, Uncommitted.of(List.of(row)), () -> {});
  }

  // ---- its failure ----

  /** Lets errors through that unwind the body, and are no failures. */
  private void requireFailure(Throwable thrown) {
    scope.requireWanted();
    if (thrown instanceof StoppedError error) {
      throw error;
    }
    if (thrown instanceof SuspendedError || thrown instanceof ParkedError) {
      throw new SuspendedError();
    }
  }

  /**
   * Records a failure. Returns if the next attempt may begin at once.
   *
   * @throws EffectFailedException if there will be no other attempt
   * @throws ParkedError if a person decides on further ones
   * @throws SuspendedError if the next attempt is due later
   */
  private void failed(EffectTask task, RetryPolicy policy, Throwable thrown, long beganAt) {
    String path = task.path();
    FailedAttempt failed =
        FailedAttempt.of(
            thrown, policy, task.row(run.history(), StepStatus.FAILED, null, null, beganAt), run);
    StepRow row = failed.row();
    Duration wait = failed.pause();
    RunLog.attemptFailed(run.claimed(), path, row.attempt(), failed.error(), wait);
    if (failed.parks() && body.compensates() == null) {
      body.parks(failed.exhausted(), List.of(failed.parkingRow()));
      throw new ParkedError("the effect '" + path + "' has used up its attempts");
    }
    commit(row.wakingIn(wait));
    if (wait == null) {
      throw new EffectFailedException(path, failed.error());
    }
    if (!wait.isZero()) {
      throw scope.rests(wait);
    }
    if (body.isLeft()) {
      // Another thread of the body waits: the next attempt begins when the body is entered again.
      throw new SuspendedError();
    }
  }
}
