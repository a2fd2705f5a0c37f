package dev.durable.internal.engine.step;

import dev.durable.execution.ErrorInfo;
import dev.durable.internal.engine.run.Attempt;
import dev.durable.internal.engine.run.RunState;
import dev.durable.internal.engine.run.StepFailure;
import dev.durable.internal.engine.run.Strand;

/**
 * The committed mark that the body of an at-most-once step is about to run. A mark without an end
 * keeps the body from running again.
 */
final class AtMostOnceMark {

  private final Strand strand;
  private final RunState run;

  AtMostOnceMark(Strand strand) {
    this.strand = strand;
    this.run = strand.run();
  }

  /**
   * Commits the mark of an attempt.
   *
   * @throws StepFailure if an earlier mark has no end, or the database refuses what is committed
   *     with this one
   */
  void commit(Attempt attempt) throws StepFailure {
    if (run.history().attempts().isLost(attempt.path())) {
      throw new StepFailure(
          ErrorInfo.of(
              ErrorInfo.WORKER_LOST,
              "Its worker was lost while the body of this at-most-once step may have run. Find"
                  + " out whether it took effect; a retry would run it again.",
              attempt.path()));
    }
    Attempt.Showing mark = attempt.show(run.history());
    if (mark != null) {
      boolean stored = false;
      try {
        strand.commit(mark.row());
        stored = true;
      } finally {
        mark.stored().complete(stored);
      }
    }
  }
}
