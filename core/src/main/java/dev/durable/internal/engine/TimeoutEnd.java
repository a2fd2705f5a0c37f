package dev.durable.internal.engine;

import dev.durable.execution.ErrorInfo;
import dev.durable.execution.StepStatus;
import dev.durable.internal.codec.InternalJson;
import dev.durable.internal.engine.run.Attempt;
import dev.durable.internal.engine.run.RunState;
import dev.durable.internal.engine.run.StoppedError;
import dev.durable.internal.engine.run.Strand;
import dev.durable.internal.engine.run.Uncommitted;
import dev.durable.internal.store.journal.StepRow;
import dev.durable.internal.store.journal.Transition;
import dev.durable.internal.store.worker.DeadlineError;
import dev.durable.workflow.CompensationTrigger;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Ends an execution whose deadline has passed: its bodies are stopped, and count as timed out. */
final class TimeoutEnd {

  private final RunState run;
  private final Strand root;
  private final RunEnd end;

  TimeoutEnd(RunState run, Strand root, RunEnd end) {
    this.run = run;
    this.root = root;
    this.end = end;
  }

  /**
   * Stops the walk and commits the end.
   *
   * @return the transition that has been committed; null if none was
   * @throws StoppedError if the execution belongs to another run
   */
  @Nullable Transition commit() {
    List<StepRow> rows = new ArrayList<>();
    String path = null;
    for (Attempt running : run.bodies().all()) {
      if (running.takeAway()) {
        path = running.path();
        String error = InternalJson.write(error(path));
        rows.add(running.end(run.history(), StepStatus.FAILED, null, error));
      }
    }
    root.interrupt();
    // Steps that have completed meanwhile count: they may have to be undone.
    Uncommitted kept = root.stop();
    Transition failed = end.failed(error(path), undoes(), kept);
    return end.commit(
        run.journal().entry(Uncommitted.of(rows).and(kept), failed),
        refused -> run.journal().entry(Uncommitted.NOTHING, failed));
  }

  /** Whether completed steps are undone after a timeout. */
  boolean undoes() {
    return run.workflow().compensatesOn(CompensationTrigger.TIMEOUT);
  }

  /**
   * The error of the execution.
   *
   * @param path the step whose body runs, or null
   */
  ErrorInfo error(@Nullable String path) {
    return DeadlineError.of(path == null ? place() : path, run.history().attempts().lastFailure());
  }

  /** The path where the execution waits, or else has failed last, as far as that is known. */
  private @Nullable String place() {
    String waits = run.waits().first();
    ErrorInfo last = run.history().attempts().lastFailure();
    return waits == null && last != null ? last.step() : waits;
  }
}
