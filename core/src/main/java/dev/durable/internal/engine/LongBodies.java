package dev.durable.internal.engine;

import dev.durable.internal.engine.run.Attempt;
import dev.durable.internal.engine.run.RunState;
import dev.durable.internal.engine.run.Uncommitted;
import dev.durable.internal.journal.FencedException;
import java.util.List;

/** Shows in the history the bodies of one run that have been running for long. */
final class LongBodies {

  private final RunState run;

  LongBodies(RunState run) {
    this.run = run;
  }

  /** Shows each body that has been running for at least so many nanoseconds. */
  void show(long nanos) {
    for (Attempt running : run.bodies().all()) {
      if (running.runsFor(nanos)) {
        show(running);
      }
    }
  }

  private void show(Attempt running) {
    Attempt.Showing showing = running.show(run.history());
    if (showing == null) {
      return;
    }
    try {
      run.offer(Uncommitted.of(List.of(showing.row())))
          .whenComplete(
              (done, failure) -> {
                // An end that came first also keeps the row out; it finds out by itself whether
                // the execution has another owner.
                if (failure instanceof FencedException && running.isShown()) {
                  run.abandon(RunState.NOT_OURS);
                }
                showing.stored().complete(failure == null);
              });
    } catch (Throwable failure) {
      showing.stored().complete(false);
      throw failure;
    }
  }
}
