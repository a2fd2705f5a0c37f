package dev.durable.internal.engine;

import dev.durable.DatabaseUnavailableException;
import dev.durable.execution.StepStatus;
import dev.durable.internal.engine.WaitTargets.Aim;
import dev.durable.internal.engine.WaitTargets.Begun;
import dev.durable.internal.journal.RejectedEntryException;
import dev.durable.internal.store.MailboxStore.Signal;
import dev.durable.internal.store.StepRow;
import dev.durable.internal.store.WaitChanges;
import dev.durable.internal.store.WaitStore.Expiry;
import dev.durable.internal.store.WakeCondition;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The waits of one attempt's body. A wait that is decided is committed like an effect; one that is
 * not ends the body, which is entered again when the wait is over.
 */
final class WaitRunner {

  private static final Duration SHORTEST = Duration.ofMillis(50);

  private final Run run;
  private final Attempt attempt;
  private final ReminderRunner reminding;
  private final boolean waitsOnly;

  /**
   * @param waitsOnly whether the body does nothing but wait, and hands on what came of it
   */
  WaitRunner(Run run, Attempt attempt, boolean waitsOnly) {
    this.run = run;
    this.attempt = attempt;
    this.reminding = new ReminderRunner(run, attempt);
    this.waitsOnly = waitsOnly;
  }

  /**
   * How long a wait may take.
   *
   * @param in from its beginning, or null
   * @param until a point in time, or null
   */
  record Limit(@Nullable Duration in, @Nullable Instant until) {}

  /** Whether this body asks for the wait at this path for the first time. */
  boolean isNew(String path) {
    return run.history.callResult(path) == null
        && attempt.decided(path) == null
        && run.waits.at(path) == null;
  }

  /** How the wait at this path ended. */
  WaitResult await(String path, Limit limit, Aim aim) {
    WaitResult result = null;
    while (result == null) {
      result = look(path, limit, aim);
    }
    return result;
  }

  /** How it ended; null if it is not over, but something has happened meanwhile. */
  private @Nullable WaitResult look(String path, Limit limit, Aim aim) {
    String committed = run.history.callResult(path);
    String known = committed == null ? attempt.decided(path) : committed;
    if (known != null) {
      return WaitResult.decode(JsonValue.of(known));
    }
    requireReentrant(path);
    OpenWaits.Open open = run.waits.at(path);
    List<String> signals = open == null ? aim.early() : aim.again(open);
    ReminderRunner.Due reminder = open == null ? null : dueReminder(path, open, signals);
    List<Signal> taken = run.waits.take(open, aim.all(), signals);
    if (!taken.isEmpty()) {
      return decided(path, aim, open, result(taken), taken);
    }
    if (open == null) {
      throw rests(begin(path, limit, aim));
    }
    Due due = mayBeDue(open) ? due(path, open, signals) : new Due(Expiry.NOT_DUE, open);
    return switch (due.expiry) {
      case EXPIRED -> decided(path, aim, open, WaitResult.without(WaitResult.TIMED_OUT), taken);
      case DECIDED -> null;
      case NOT_DUE -> {
        if (reminder == null) {
          throw rests(again(path, aim, due.open, signals));
        }
        reminding.send(reminder, aim.reminders());
        yield null;
      }
      case FENCED -> {
        run.abandon("its execution belongs to another run");
        throw run.stoppedError(null);
      }
    };
  }

  /**
   * What the database says of a wait that may be over.
   *
   * @param open the wait, and how long it takes by the database's clock
   */
  private record Due(Expiry expiry, OpenWaits.Open open) {}

  /** By our clock; the database's decides. */
  private static boolean mayBeDue(OpenWaits.Open open) {
    Duration remaining = open.remaining();
    return open.at() != null || (remaining != null && remaining.isZero());
  }

