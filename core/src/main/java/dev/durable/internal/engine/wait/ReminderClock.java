package dev.durable.internal.engine.wait;

import dev.durable.internal.engine.run.DueTime;
import dev.durable.internal.engine.run.PendingWait;
import dev.durable.internal.engine.run.ReminderRow;
import dev.durable.internal.engine.run.RunState;
import dev.durable.question.OpenQuestion;
import java.time.Duration;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Finds the reminders of open questions that are due. The database decides: the worker's clock only
 * says when to ask.
 */
final class ReminderClock {

  private final RunState run;

  ReminderClock(RunState run) {
    this.run = run;
  }

  /**
   * A reminder that is due.
   *
   * @param next the reminder
   * @param open its wait
   * @param asked the question; null if it is no longer open
   */
  record Due(ReminderRow next, PendingWait open, @Nullable OpenQuestion asked) {}

  /**
   * A reminder that is due by the database's clock, or null. An escalation comes before a reminder.
   * All signals sent so far are known when this returns: a person who has answered is not reminded.
   */
  @Nullable Due due(String question) {
    for (Map.Entry<String, PendingWait> next : run.waits().reminders(question).entrySet()) {
      if (isDue(next.getKey(), next.getValue())) {
        OpenQuestion asked = run.services().queries().question(run.id(), question);
        run.services().queries().collect(run.id());
        return new Due(ReminderRow.at(next.getKey()), next.getValue(), asked);
      }
    }
    return null;
  }

  private boolean isDue(String path, PendingWait next) {
    if (next.overdue() || !Duration.ZERO.equals(next.remaining())) {
      return next.overdue();
    }
    Duration left = run.services().queries().untilDue(run.id(), next.seq());
    if (!left.isZero()) {
      long dueAt = DueTime.after(left);
      run.waits().opened(path, PendingWait.timer(next.seq(), next.attempt(), dueAt));
    }
    return left.isZero();
  }
}
