package dev.durable.internal.engine;

import dev.durable.execution.ErrorInfo;
import dev.durable.execution.ExecutionStatus;
import dev.durable.execution.StepStatus;
import dev.durable.internal.journal.RejectedEntryException;
import dev.durable.internal.store.InternalJson;
import dev.durable.internal.store.StepRow;
import dev.durable.internal.store.Transition;
import dev.durable.workflow.Node;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Walks a definition's tree. Nodes with a committed result are passed by; the walk goes on at the
 * frontier.
 *
 * <p>The result of a step is held back until the walk knows what follows: before the next body runs
 * it is committed, at the end it shares one commit with the end.
 */
final class Walk {

  private final Run run;
  private final StepRunner steps;
  private @Nullable StepRow held;

  Walk(Run run) {
    this.run = run;
    this.steps = new StepRunner(run);
  }

  /** Walks until the execution leaves this node. */
  void toTheEnd() throws ParkedException {
    try {
      String output = sequence(run.workflow.root(), "", run.input).json();
      run.leave(held, new Transition(ExecutionStatus.COMPLETED, output, null, null, null));
    } catch (RejectedEntryException rejected) {
      fail(rejected);
    }
  }

  private Data sequence(Node.Sequence sequence, String path, Data input) throws ParkedException {
    Data data = input;
    for (Node child : sequence.children()) {
      data = node(child, path + child.name(), data);
    }
    return data;
  }

  private Data node(Node node, String path, Data input) throws ParkedException {
    String committed = run.history.result(path);
    if (committed != null) {
      return Data.of(committed);
    }
    flush(path);
    return switch (node) {
      case Node.Sequence inner -> sequence(inner, path + "/", input);
      case Node.Step step -> {
        StepRunner.Done done = steps.run(step, path, input);
        held = done.row();
        yield remember(path, done);
      }
      case Node.Transaction step -> remember(path, steps.run(step, path, input));
    };
  }

  private Data remember(String path, StepRunner.Done done) {
    run.history.completed(path, done.data().json());
    return done.data();
  }

  /**
   * Before another body runs, the last result must be safe. A node that drains lets somebody else
   * run that body.
   */
  private void flush(String next) {
    StepRow row = held;
    if (run.engine.isDraining()) {
      run.leave(row, new Transition(ExecutionStatus.PENDING, null, null, next, Duration.ZERO));
      throw new StoppedError();
    }
    if (row != null) {
      run.commit(row);
      held = null;
    }
  }

  /** The database refused the held result: that step failed, and would again. */
  private void fail(RejectedEntryException rejected) {
    StepRow refused = held;
    String path = refused == null ? null : refused.path();
    String error =
        InternalJson.write(
            new ErrorInfo(
                RejectedEntryException.class.getName(), Failures.message(rejected), path, null));
    StepRow failed =
        refused == null
            ? null
            : new StepRow(
                refused.seq(),
                refused.path(),
                refused.type(),
                refused.attempt(),
                StepStatus.FAILED,
                null,
                error,
                refused.elapsed(),
                refused.opened());
    run.leave(failed, new Transition(ExecutionStatus.FAILED, null, error, path, null));
  }
}
