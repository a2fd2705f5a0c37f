package dev.durable.internal.engine;

import dev.durable.execution.ErrorInfo;
import dev.durable.execution.StepStatus;
import dev.durable.execution.StepType;
import dev.durable.input.PendingInput;
import dev.durable.input.Reminder;
import dev.durable.input.Reminders;
import dev.durable.internal.store.InternalJson;
import dev.durable.internal.store.StepRow;
import dev.durable.internal.store.WaitChanges;
import dev.durable.internal.store.Wake;
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
 * The reminders and escalations of the questions that one attempt's body asks. The next reminder
 * and the next escalation of an open question are waits of their own, below the question's: so the
 * database knows when they are due, and whatever ends the question's wait ends them.
 */
final class Reminding {

  private static final Logger LOG = LoggerFactory.getLogger(Reminding.class);
  private static final RetryPolicy AFTER_FAILURE = RetryPolicy.exponential(Duration.ofSeconds(5));

  private final Run run;
  private final Attempt attempt;

  Reminding(Run run, Attempt attempt) {
    this.run = run;
    this.attempt = attempt;
  }

  // ---- what is to come ----

  /**
   * What is to come from now on.
   *
   * @param rows its rows
   * @param open its waits, by path
   */
  record Upcoming(List<StepRow> rows, Map<String, Waits.Open> open) {

    private static Upcoming none() {
      return new Upcoming(new ArrayList<>(), new LinkedHashMap<>());
    }

    private void add(StepRow row, Duration after) {
      rows.add(row.wakingIn(after));
      long dueAt = System.nanoTime() + History.nanos(after);
      open.put(row.path(), Waits.Open.timer(row.seq(), row.attempt(), dueAt));
    }
  }

  /** What comes first, when a question is asked. */
  Upcoming first(String question, Reminders plan) {
    Upcoming first = Upcoming.none();
    add(first, new NextReminder(question, true, 1), plan);
    add(first, new NextReminder(question, false, 1), plan);
    return first;
  }

  private void add(Upcoming upcoming, NextReminder next, Reminders plan) {
    NextReminder.Task task = next.in(plan);
    if (task != null) {
      String path = next.path();
      int tries = run.history.attempts(path) + 1;
      upcoming.add(waiting(path, run.history.nextSeq(path), tries, null, false), task.after());
    }
  }

  private static StepRow waiting(
      String path, int seq, int tries, @Nullable String error, boolean opened) {
    return new StepRow(
        seq, path, StepType.WAIT, tries, StepStatus.WAITING, null, error, Duration.ZERO, opened);
  }

  /** When the first of them is due. */
  Wake wake(String question) {
    Wake wake = Wake.NEVER;
    for (Waits.Open next : run.waits.reminders(question).values()) {
      wake = wake.or(new Wake(next.remaining(), null, false));
    }
    return wake;
  }

  /**
   * One that is due.
   *
   * @param next which
   * @param open its wait
   * @param asked the question; null if it is no longer open
   */
  record Due(NextReminder next, Waits.Open open, @Nullable PendingInput asked) {}

  /**
   * What is due by the database's clock, or null. An escalation comes before a reminder. Whatever
   * has been sent to the execution is known when this returns: who has answered is not reminded.
   */
  @Nullable Due due(String question) {
    for (Map.Entry<String, Waits.Open> next : run.waits.reminders(question).entrySet()) {
      if (isDue(next.getKey(), next.getValue())) {
        PendingInput asked = run.engine.question(run.claimed.owner().id(), question);
        run.engine.collect(run);
        return new Due(NextReminder.at(next.getKey()), next.getValue(), asked);
      }
    }
    return null;
  }

  private boolean isDue(String path, Waits.Open next) {
    if (next.overdue() || !Duration.ZERO.equals(next.remaining())) {
      return next.overdue();
    }
    Duration left = run.engine.untilDue(run.claimed.owner().id(), next.seq());
    if (!left.isZero()) {
      long dueAt = System.nanoTime() + History.nanos(left);
      run.waits.opened(path, Waits.Open.timer(next.seq(), next.attempt(), dueAt));
    }
    return left.isZero();
  }

  // ---- what is due ----

  /** Sends what is due. Afterwards that has been committed, or is due again later. */
  void send(Due due, Reminders plan) {
    NextReminder next = due.next;
    NextReminder.Task task = next.in(plan);
    PendingInput asked = due.asked;
    if (task == null || asked == null) {
      StepRow gone = due.open.row(next.path(), StepStatus.CANCELLED, null);
      commit(next, Held.of(List.of(gone)), Upcoming.none());
      return;
    }
    String assignee = task.assignee() == null ? asked.assignee() : task.assignee();
    String key = asked.id() + "/" + next.name();
    try {
      task.how().send(new Reminder(asked, next.number(), assignee, key));
    } catch (StoppedError | SuspendedError end) {
      throw end;
    } catch (Throwable failure) {
      if (!attempt.isOpen() || run.isStopped()) {
        throw run.stoppedError(null);
      }
      failed(next, due.open, failure);
      return;
    } finally {
      // It may leave its thread interrupted; that must not disturb the engine.
      Thread.interrupted();
    }
    sent(next, due.open, plan, assignee);
  }

  private void failed(NextReminder next, Waits.Open wait, Throwable failure) {
    Duration pause = AFTER_FAILURE.delay(failure, wait.attempt(), 0);
    LOG.warn(
        "Execution {}: '{}' failed, and is tried again in {}",
        run.claimed.owner().id(),
        next.path(),
        pause,
        failure);
    ErrorInfo error = Failures.describe(failure, next.path());
    Upcoming again = Upcoming.none();
    String json = InternalJson.write(error);
    again.add(waiting(next.path(), wait.seq(), wait.attempt() + 1, json, true), pause);
    commit(next, Held.of(again.rows), again);
  }

  private void sent(NextReminder next, Waits.Open wait, Reminders plan, @Nullable String assignee) {
    Upcoming upcoming = Upcoming.none();
    WaitChanges changes = WaitChanges.NONE;
    Waits.Open question = run.waits.at(next.question());
    if (next.escalates() && assignee != null && question != null) {
      changes = WaitChanges.assign(new WaitChanges.Assigned(question.seq(), assignee));
      postpone(upcoming, next.question(), plan);
    }
    add(upcoming, next.following(), plan);
    String told = assignee == null ? null : InternalJson.write(assignee);
    StepRow done = wait.row(next.path(), StepStatus.COMPLETED, told);
    commit(next, Held.of(upcoming.rows).and(Held.of(done, changes)), upcoming);
  }

  /** Who gets a question has some time before the next reminder. */
  private void postpone(Upcoming upcoming, String question, Reminders plan) {
    run.waits
        .reminders(question)
        .forEach(
            (path, wait) -> {
              NextReminder next = NextReminder.at(path);
              NextReminder.Task task = next.in(plan);
              if (!next.escalates() && task != null) {
                upcoming.add(waiting(path, wait.seq(), wait.attempt(), null, true), task.after());
              }
            });
  }

  private void commit(NextReminder next, Held held, Upcoming upcoming) {
    attempt.commit(
        run,
        held,
        () -> {
          run.waits.closed(next.path());
          upcoming.open.forEach(run.waits::opened);
        });
  }
}
