package dev.durable.internal.engine;

import dev.durable.internal.engine.run.RetryPauses;
import dev.durable.internal.engine.run.RunState;
import java.time.Duration;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;

/**
 * Watches the deadline of a run. The worker's clock only says when to ask; the database's decides.
 * A deadline that was moved is watched anew, for as long as there is one.
 */
final class Deadline {

  private static final Duration SHORTEST = Duration.ofMillis(10);

  private final RunState run;
  private final Runnable timeIsUp;
  private final RetryPauses pauses = new RetryPauses();
  private volatile @Nullable Future<?> next;

  /**
   * @param timeIsUp is called when the deadline has passed
   */
  Deadline(RunState run, Runnable timeIsUp) {
    this.run = run;
    this.timeIsUp = timeIsUp;
  }

  /** Asks the database when this time is over. */
  void watch(Duration remaining) {
    Duration wait = remaining.compareTo(SHORTEST) < 0 ? SHORTEST : remaining;
    next = run.services().timers().after(wait, this::check);
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
      left = run.services().queries().untilDeadline(run.owner());
      pauses.over();
    } catch (Throwable unanswered) {
      watch(pauses.next("check the deadline of execution " + run.id(), unanswered));
      return;
    }
    if (left == null) {
      // The deadline was removed, or the execution belongs to another run.
      return;
    }
    if (left.isPositive()) {
      watch(left);
    } else {
      timeIsUp.run();
    }
  }
}
