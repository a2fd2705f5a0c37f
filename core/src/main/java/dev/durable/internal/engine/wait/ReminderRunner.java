package dev.durable.internal.engine.wait;

import dev.durable.execution.ErrorInfo;
import dev.durable.execution.StepStatus;
import dev.durable.execution.StepType;
import dev.durable.internal.codec.InternalJson;
import dev.durable.internal.engine.run.Attempt;
import dev.durable.internal.engine.run.DueTime;
import dev.durable.internal.engine.run.Failures;
import dev.durable.internal.engine.run.PendingWait;
import dev.durable.internal.engine.run.ReminderRow;
import dev.durable.internal.engine.run.RunState;
import dev.durable.internal.engine.run.StoppedError;
import dev.durable.internal.engine.run.SuspendedError;
import dev.durable.internal.engine.run.Uncommitted;
import dev.durable.internal.store.journal.StepRow;
import dev.durable.internal.store.journal.WaitChanges;
import dev.durable.question.OpenQuestion;
import dev.durable.question.Reminder;
import dev.durable.question.Reminders;
import dev.durable.retry.RetryPolicy;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sends the reminders and escalations of the questions that one attempt's body asks. The next
 * reminder and the next escalation of an open question are waits of their own, below the
 * question's: so the database knows when they are due, and the end of the question's wait ends
 * them.
 */
final class ReminderRunner {

  private static final Logger LOG = LoggerFactory.getLogger(ReminderRunner.class);
  private static final RetryPolicy AFTER_FAILURE = RetryPolicy.exponential(Duration.ofSeconds(5));

  private final RunState run;
  private final Attempt attempt;

  ReminderRunner(RunState run, Attempt attempt) {
    this.run = run;
    this.attempt = attempt;
  }

  // ---- upcoming ----

  /**
   * The reminders to come from now on.
   *
   * @param rows their rows
   * @param open their waits, by path
   */
  record Upcoming(List<StepRow> rows, Map<String, PendingWait> open) {

    private static Upcoming none() {
      return new Upcoming(new ArrayList<>(), new LinkedHashMap<>());
    }

    private void add(StepRow row, Duration after) {
      rows.add(row.wakingIn(after));
      long dueAt = DueTime.after(after);
      open.put(row.path(), PendingWait.timer(row.seq(), row.attempt(), dueAt));
    }
  }

  /** The first reminder and escalation of a question that is asked. */
  Upcoming first(String question, Reminders plan) {
    Upcoming first = Upcoming.none();
    add(first, new ReminderRow(question, true, 1), plan);
    add(first, new ReminderRow(question, false, 1), plan);
    return first;
  }

  private void add(Upcoming upcoming, ReminderRow next, Reminders plan) {
    ReminderRow.Task task = next.in(plan);
    if (task != null) {
      String path = next.path();
      int tries = run.history().attempts().recorded(path) + 1;
      upcoming.add(waiting(path, run.history().nextSeq(path), tries, null, false), task.after());
    }
  }

  private static StepRow waiting(
      String path, int seq, int tries, @Nullable String error, boolean opened) {
    return new StepRow(
        seq, path, StepType.WAIT, tries, StepStatus.WAITING, null, error, Duration.ZERO, opened);
  }

  // ---- due ----

  /** Sends a reminder that is due. Then that has been committed, or it is due again later. */
  void send(ReminderClock.Due due, Reminders plan) {
    ReminderRow next = due.next();
    ReminderRow.Task task = next.in(plan);
    OpenQuestion asked = due.asked();
    if (task == null || asked == null) {
      StepRow gone = due.open().row(next.path(), StepStatus.CANCELLED, null);
      commit(next, Uncommitted.of(List.of(gone)), Upcoming.none());
      return;
    }
    List<String> assignees = task.assignees().isEmpty() ? asked.assignees() : task.assignees();
    String key = asked.id() + "/" + next.name();
    try {
      task.how().send(new Reminder(asked, next.number(), assignees, key));
    } catch (StoppedError | SuspendedError end) {
      throw end;
    } catch (Throwable failure) {
      if (!attempt.isOpen() || run.isStopped()) {
        throw run.stoppedError(null);
      }
      failed(next, due.open(), failure);
      return;
    } finally {
      // The user's code may leave its thread interrupted; that must not disturb the engine.
      Thread.interrupted();
    }
    sent(next, due.open(), plan, assignees);
  }

  private void failed(ReminderRow next, PendingWait wait, Throwable failure) {
    Duration pause = AFTER_FAILURE.delay(failure, wait.attempt(), 0);
    LOG.warn(
        "Execution {}: '{}' failed, and is tried again in {}",
        run.id(),
        next.path(),
        pause,
        failure);
    ErrorInfo error = Failures.describe(failure, next.path());
    Upcoming again = Upcoming.none();
    String json = InternalJson.write(error);
    again.add(waiting(next.path(), wait.seq(), wait.attempt() + 1, json, true), pause);
    commit(next, Uncommitted.of(again.rows), again);
  }

  private void sent(ReminderRow next, PendingWait wait, Reminders plan, List<String> assignees) {
    Upcoming upcoming = Upcoming.none();
    WaitChanges changes = WaitChanges.NONE;
    PendingWait question = run.waits().at(next.question());
    if (next.escalates() && question != null) {
      changes = WaitChanges.assign(new WaitChanges.Assigned(question.seq(), assignees));
      postpone(upcoming, next.question(), plan);
    }
    add(upcoming, next.following(), plan);
    String told = assignees.isEmpty() ? null : InternalJson.write(assignees);
    StepRow done = wait.row(next.path(), StepStatus.COMPLETED, told);
    commit(next, Uncommitted.of(upcoming.rows).and(Uncommitted.of(done, changes)), upcoming);
  }

  /** The new assignees of a question have some time before the next reminder. */
  private void postpone(Upcoming upcoming, String question, Reminders plan) {
    run.waits()
        .reminders(question)
        .forEach(
            (path, wait) -> {
              ReminderRow next = ReminderRow.at(path);
              ReminderRow.Task task = next.in(plan);
              if (!next.escalates() && task != null) {
                upcoming.add(waiting(path, wait.seq(), wait.attempt(), null, true), task.after());
              }
            });
  }

  private void commit(ReminderRow next, Uncommitted changes, Upcoming upcoming) {
    run.journal()
        .commit(
            attempt,
            changes,
            () -> {
              run.waits().closed(next.path());
              upcoming.open.forEach(run.waits()::opened);
            });
  }
}
