package dev.durable.internal.engine.wait;

import dev.durable.DatabaseUnavailableException;
import dev.durable.internal.engine.run.Attempt;
import dev.durable.internal.engine.run.BodySuspension;
import dev.durable.internal.engine.run.PendingWait;
import dev.durable.internal.engine.run.RunState;
import dev.durable.internal.engine.run.SuspendedError;
import dev.durable.internal.store.client.WaitStore.Expiry;
import dev.durable.internal.store.journal.WakeCondition;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Asks the database whether waits of a body are due: the worker's clock only says when to ask.
 * Without an answer the body is suspended, and asks again after a pause that grows.
 */
final class WaitClock {

  private static final Duration SHORTEST = Duration.ofMillis(50);

  private final RunState run;
  private final Attempt attempt;

  WaitClock(RunState run, Attempt attempt) {
    this.run = run;
    this.attempt = attempt;
  }

  /**
   * The database's answer about a wait that may be over.
   *
   * @param open the wait, with the time that it still takes by the database's clock
   */
  record Due(Expiry expiry, PendingWait open) {}

  /**
   * Ends a wait that is due. Of a timeout and a signal at the same moment, one wins; a sleep gets
   * no signals.
   */
  Due due(String path, PendingWait open, List<String> signals) {
    if (!mayBeDue(open)) {
      return new Due(Expiry.NOT_DUE, open);
    }
    return answered(
        path,
        open,
        signals,
        () -> {
          Expiry expiry =
              signals.isEmpty()
                  ? expiry(open)
                  : run.services().queries().expire(run.owner(), open.seq());
          if (expiry != Expiry.NOT_DUE || open.at() != null) {
            return new Due(expiry, open);
          }
          // Our clock was wrong: without the database's answer we would ask all the time.
          Duration left = run.services().queries().untilDue(run.id(), open.seq());
          Duration pause = left.compareTo(SHORTEST) < 0 ? SHORTEST : left;
          return new Due(expiry, open.dueIn(pause));
        });
  }

  /** Whether it is due by our clock, or only the database can tell. */
  private static boolean mayBeDue(PendingWait open) {
    Duration remaining = open.remaining();
    return open.at() != null || (remaining != null && remaining.isZero());
  }

  private Expiry expiry(PendingWait open) {
    boolean due =
        open.overdue() || run.services().queries().untilDue(run.id(), open.seq()).isZero();
    return due ? Expiry.EXPIRED : Expiry.NOT_DUE;
  }

  /**
   * Asks the database a question of the engine. A missing answer is never the body's failure.
   *
   * @throws SuspendedError if there is no answer
   */
  <T extends @Nullable Object> T answered(
      String path, PendingWait open, List<String> signals, Supplier<T> question) {
    T answer;
    try {
      answer = question.get();
    } catch (Throwable unknown) {
      WakeCondition wake = new WakeCondition(pause(unknown), null, !signals.isEmpty());
      throw suspended(BodySuspension.unanswered(wake, Map.of(path, open)));
    }
    run.pauses().over();
    return answer;
  }

  /**
   * Asks the database a question that comes before a wait. An exception that refuses the question
   * itself is let through.
   *
   * @throws SuspendedError if there is no answer
   */
  <T> T answered(Supplier<T> question) {
    try {
      return question.get();
    } catch (DatabaseUnavailableException unknown) {
      throw suspended(BodySuspension.unanswered(WakeCondition.after(pause(unknown)), Map.of()));
    }
  }

  private Duration pause(Throwable unknown) {
    return run.pauses().next("continue execution " + run.id(), unknown);
  }

  /** Leaves the body at its waits. */
  SuspendedError suspended(BodySuspension suspension) {
    attempt.suspends(suspension);
    return new SuspendedError();
  }
}
