package dev.durable.internal.engine.step;

import dev.durable.execution.ErrorInfo;
import dev.durable.execution.StepStatus;
import dev.durable.execution.StepType;
import dev.durable.internal.codec.InternalJson;
import dev.durable.internal.codec.StepValues;
import dev.durable.internal.engine.run.RunState;
import dev.durable.internal.engine.run.WaitResult;
import dev.durable.internal.engine.wait.WaitLimit;
import dev.durable.internal.engine.wait.WaitRunner;
import dev.durable.internal.engine.wait.WaitTarget;
import dev.durable.internal.store.journal.StepRow;
import dev.durable.json.JsonException;
import dev.durable.wait.WaitOutcome;
import java.time.Duration;
import java.util.List;
import java.util.function.Function;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The waits of a body, for whatever they are: under a name of their own, with a readable end. */
final class BodyWaits {

  private static final Logger LOG = LoggerFactory.getLogger(BodyWaits.class);

  private final BodyScope scope;
  private final RunState run;
  private final WaitRunner runner;

  /**
   * @param waitsOnly whether the body does nothing but wait
   */
  BodyWaits(BodyScope scope, boolean waitsOnly) {
    this.scope = scope;
    this.run = scope.run();
    this.runner = new WaitRunner(run, scope.attempt(), waitsOnly);
  }

  /** Waits under a name that the body uses for no other purpose. */
  WaitResult await(String path, WaitLimit limit, WaitTarget target) {
    scope.requireFree(path, target.purpose());
    return runner.await(path, limit, target);
  }

  /** Whether this body asks for the wait at this path for the first time. */
  boolean isNew(String path) {
    return runner.isNew(path);
  }

  /** Asks a question that comes before a wait; without an answer of the database the body waits. */
  <T> T answered(Supplier<T> question) {
    return runner.answered(question);
  }

  /**
   * The value that a wait received. An unreadable value parks the execution; if it still cannot be
   * read after an operator's retry, it is set aside, and the body waits anew.
   */
  <T> T received(String path, Supplier<WaitResult> wait, Function<WaitResult, T> reading) {
    while (true) {
      WaitResult result = wait.get();
      try {
        return reading.apply(result);
      } catch (JsonException unreadable) {
        if (!run.history().facts().waitsAnew(path)) {
          String what = "What was received at '" + path + "'";
          throw scope.parks(what, List.of(unreadableMark(path, unreadable)), unreadable);
        }
        LOG.warn(
            "Execution {}: what was received at '{}' still cannot be read; it waits anew",
            run.id(),
            path);
      }
    }
  }

  /** Lets a worker that takes the execution over know that the value could not be read. */
  private StepRow unreadableMark(String path, JsonException why) {
    ErrorInfo error = StepValues.unreadable("What was received", path, why);
    return new StepRow(
        run.history().nextSeq(path),
        path,
        StepType.WAIT,
        // The wait's own row may have been written since the history was read.
        run.history().attempts().recorded(path) + 2,
        StepStatus.FAILED,
        null,
        InternalJson.write(error),
        Duration.ZERO,
        false);
  }

  /**
   * How a wait ended.
   *
   * @param what what it waited for, and where
   * @param value reads what it received
   */
  static <T> WaitOutcome<T> outcome(WaitResult result, String what, Supplier<T> value) {
    if (result.isReceived()) {
      return new WaitOutcome.Received<>(value.get());
    }
    return result.isTimedOut()
        ? new WaitOutcome.TimedOut<>(what)
        : new WaitOutcome.Cancelled<>(what);
  }
}