  /** Of a timeout and what is sent at the same moment, one wins. Nothing is sent to a sleep. */
  private Due due(String path, OpenWaits.Open open, List<String> signals) {
    return answered(
        path,
        open,
        signals,
        () -> {
          Expiry expiry = signals.isEmpty() ? expiry(open) : run.engine.expire(run, open.seq());
          if (expiry != Expiry.NOT_DUE || open.at() != null) {
            return new Due(expiry, open);
          }
          // Our clock was wrong: without the database's answer we would ask all the time.
          Duration left = run.engine.untilDue(run.claimed.owner().id(), open.seq());
          Duration pause = left.compareTo(SHORTEST) < 0 ? SHORTEST : left;
          return new Due(expiry, open.dueIn(pause));
        });
  }

  private Expiry expiry(OpenWaits.Open open) {
    boolean due =
        open.overdue() || run.engine.untilDue(run.claimed.owner().id(), open.seq()).isZero();
    return due ? Expiry.EXPIRED : Expiry.NOT_DUE;
  }

  private ReminderRunner.@Nullable Due dueReminder(
      String path, OpenWaits.Open open, List<String> signals) {
    return answered(path, open, signals, () -> reminding.due(path));
  }

  /**
   * Asks the database for the engine's own sake. That it does not answer is never the body's
   * failure: the body rests, and asks again after a pause that grows.
   */
  private <T extends @Nullable Object> T answered(
      String path, OpenWaits.Open open, List<String> signals, Supplier<T> question) {
    T answer;
    try {
      answer = question.get();
    } catch (Throwable unknown) {
      WakeCondition wake = new WakeCondition(pause(unknown), null, !signals.isEmpty());
      throw rests(Attempt.Rest.unanswered(wake, Map.of(path, open)));
    }
    run.pauses.over();
    return answer;
  }

  /** The same for what stands before a wait; what refuses the question itself is let through. */
  <T> T answered(Supplier<T> question) {
    try {
      return question.get();
    } catch (DatabaseUnavailableException unknown) {
      throw rests(Attempt.Rest.unanswered(WakeCondition.after(pause(unknown)), Map.of()));
    }
  }

  private Duration pause(Throwable unknown) {
    return run.pauses.next("go on with execution " + run.claimed.owner().id(), unknown);
  }

  /** Since the last claim, the body's code may have come to wait for other events. */
  private Attempt.Rest again(String path, Aim aim, OpenWaits.Open open, List<String> signals) {
    boolean said =
        aim.early().isEmpty() || (open.signals().equals(signals) && open.all() == aim.all());
    WaitChanges changes =
        said ? WaitChanges.NONE : opening(open.seq(), path, aim.all(), signals, true);
    OpenWaits.Open same = open.waitingFor(signals, aim.all());
    Uncommitted held = new Uncommitted(List.of(), List.of(), changes);
    WakeCondition wake = wake(same.remaining(), same.at(), signals).or(reminding.wake(path));
    return new Attempt.Rest(held, wake, Map.of(path, same));
  }

  private void requireReentrant(String path) {
    if (attempt.compensates != null || attempt.atMostOnce) {
      throw new IllegalStateException(
          "'"
              + path
              + "' cannot wait: "
              + (attempt.atMostOnce
                  ? "an at-most-once step is never begun twice."
                  : "a compensation must come to its end.")
              + " Wait in a step of its own.");
    }
  }

  private Attempt.Rest begin(String path, Limit limit, Aim aim) {
    int seq = run.history.nextSeq(path);
    int number = run.history.attempts(path) + 1;
    Begun begun = answered(() -> aim.begin(seq));
    StepRow row =
        new StepRow(
            seq,
            path,
            aim.type(),
            number,
            StepStatus.WAITING,
            aim.purpose().toJson(),
            null,
            Duration.ZERO,
            false);
    row = limit.until != null ? row.wakingAt(limit.until) : row.wakingIn(limit.in);
    row = begun.child() == null ? row : row.starting(begun.child());
    WaitChanges changes = begun.changes();
    if (!begun.signals().isEmpty()) {
      changes = changes.and(opening(seq, path, aim.all(), begun.signals(), false));
    }
    OpenWaits.Open open =
        new OpenWaits.Open(
            seq,
            number,
            aim.type(),
            aim.all(),
            begun.signals(),
            limit.in == null ? null : System.nanoTime() + History.nanos(limit.in),
            limit.until,
            false,
            begun.child(),
            aim.purpose());
    WakeCondition wake = wake(limit.in, limit.until, begun.signals());
    Map<String, OpenWaits.Open> all = new HashMap<>(Map.of(path, open));
    ReminderRunner.Upcoming reminders = reminding.first(path, aim.reminders());
    for (StepRow reminder : reminders.rows()) {
      wake = wake.or(new WakeCondition(reminder.wakeIn(), null, false));
    }
    all.putAll(reminders.open());
    Uncommitted held = Uncommitted.of(row, changes).and(Uncommitted.of(reminders.rows()));
    return new Attempt.Rest(held, wake, all);
  }

