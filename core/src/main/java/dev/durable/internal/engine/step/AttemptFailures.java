package dev.durable.internal.engine.step;

import dev.durable.execution.ErrorInfo;
import dev.durable.execution.StepStatus;
import dev.durable.internal.codec.InternalJson;
import dev.durable.internal.engine.run.Attempt;
import dev.durable.internal.engine.run.ParkedException;
import dev.durable.internal.engine.run.RunLog;
import dev.durable.internal.engine.run.RunState;
import dev.durable.internal.engine.run.StepFailure;
import dev.durable.internal.engine.run.Strand;
import dev.durable.internal.engine.run.Suspension;
import dev.durable.internal.store.journal.StepRow;
import dev.durable.internal.transaction.BodyFailedException;
import dev.durable.internal.transaction.RolledBackException;
import dev.durable.retry.RetryPolicy;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/** Ends attempts that have failed, and decides when the next one begins. */
final class AttemptFailures {

  private static final long LOOK_AGAIN_NANOS = TimeUnit.MILLISECONDS.toNanos(250);

  private final Strand strand;
  private final RunState run;

  AttemptFailures(Strand strand) {
    this.strand = strand;
    this.run = strand.run();
  }

  /**
   * Records a failure. Returns if the next attempt may begin at once.
   *
   * @throws StepFailure if there will be no other attempt
   * @throws ParkedException if a person decides on further ones
   * @throws Suspension if the next attempt is due later
   */
  void failed(StepTask task, Attempt attempt, Throwable thrown)
      throws StepFailure, ParkedException, Suspension {
    boolean timedOut = thrown instanceof BodyCall.TimedOut;
    // A failure after the body's end is not the body's fault, but another attempt would bring the
    // same value.
    boolean retryable =
        timedOut
            || !attempt.isOver()
            || thrown instanceof RolledBackException
            || thrown instanceof BodyFailedException;
    if (timedOut) {
      attempt.forgetTentative(run.waits());
    } else {
      strand.leave(attempt);
    }
    FailedAttempt failed =
        FailedAttempt.of(
            failure(thrown),
            retryable ? task.retry() : RetryPolicy.none(),
            attempt.end(run.history(), StepStatus.FAILED, null, null),
            run);
    StepRow row = failed.row();
    Duration wait = failed.pause();
    RunLog.attemptFailed(run.claimed(), task.path(), attempt.number(), failed.error(), wait);
    if (wait == null) {
      strand.hold(row);
      strand.closeWaits(task.path(), Set.of());
      if (failed.parks() && task.compensates() == null) {
        throw new ParkedException(failed.exhausted());
      }
      throw new StepFailure(failed.error());
    }
    if (!wait.isZero()) {
      strand.hold(row.wakingIn(wait));
      throw new Suspension(wait, task.path());
    }
    strand.commit(row.wakingIn(wait));
  }

  /** The failure of an attempt as its user sees it. */
  static Throwable failure(Throwable thrown) {
    return switch (thrown) {
      case BodyCall.TimedOut timedOut -> timedOut.asFailure();
      case RolledBackException rolledBack -> causeOf(rolledBack);
      case BodyFailedException failed -> causeOf(failed);
      default -> thrown;
    };
  }

  private static Throwable causeOf(Exception wrapper) {
    return wrapper.getCause() == null ? wrapper : wrapper.getCause();
  }

  /**
   * Waits after a transaction that was rolled back, and not by its body: that does not count as an
   * attempt, and the body runs again after a pause.
   */
  void rolledBack(Attempt attempt, Duration pause) throws StepFailure, Suspension {
    strand.end(attempt);
    if (!attempt.staysHidden() && attempt.isOpened()) {
      ErrorInfo lost =
          ErrorInfo.of(ErrorInfo.WORKER_LOST, "The transaction was rolled back.", attempt.path());
      strand.commit(attempt.end(run.history(), StepStatus.FAILED, null, InternalJson.write(lost)));
    }
    Duration left = rest(pause, strand::requireWanted, run::isDraining);
    if (!left.isZero()) {
      throw new Suspension(left, attempt.path());
    }
  }

  /**
   * Rests on this thread.
   *
   * @param requireWanted throws if the rest is in vain
   * @param ends whether the rest is to end early
   * @return the time that is left then; zero if it has passed
   */
  static Duration rest(Duration time, Runnable requireWanted, BooleanSupplier ends) {
    long until = System.nanoTime() + time.toNanos();
    for (long left = time.toNanos(); left > 0; left = until - System.nanoTime()) {
      requireWanted.run();
      if (ends.getAsBoolean()) {
        return Duration.ofNanos(left);
      }
      rest(Math.min(left, LOOK_AGAIN_NANOS));
    }
    return Duration.ZERO;
  }

  private static void rest(long nanos) {
    try {
      TimeUnit.NANOSECONDS.sleep(nanos);
    } catch (InterruptedException woken) {
      // The caller looks up next whether the run is over.
    }
  }
}
