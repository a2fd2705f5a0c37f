package dev.durable.testkit;

import dev.durable.execution.ErrorInfo;
import dev.durable.execution.StepType;
import dev.durable.internal.codec.JsonValue;
import dev.durable.retry.RetryPolicy;
import dev.durable.workflow.StepSettings;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** Runs a body until it succeeds or its policy gives up; the pauses are over at once. */
final class DryAttempts {

  private final DryExecution run;

  DryAttempts(DryExecution run) {
    this.run = run;
  }

  /** One attempt; its result is committed. */
  interface Work {
    JsonValue of(DryAttempt attempt) throws Exception;
  }

  /** Makes a result of a failure. */
  interface Handler {
    JsonValue of(DryAttempt attempt, ErrorInfo failure) throws Exception;
  }

  JsonValue run(StepType type, String path, RetryPolicy retry, Work work) throws DryFailure {
    return toTheEnd(type, path, retry, false, work);
  }

  /** The same for a node; a failure for good is handled. */
  JsonValue run(
      StepType type, String path, StepSettings settings, Work work, @Nullable Handler handler)
      throws DryFailure {
    try {
      return toTheEnd(type, path, settings.retry(), settings.atMostOnce(), work);
    } catch (DryFailure failure) {
      if (handler == null) {
        throw failure;
      }
      return handled(type, path, failure.error(), handler);
    }
  }

  private JsonValue toTheEnd(
      StepType type, String path, RetryPolicy retry, boolean atMostOnce, Work work)
      throws DryFailure {
    if (type != StepType.COMPENSATION) {
      run.requireWanted(path);
    }
    while (true) {
      run.history().begins(path, run.clock().now());
      DryAttempt attempt =
          new DryAttempt(path, type, run.history().attempts(path) + 1, atMostOnce, null);
      try {
        JsonValue data = work.of(attempt);
        run.history().completed(path, type, attempt.number(), data.json());
        return data;
      } catch (DryStop stop) {
        attempt.requireNoMisuse();
        throw stop;
      } catch (Throwable thrown) {
        attempt.requireGoing();
        run.pass(failed(attempt, attempt.isOver() ? RetryPolicy.none() : retry, thrown), path);
      } finally {
        attempt.closes();
      }
    }
  }

  private JsonValue handled(StepType type, String path, ErrorInfo failure, Handler handler)
      throws DryFailure {
    DryAttempt attempt = new DryAttempt(path, type, run.history().attempts(path) + 1);
    try {
      JsonValue data = handler.of(attempt, failure);
      run.history().completed(path, type, attempt.number(), data.json(), failure);
      return data;
    } catch (DryStop stop) {
      attempt.requireNoMisuse();
      throw stop;
    } catch (Throwable thrown) {
      attempt.requireGoing();
      throw new IllegalStateException(
          "tried again after " + failed(attempt, RetryPolicy.none(), thrown));
    } finally {
      attempt.closes();
    }
  }

  /** Records a failure. Returns the pause before the next attempt. */
  private Duration failed(DryAttempt attempt, RetryPolicy policy, Throwable thrown)
      throws DryFailure {
    String path = attempt.path();
    DryFailedAttempt failed = DryFailedAttempt.of(run, policy, thrown, path);
    run.history().failed(path, attempt.type(), attempt.number(), failed.error());
    if (failed.parks() && attempt.type() != StepType.COMPENSATION) {
      throw new DryStop.Parks(DryErrors.exhausted(failed.error(), failed.failures()));
    }
    if (failed.pause() == null) {
      throw new DryFailure(failed.error());
    }
    return failed.pause();
  }
}
