package dev.durable.internal.engine.wait;

import dev.durable.execution.StepStatus;
import dev.durable.internal.codec.JsonValue;
import dev.durable.internal.engine.run.Attempt;
import dev.durable.internal.engine.run.PendingWait;
import dev.durable.internal.engine.run.RunState;
import dev.durable.internal.engine.run.StoppedError;
import dev.durable.internal.engine.run.TentativeWait;
import dev.durable.internal.engine.run.Uncommitted;
import dev.durable.internal.engine.run.WaitResult;
import dev.durable.internal.journal.RejectedEntryException;
import dev.durable.internal.store.client.MailboxStore.Signal;
import dev.durable.internal.store.journal.StepRow;
import dev.durable.internal.store.journal.WaitChanges;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Closes a wait that is decided. It is committed at once, like an effect; or with the result of the
 * body, if it can be decided once more.
 */
final class WaitClosing {

  private final RunState run;
  private final Attempt attempt;
  private final boolean waitsOnly;

  WaitClosing(RunState run, Attempt attempt, boolean waitsOnly) {
    this.run = run;
    this.attempt = attempt;
    this.waitsOnly = waitsOnly;
  }

  /**
   * Closes a wait.
   *
   * @param open the wait; null if it has no row yet
   * @param result its end
   * @param taken the signals that decided it
   */
  void close(
      String path,
      WaitTarget target,
      @Nullable PendingWait open,
      WaitResult result,
      List<Signal> taken) {
    JsonValue data = result.encode(target.purpose());
    StepRow row =
        open == null
            ? unopened(path, target, data)
            : open.row(path, StepStatus.COMPLETED, data.json());
    boolean timer = open != null && target.again(open).isEmpty();
    Uncommitted changes =
        timer
            ? Uncommitted.of(List.of(row))
            : Uncommitted.of(row, closing(row.seq(), open, result, taken));
    Map<String, PendingWait> upcoming = run.waits().reminders(path);
    List<StepRow> unsent = new ArrayList<>();
    upcoming.forEach((place, wait) -> unsent.add(wait.row(place, StepStatus.CANCELLED, null)));
    changes = Uncommitted.of(unsent).and(changes);
    TentativeWait decision = new TentativeWait(path, open, upcoming, taken);
    if (timer || waitsOnly) {
      // The wait can be decided once more, so it is committed with the result of the body.
      decideTentatively(decision, data, changes);
    } else {
      commit(decision, changes);
    }
  }

  /** The only row of a wait that is decided when the body comes to it. */
  private StepRow unopened(String path, WaitTarget target, JsonValue data) {
    return new StepRow(
        run.history().nextSeq(path),
        path,
        target.type(),
        run.history().attempts().recorded(path) + 1,
        StepStatus.COMPLETED,
        data.json(),
        null,
        Duration.ZERO,
        false);
  }

  private static WaitChanges closing(
      int seq, @Nullable PendingWait open, WaitResult result, List<Signal> taken) {
    WaitChanges received =
        WaitChanges.take(
            taken.stream().map(signal -> new WaitChanges.Taken(signal.id(), seq)).toList());
    if (open == null) {
      return received;
    }
    WaitChanges.Closed closed =
        result.isTimedOut() ? WaitChanges.Closed.timedOut(seq) : WaitChanges.Closed.cancelled(seq);
    return received
        .and(WaitChanges.close(closed))
        .and(WaitChanges.cancel(result.isReceived() ? null : open.child()));
  }

  private void decideTentatively(TentativeWait decision, JsonValue data, Uncommitted rows) {
    try {
      attempt.decides(decision, data.json(), rows);
    } catch (StoppedError stopped) {
      run.waits().giveBack(decision.taken());
      throw stopped;
    }
    run.waits().closed(decision.path());
  }

  private void commit(TentativeWait decision, Uncommitted rows) {
    try {
      run.journal().commit(attempt, rows, () -> run.waits().closed(decision.path()));
    } catch (StoppedError | RejectedEntryException vain) {
      if (run.history().facts().json(decision.path()) == null) {
        run.waits().giveBack(decision.taken());
      }
      throw vain;
    }
  }
}
