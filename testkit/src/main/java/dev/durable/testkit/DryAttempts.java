package dev.durable.testkit;

import dev.durable.execution.ErrorInfo;
import dev.durable.execution.StepType;
import dev.durable.internal.codec.JsonValue;
import dev.durable.retry.RetryPolicy;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** Runs a body until it succeeds or its policy gives up; the pauses are over at once. */
final class DryAttempts {

  /** What jitter makes of the middle. */
  private static final double NO_JITTER = 0.5;

  private final DryExecution run;

  DryAttempts(DryExecution run) {
    this.run = run;
  }

  /** One attempt; its result is committed. */
  interface Work {
    JsonValue of(DryAttempt attempt) throws Exception;
  }

  JsonValue run(StepType type, String path, RetryPolicy retry, Work work) throws DryFailure {
    run.requireWanted(path);
    while (true) {
      DryAttempt attempt = new DryAttempt(path, type, run.history().attempts(path) + 1);
      try {
        JsonValue data = work.of(attempt);
        run.history().completed(path, type, attempt.number(), data.json());
        return data;
      } catch (DryStop stop) {
        throw stop;
      } catch (Throwable thrown) {
        attempt.requireGoing();
        failed(attempt, attempt.isOver() ? RetryPolicy.none() : retry, thrown);
      }
    }
  }

  private void failed(DryAttempt attempt, RetryPolicy policy, Throwable thrown) throws DryFailure {
    String path = attempt.path();
    List<Throwable> broken = new ArrayList<>();
    int failures = run.history().failures(path) + 1;
    boolean again = policy.allows(thrown, failures, broken::add);
    boolean parks =
        !again
            && attempt.type() != StepType.COMPENSATION
            && policy.parks(thrown, failures, broken::add);
    ErrorInfo error = DryErrors.of(thrown, path, broken);
    run.history().failed(path, attempt.type(), attempt.number(), error);
    if (parks) {
      throw new DryStop.Parks(DryErrors.exhausted(error, failures));
    }
    if (!again) {
      throw new DryFailure(error);
    }
    pause(path, policy, thrown, failures);
  }

  /** The pause before another attempt. */
  void pause(String path, RetryPolicy policy, Throwable thrown, int failures) {
    Duration pause = policy.delay(thrown, failures, NO_JITTER);
    run.pass(pause, path);
  }
}
