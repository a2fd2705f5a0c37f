package dev.durable.internal.engine;

import java.time.Duration;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;

/**
 * Watches the deadline of a run. Our clock only says when to ask; the database's decides. A
 * deadline that was moved is watched anew, for as long as there is one.
 */
final class Deadline {

  private static final Duration SHORTEST = Duration.ofMillis(10);

  private final Run run;
  private final RetryPauses pauses = new RetryPauses();
  private volatile @Nullable Future<?> next;

  Deadline(Run run) {
    this.run = run;
  }

  /** Asks when this time is over. */
  void watch(Duration remaining) {
    next = run.engine.after(remaining.compareTo(SHORTEST) < 0 ? SHORTEST : remaining, this::check);
  }

  void cancel() {
    Future<?> watching = next;
    if (watching != null) {
      watching.cancel(false);
    }
  }

  private void check() {
    if (run.isStopped()) {
      return;
    }
    Duration left;
    try {
      left = run.engine.untilDeadline(run.claimed.owner());
      pauses.over();
    } catch (Throwable unanswered) {
      watch(pauses.next("check the deadline of execution " + run.claimed.owner().id(), unanswered));
      return;
    }
    if (left == null) {
      // There is none any more, or the execution belongs to another run.
      return;
    }
    if (left.isPositive()) {
      watch(left);
    } else {
      run.timeIsUp();
    }
  }
}