  private static WaitChanges opening(
      int seq, String path, boolean all, List<String> signals, boolean again) {
    return WaitChanges.open(new WaitChanges.Opened(seq, path, all, signals, again));
  }

  private static WakeCondition wake(
      @Nullable Duration in, @Nullable Instant at, List<String> signals) {
    return new WakeCondition(in, at, !signals.isEmpty());
  }

  private SuspendedError rests(Attempt.Rest rest) {
    attempt.rests(rest);
    return new SuspendedError();
  }

  private static WaitResult result(List<Signal> taken) {
    Map<String, String> payloads = new LinkedHashMap<>();
    for (Signal signal : taken) {
      int colon = signal.signal().indexOf(':');
      if (signal.signal().startsWith("cancel:")) {
        return WaitResult.without(WaitResult.CANCELLED);
      }
      payloads.put(
          signal.signal().substring(colon + 1),
          signal.payload() == null ? "null" : signal.payload());
    }
    return WaitResult.received(payloads);
  }

  private WaitResult decided(
      String path, Aim aim, OpenWaits.@Nullable Open open, WaitResult result, List<Signal> taken) {
    int seq = open == null ? run.history.nextSeq(path) : open.seq();
    JsonValue data = result.encode(aim.purpose());
    StepRow row =
        open != null
            ? open.row(path, StepStatus.COMPLETED, data.json())
            : new StepRow(
                seq,
                path,
                aim.type(),
                run.history.attempts(path) + 1,
                StepStatus.COMPLETED,
                data.json(),
                null,
                Duration.ZERO,
                false);
    boolean timer = open != null && aim.again(open).isEmpty();
    Uncommitted held =
        timer
            ? Uncommitted.of(List.of(row))
            : Uncommitted.of(row, closing(seq, open, result, taken));
    Map<String, OpenWaits.Open> reminders = run.waits.reminders(path);
    List<StepRow> unsent = new ArrayList<>();
    reminders.forEach((place, wait) -> unsent.add(wait.row(place, StepStatus.CANCELLED, null)));
    held = Uncommitted.of(unsent).and(held);
    Attempt.Tentative decision = new Attempt.Tentative(path, open, reminders, taken);
    if (timer || waitsOnly) {
      // It can be decided once more: what the body makes of it is committed with it.
      decideTentatively(decision, data, held);
    } else {
      commit(decision, held);
    }
    return result;
  }

  private void decideTentatively(Attempt.Tentative decision, JsonValue data, Uncommitted rows) {
    try {
      attempt.decides(decision, data.json(), rows);
    } catch (StoppedError stopped) {
      run.waits.giveBack(decision.taken());
      throw stopped;
    }
    run.waits.closed(decision.path());
  }

  private void commit(Attempt.Tentative decision, Uncommitted rows) {
    try {
      commit(rows, () -> run.waits.closed(decision.path()));
    } catch (StoppedError | RejectedEntryException vain) {
      if (run.history.callResult(decision.path()) == null) {
        run.waits.giveBack(decision.taken());
      }
      throw vain;
    }
  }

  private static WaitChanges closing(
      int seq, OpenWaits.@Nullable Open open, WaitResult result, List<Signal> taken) {
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

  /** Commits a fact of this body. */
  void commit(Uncommitted held, Runnable then) {
    attempt.commit(run, held, then);
  }
}
