package dev.durable.internal.engine.wait;

import dev.durable.execution.StepStatus;
import dev.durable.internal.engine.run.BodySuspension;
import dev.durable.internal.engine.run.DueTime;
import dev.durable.internal.engine.run.PendingWait;
import dev.durable.internal.engine.run.RunState;
import dev.durable.internal.engine.run.Uncommitted;
import dev.durable.internal.store.journal.StepRow;
import dev.durable.internal.store.journal.WaitChanges;
import dev.durable.internal.store.journal.WakeCondition;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Makes the suspension of a body at a wait that is not over: a new one, or one that is open. */
final class WaitOpening {

  private final RunState run;
  private final ReminderRunner reminders;

  WaitOpening(RunState run, ReminderRunner reminders) {
    this.run = run;
    this.reminders = reminders;
  }

  /**
   * The suspension at a new wait.
   *
   * @param begun the beginning of its target
   */
  BodySuspension begin(String path, int seq, WaitLimit limit, WaitTarget target, BegunWait begun) {
    int number = run.history().attempts().recorded(path) + 1;
    StepRow row =
        new StepRow(
            seq,
            path,
            target.type(),
            number,
            StepStatus.WAITING,
            target.purpose().toJson(),
            null,
            Duration.ZERO,
            false);
    row = limit.until() != null ? row.wakingAt(limit.until()) : row.wakingIn(limit.in());
    row = begun.child() == null ? row : row.starting(begun.child());
    WaitChanges changes = begun.changes();
    if (!begun.signals().isEmpty()) {
      changes = changes.and(opening(seq, path, target.all(), begun.signals(), false));
    }
    PendingWait open =
        new PendingWait(
            seq,
            number,
            target.type(),
            target.all(),
            begun.signals(),
            DueTime.afterAny(limit.in()),
            limit.until(),
            false,
            begun.child(),
            target.purpose());
    WakeCondition wake = wake(limit.in(), limit.until(), begun.signals());
    Map<String, PendingWait> all = new HashMap<>(Map.of(path, open));
    ReminderRunner.Upcoming upcoming = reminders.first(path, target.reminders());
    for (StepRow reminder : upcoming.rows()) {
      wake = wake.or(new WakeCondition(reminder.wakeIn(), null, false));
    }
    all.putAll(upcoming.open());
    Uncommitted changed = Uncommitted.of(row, changes).and(Uncommitted.of(upcoming.rows()));
    return new BodySuspension(changed, wake, all);
  }

  private static WaitChanges opening(
      int seq, String path, boolean all, List<String> signals, boolean again) {
    return WaitChanges.open(new WaitChanges.Opened(seq, path, all, signals, again));
  }

  private static WakeCondition wake(
      @Nullable Duration in, @Nullable Instant at, List<String> signals) {
    return new WakeCondition(in, at, !signals.isEmpty());
  }

  /**
   * The suspension at a wait that is open. The code may have changed since the last claim and now
   * wait for different events.
   */
  BodySuspension again(String path, WaitTarget target, PendingWait open, List<String> signals) {
    boolean known =
        target.early().isEmpty() || (open.signals().equals(signals) && open.all() == target.all());
    WaitChanges changes =
        known ? WaitChanges.NONE : opening(open.seq(), path, target.all(), signals, true);
    PendingWait same = open.waitingFor(signals, target.all());
    Uncommitted changed = new Uncommitted(List.of(), List.of(), changes);
    WakeCondition wake = wake(same.remaining(), same.at(), signals).or(wakeForReminders(path));
    return new BodySuspension(changed, wake, Map.of(path, same));
  }

  /** When the first of a question's reminders is due. */
  private WakeCondition wakeForReminders(String question) {
    WakeCondition wake = WakeCondition.NEVER;
    for (PendingWait next : run.waits().reminders(question).values()) {
      wake = wake.or(new WakeCondition(next.remaining(), null, false));
    }
    return wake;
  }
}
