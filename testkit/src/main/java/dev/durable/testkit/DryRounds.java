package dev.durable.testkit;

import dev.durable.execution.ErrorInfo;
import dev.durable.execution.StepStatus;
import dev.durable.internal.codec.JsonValue;
import dev.durable.internal.text.NodePath;
import dev.durable.retry.NonRetryableException;
import dev.durable.workflow.Node;
import dev.durable.workflow.StepFunction;

/** Runs the rounds of a repeat. */
final class DryRounds {

  private final DryExecution run;
  private final DryUndoing undoing;

  DryRounds(DryExecution run) {
    this.run = run;
    this.undoing = new DryUndoing(run.workflow());
  }

  JsonValue repeat(Node.Repeat repeat, NodePath where, JsonValue input) throws DryFailure, DryJump {
    String path = where.text();
    JsonValue data = input;
    for (int number = 1; ; number++) {
      data = new DryWalk(run).sequence(repeat.path().children(), where.part(number - 1), data);
      boolean done = isDone(repeat, path, data);
      if (number >= 2) {
        forget(where.part(number - 2).text());
      }
      if (done) {
        run.history().round(path, number, StepStatus.COMPLETED, data.json(), null);
        return data;
      }
      if (repeat.rounds().limit().orElse(Integer.MAX_VALUE) <= number) {
        throw limitReached(path, number, data);
      }
      run.history().round(path, number, StepStatus.WAITING, data.json(), null);
      run.pass(repeat.rounds().pauseAfter(number), path);
    }
  }

  private void forget(String round) {
    if (!run.history().hasUndoBelow(round)) {
      run.history().forget(round, undoing::isNeeded);
    }
  }

  private DryFailure limitReached(String path, int number, JsonValue data) {
    ErrorInfo error =
        ErrorInfo.of(
            ErrorInfo.REPEAT_LIMIT,
            "'" + path + "' was not done after " + number + " rounds; its limit is " + number + ".",
            path);
    run.history().round(path, number, StepStatus.FAILED, data.json(), error);
    return new DryFailure(error);
  }

  private boolean isDone(Node.Repeat repeat, String path, JsonValue data) throws DryFailure {
    @SuppressWarnings("unchecked") // The builder's signatures made sure that the types fit.
    StepFunction<Object, Boolean> until = (StepFunction<Object, Boolean>) repeat.done();
    try {
      Boolean done = until.apply(run.read(path, data.copy(), repeat.input()));
      if (done == null) {
        throw new NonRetryableException("The until(…) of '" + path + "' returned null.");
      }
      return done;
    } catch (DryStop stop) {
      throw stop;
    } catch (Throwable failure) {
      throw DryWalk.failure(failure, path);
    }
  }
}
