package dev.durable.internal.engine;

import dev.durable.execution.StepExecution;
import dev.durable.execution.StepStatus;
import dev.durable.execution.StepType;
import dev.durable.internal.store.ClaimedHistory;
import dev.durable.internal.store.HistoryRow;
import dev.durable.internal.store.MailboxStore;
import dev.durable.internal.store.MailboxStore.Signal;
import dev.durable.internal.store.StepRow;
import dev.durable.internal.text.NodePath;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What a run waits for, and what has been sent to it. Only the run's owner takes something out of
 * the mailbox: that is how each signal is received once. Used by all threads of a run.
 */
final class OpenWaits {

  private final ReentrantLock lock = new ReentrantLock();
  private final Map<String, Deque<Signal>> mailbox = new HashMap<>();
  private final NavigableMap<String, Open> open = new TreeMap<>();
  private long last = MailboxStore.ALL;
  private volatile boolean used;
  private volatile boolean parent;

  /**
   * A wait that is open.
   *
   * @param seq the place of its row in the history
   * @param attempt the row's attempt
   * @param type what its row stands for
   * @param all whether every signal must come, or one is enough
   * @param signals what it waits for, as the database has it
   * @param dueAt when it times out, by {@link System#nanoTime}; or null
   * @param at when it times out, if that is a point in time; or null
   * @param overdue whether the database has said that it is
   * @param child the execution that it waits for, or null
   * @param purpose what the body uses its name for; null if that is not known
   */
  record Open(
      int seq,
      int attempt,
      StepType type,
      boolean all,
      List<String> signals,
      @Nullable Long dueAt,
      @Nullable Instant at,
      boolean overdue,
      @Nullable UUID child,
      @Nullable Purpose purpose) {

    /** A wait for nothing but the time. */
    static Open timer(int seq, int attempt, long dueAt) {
      return new Open(
          seq, attempt, StepType.WAIT, false, List.of(), dueAt, null, false, null, null);
    }

    /** The signal by which it is cancelled. */
    String cancel() {
      return "cancel:" + seq;
    }

    /** The row of its end. */
    StepRow row(String path, StepStatus status, @Nullable String output) {
      return new StepRow(seq, path, type, attempt, status, output, null, Duration.ZERO, true);
    }

    Open waitingFor(List<String> wanted, boolean every) {
      return new Open(seq, attempt, type, every, wanted, dueAt, at, overdue, child, purpose);
    }

    /** The same, but the database says that it is due in that time. */
    Open dueIn(Duration time) {
      return new Open(
          seq,
          attempt,
          type,
          all,
          signals,
          System.nanoTime() + History.nanos(time),
          at,
          false,
          child,
          purpose);
    }

    /** How long until it times out; null if it does not, or nobody can tell without asking. */
    @Nullable Duration remaining() {
      return at != null || dueAt == null ? null : History.until(dueAt);
    }
  }

  OpenWaits(ClaimedHistory past) {
    past.rows().forEach(this::read);
    add(past.mailbox());
  }

  private void read(HistoryRow recorded) {
    StepExecution row = recorded.row();
    if (row.type().isWait()) {
      used = true;
      parent = parent || row.type() == StepType.CHILD;
    }
    if (row.type().isWait() && row.status() == StepStatus.WAITING) {
      Duration wakeIn = recorded.wakeIn();
      open.put(
          row.path(),
          new Open(
              row.seq(),
              row.attempt(),
              row.type(),
              recorded.all(),
              recorded.signals(),
              wakeIn == null ? null : System.nanoTime() + History.nanos(wakeIn),
              null,
              wakeIn != null && !wakeIn.isPositive(),
              row.childId(),
              Purpose.in(row.type(), row.output())));
    }
  }

  /** The place of the last signal that is known: what comes has a place behind it. */
  long last() {
    return locked(() -> last);
  }

  /**
   * Puts what has been sent into the mailbox; what an earlier answer had is passed over.
   *
   * @param signals what has been sent behind the last that was known, in order
   * @return whether there is something new
   */
  boolean deliver(List<Signal> signals) {
    return locked(() -> add(signals));
  }

  private boolean add(List<Signal> signals) {
    boolean more = false;
    for (Signal signal : signals) {
      if (signal.id() > last) {
        last = signal.id();
        mailbox.computeIfAbsent(signal.signal(), name -> new ArrayDeque<>()).add(signal);
        more = true;
      }
    }
    return more;
  }

