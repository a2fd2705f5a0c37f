package dev.durable.internal.engine.wait;

import dev.durable.internal.codec.JsonValue;
import dev.durable.internal.engine.run.Attempt;
import dev.durable.internal.engine.run.PendingWait;
import dev.durable.internal.engine.run.RunState;
import dev.durable.internal.engine.run.WaitResult;
import dev.durable.internal.store.client.MailboxStore.Signal;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The waits of one attempt's body. A wait that is decided is committed like an effect; one that is
 * not ends the body, which is entered again when the wait is over.
 */
public final class WaitRunner {

  private final RunState run;
  private final Attempt attempt;
  private final ReminderRunner reminders;
  private final ReminderClock reminderClock;
  private final WaitClock clock;
  private final WaitOpening opening;
  private final WaitClosing closing;

  /**
   * @param waitsOnly whether the body does nothing but wait, and hands its outcome on
   */
  public WaitRunner(RunState run, Attempt attempt, boolean waitsOnly) {
    this.run = run;
    this.attempt = attempt;
    this.reminders = new ReminderRunner(run, attempt);
    this.reminderClock = new ReminderClock(run);
    this.clock = new WaitClock(run, attempt);
    this.opening = new WaitOpening(run, reminders);
    this.closing = new WaitClosing(run, attempt, waitsOnly);
  }

  /** Asks a question that comes before a wait; without an answer the body is suspended. */
  public <T> T answered(Supplier<T> question) {
    return clock.answered(question);
  }

  /** Whether this body asks for the wait at this path for the first time. */
  public boolean isNew(String path) {
    return run.history().facts().json(path) == null
        && attempt.decided(path) == null
        && run.waits().at(path) == null;
  }

  /** The end of the wait at a path. */
  public WaitResult await(String path, WaitLimit limit, WaitTarget target) {
    WaitResult result = null;
    while (result == null) {
      result = look(path, limit, target);
    }
    return result;
  }

  /** The end of a wait; null if it is not over, but signals may have come meanwhile. */
  private @Nullable WaitResult look(String path, WaitLimit limit, WaitTarget target) {
    String committed = run.history().facts().json(path);
    String known = committed == null ? attempt.decided(path) : committed;
    if (known != null) {
      return WaitResult.decode(JsonValue.of(known));
    }
    attempt.requireDoing(path);
    requireReentrant(path);
    PendingWait open = run.waits().at(path);
    List<String> signals = open == null ? target.early() : target.again(open);
    ReminderClock.Due reminder =
        open == null ? null : clock.answered(path, open, signals, () -> reminderClock.due(path));
    List<Signal> taken = run.waits().take(open, target.all(), signals);
    if (!taken.isEmpty()) {
      WaitResult result = result(taken);
      closing.close(path, target, open, result, taken);
      return result;
    }
    if (open == null) {
      int seq = run.history().nextSeq(path);
      BegunWait begun = clock.answered(() -> target.begin(seq));
      throw clock.suspended(opening.begin(path, seq, limit, target, begun));
    }
    WaitClock.Due due = clock.due(path, open, signals);
    return switch (due.expiry()) {
      case EXPIRED -> {
        WaitResult late = WaitResult.without(WaitResult.TIMED_OUT);
        closing.close(path, target, open, late, taken);
        yield late;
      }
      case DECIDED -> null;
      case NOT_DUE -> {
        if (reminder == null) {
          throw clock.suspended(opening.again(path, target, due.open(), signals));
        }
        reminders.send(reminder, target.reminders());
        yield null;
      }
      case FENCED -> {
        run.abandon(RunState.NOT_OURS);
        throw run.stoppedError(null);
      }
    };
  }

  private void requireReentrant(String path) {
    if (attempt.compensates() != null || attempt.isAtMostOnce()) {
      throw new IllegalStateException(
          "'"
              + path
              + "' cannot wait: "
              + (attempt.isAtMostOnce()
                  ? "an at-most-once step is never begun twice."
                  : "a compensation must come to its end.")
              + " Wait in a step of its own.");
    }
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
}
