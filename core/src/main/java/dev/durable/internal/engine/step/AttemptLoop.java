package dev.durable.internal.engine.step;

import dev.durable.execution.ErrorInfo;
import dev.durable.internal.codec.JsonValue;
import dev.durable.internal.engine.run.Attempt;
import dev.durable.internal.engine.run.BodySuspension;
import dev.durable.internal.engine.run.ParkedException;
import dev.durable.internal.engine.run.RunState;
import dev.durable.internal.engine.run.StepFailure;
import dev.durable.internal.engine.run.Strand;
import dev.durable.internal.engine.run.Suspension;
import dev.durable.internal.journal.FencedException;
import dev.durable.internal.transaction.RolledBackException;
import java.time.Duration;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Runs the attempts of a body until one has a result. A failure without a further attempt ends the
 * walk; a pause before the next attempt, or a wait of the body, suspends it.
 */
public final class AttemptLoop {

  private final Strand strand;
  private final RunState run;
  private final AttemptFailures failures;
  private final AtMostOnceMark mark;

  AttemptLoop(Strand strand) {
    this.strand = strand;
    this.run = strand.run();
    this.failures = new AttemptFailures(strand);
    this.mark = new AtMostOnceMark(strand);
  }

  /** One attempt's work: calls the body, and ends the attempt. */
  interface Work {
    JsonValue of(Attempt attempt) throws Exception;
  }

  /** One attempt to handle the failure of a body: makes another result, and ends the attempt. */
  interface Handler {
    JsonValue of(Attempt attempt, ErrorInfo failure) throws Exception;
  }

  /** Runs a body that is due, once one more body of this execution may run. */
  JsonValue run(StepTask task, Work work) throws StepFailure, Suspension, ParkedException {
    String path = task.path();
    run.history().attempts().refuseIfFailed(path);
    Duration rest = run.history().attempts().untilDue(path);
    if (!rest.isZero()) {
      throw new Suspension(rest, path);
    }
    return inTurn(task, work);
  }

  /** The same; a failure without a further attempt is committed, and then handled. */
  JsonValue run(StepTask task, Work work, @Nullable Handler handler)
      throws StepFailure, Suspension, ParkedException {
    try {
      return run(task, work);
    } catch (StepFailure failure) {
      ErrorInfo error = failure.error();
      // A row of an earlier step may be refused only now.
      boolean own = task.path().equals(error.step());
      if (handler == null
          || !own
          || !run.history().attempts().isToBeHandled(task.path(), task.atMostOnce())) {
        throw failure;
      }
      return inTurn(task.handler(), attempt -> handler.of(attempt, error));
    }
  }

  private JsonValue inTurn(StepTask task, Work work)
      throws StepFailure, Suspension, ParkedException {
    String path = task.path();
    strand.flush(path);
    awaitTurn(path);
    try {
      return runInTurn(task, work);
    } finally {
      run.bodies().giveTurnBack();
    }
  }

  /** Waits until one more body of this execution may run. */
  private void awaitTurn(String path) throws StepFailure, Suspension {
    if (run.bodies().tryTakeTurn()) {
      return;
    }
    while (!run.bodies().takeTurn()) {
      strand.requireWanted();
    }
    try {
      // The wait may have taken long.
      strand.flush(path);
    } catch (Throwable unwanted) {
      run.bodies().giveTurnBack();
      throw unwanted;
    }
  }

  private JsonValue runInTurn(StepTask task, Work work)
      throws StepFailure, Suspension, ParkedException {
    Repeats repeats = null;
    while (true) {
      Attempt attempt = task.attempt(run.history().attempts().recorded(task.path()) + 1);
      if (task.atMostOnce()) {
        mark.commit(attempt);
      }
      try {
        strand.begin(attempt);
        return new BodyCall(strand, attempt).call(task.timeout(), () -> work.of(attempt));
      } catch (ParkedException unreadable) {
        throw parked(attempt, unreadable);
      } catch (Throwable thrown) {
        requireWanted(attempt, thrown);
        ErrorInfo parked = attempt.parked();
        if (parked != null && !(thrown instanceof BodyCall.TimedOut)) {
          throw parked(attempt, new ParkedException(parked));
        }
        if (attempt.suspension() != null && !(thrown instanceof BodyCall.TimedOut)) {
          throw suspended(attempt);
        }
        if (thrown instanceof RolledBackException rolledBack) {
          repeats = repeats == null ? new Repeats() : repeats;
          Duration pause = repeats.next(rolledBack.reason());
          if (pause != null) {
            repeats.log(run.id(), task.path(), rolledBack, pause);
            failures.rolledBack(attempt, pause);
            continue;
          }
        }
        failures.failed(task, attempt, thrown);
      } finally {
        strand.settled();
      }
    }
  }

  /**
   * A throwable of a body is its failure, even an error of the engine that it has kept, unless the
   * body was stopped.
   */
  private void requireWanted(Attempt attempt, Throwable thrown) {
    if (thrown instanceof FencedException) {
      run.abandon(RunState.NOT_OURS);
    }
    if (strand.isStopped()) {
      if (!run.isStopped()) {
        run.bodies().ended(attempt);
      }
      throw strand.stoppedError();
    }
  }

  /** The body waits: this attempt leaves no row, and begins again when the wait is over. */
  private Suspension suspended(Attempt attempt) {
    strand.leave(attempt);
    attempt.comesAgain(run.history());
    BodySuspension waits = Objects.requireNonNull(attempt.suspension());
    strand.forget(attempt.hide());
    strand.hold(waits.uncommitted());
    if (!waits.unanswered()) {
      strand.closeWaits(attempt.path(), waits.open().keySet());
    }
    waits.open().forEach(run.waits()::opened);
    return new Suspension(waits.wake(), attempt.path());
  }

  /** This attempt leaves no row: it begins again once the value can be read. */
  private ParkedException parked(Attempt attempt, ParkedException why) {
    strand.leave(attempt);
    strand.forget(attempt.hide());
    return why;
  }
}
