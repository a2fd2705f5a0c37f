package dev.durable.internal.engine;

import dev.durable.internal.engine.run.Attempt;
import dev.durable.internal.engine.run.RunState;
import dev.durable.internal.engine.run.Uncommitted;
import dev.durable.internal.journal.FencedException;
import dev.durable.internal.service.Threads;
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
      run.journal()
          .offer(Uncommitted.of(List.of(showing.row())))
          .whenComplete(
              (done, failure) -> {
                showing.stored().complete(failure == null);
                if (failure instanceof FencedException) {
                  // A body may hold its attempt's lock until the journal has room: its writer must
                  // not wait for that.
                  Threads.startVirtual(() -> abandonIfShown(running));
                }
              });
    } catch (Throwable failure) {
      showing.stored().complete(false);
      throw failure;
    }
  }

  /**
   * An end that came first also keeps the row out; it finds out by itself whether the execution has
   * another owner.
   */
  private void abandonIfShown(Attempt running) {
    if (running.isShown()) {
      run.abandon(RunState.NOT_OURS);
    }
  }
}