  /** Puts back what was taken in vain, as if it had not been taken. */
  void giveBack(List<Signal> signals) {
    locked(
        () -> {
          for (Signal signal : signals.reversed()) {
            mailbox.computeIfAbsent(signal.signal(), name -> new ArrayDeque<>()).addFirst(signal);
          }
          return null;
        });
  }

  /** What has come of that signal so far is no longer true. */
  void forget(String signal) {
    locked(() -> mailbox.remove(signal));
  }

  /** How many signals it remembers. */
  int remembered() {
    return locked(mailbox::size);
  }

  /** The wait that is open at this path, or null. */
  @Nullable Open at(String path) {
    return locked(() -> open.get(path));
  }

  /** Remembers a wait that is about to be committed. */
  void opened(String path, Open wait) {
    used = true;
    if (wait.child() != null) {
      parent = true;
    }
    locked(() -> open.put(path, wait));
  }

  /** A child has been started that nobody waits for. */
  void startedChild() {
    parent = true;
  }

  /** A wait is over, and with it the reminders of it. */
  void closed(String path) {
    locked(
        () -> {
          reminders(path).keySet().forEach(open::remove);
          return open.remove(path);
        });
  }

  /** The reminders and escalations that are still to come while this wait is open, by path. */
  NavigableMap<String, Open> reminders(String path) {
    NavigableMap<String, Open> within = within(path);
    within.keySet().removeIf(inner -> !ReminderRow.isOneOf(path, inner));
    return within;
  }

  /** The path of one that is open, or null. */
  @Nullable String first() {
    return locked(() -> open.isEmpty() ? null : open.firstKey());
  }

  /** Whether there has ever been one. */
  boolean isUsed() {
    return used;
  }

  /** Whether there may be children. */
  boolean hasChildren() {
    return parent;
  }

  /** The waits that are open at a path or below it, by path. */
  NavigableMap<String, Open> within(String path) {
    return locked(
        () -> {
          NavigableMap<String, Open> within = new TreeMap<>();
          for (Map.Entry<String, Open> each : open.tailMap(path).entrySet()) {
            if (!each.getKey().startsWith(path)) {
              break;
            }
            if (NodePath.isWithin(path, each.getKey())) {
              within.put(each.getKey(), each.getValue());
            }
          }
          return within;
        });
  }

  /** Whether something at a path or below it need wait no longer. */
  boolean isReady(String path) {
    return locked(
        () ->
            within(path).values().stream()
                .anyMatch(wait -> has(wait.cancel()) || isReady(wait.all(), wait.signals())));
  }

  private boolean isReady(boolean all, Collection<String> signals) {
    return all
        ? !signals.isEmpty() && signals.stream().allMatch(this::has)
        : signals.stream().anyMatch(this::has);
  }

  private boolean has(String signal) {
    Deque<Signal> waiting = mailbox.get(signal);
    return waiting != null && !waiting.isEmpty();
  }

  /**
   * Takes what decides a wait out of the mailbox: a cancel, every signal, or the first that came.
   * Empty if it is not decided.
   */
  List<Signal> take(@Nullable Open wait, boolean all, List<String> signals) {
    return locked(
        () -> {
          if (wait != null && has(wait.cancel())) {
            return List.of(take(wait.cancel()));
          }
          if (!isReady(all, signals)) {
            return List.of();
          }
          if (all) {
            return signals.stream().map(this::take).toList();
          }
          return List.of(take(first(signals)));
        });
  }

  private String first(List<String> signals) {
    String first = null;
    for (String signal : signals) {
      if (has(signal) && (first == null || peek(signal).id() < peek(first).id())) {
        first = signal;
      }
    }
    if (first == null) {
      throw new IllegalStateException("nothing has come: " + signals);
    }
    return first;
  }

  private Signal peek(String signal) {
    return mailbox.getOrDefault(signal, new ArrayDeque<>()).element();
  }

  private Signal take(String signal) {
    Deque<Signal> waiting = mailbox.getOrDefault(signal, new ArrayDeque<>());
    Signal first = waiting.remove();
    if (waiting.isEmpty()) {
      mailbox.remove(signal);
    }
    return first;
  }

  /** Whether one is open. */
  boolean hasOpen() {
    return locked(() -> !open.isEmpty());
  }

  private <T extends @Nullable Object> T locked(Supplier<T> work) {
    lock.lock();
    try {
      return work.get();
    } finally {
      lock.unlock();
    }
  }
}
