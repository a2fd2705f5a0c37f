package dev.durable.internal.engine.run;

import dev.durable.execution.StepExecution;
import dev.durable.execution.StepStatus;
import dev.durable.execution.StepType;
import dev.durable.internal.store.client.MailboxStore.Signal;
import dev.durable.internal.store.worker.ClaimedHistory;
import dev.durable.internal.store.worker.HistoryRow;
import dev.durable.internal.text.NodePath;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The open waits of a run, and its mailbox of signals. Only the owner of the execution takes
 * signals out of the mailbox, so each is received once. Used by all threads of a run.
 */
public final class OpenWaits {

  private final ReentrantLock lock = new ReentrantLock();
  private final Mailbox mailbox = new Mailbox();
  private final NavigableMap<String, PendingWait> open = new TreeMap<>();
  private final Set<Runnable> listeners = ConcurrentHashMap.newKeySet();
  private volatile boolean used;
  private volatile boolean parent;

  public OpenWaits(ClaimedHistory claimedHistory) {
    claimedHistory.rows().forEach(this::read);
    mailbox.add(claimedHistory.mailbox());
  }

  private void read(HistoryRow recorded) {
    StepExecution row = recorded.row();
    if (row.type().isWait()) {
      used = true;
      parent = parent || row.type() == StepType.CHILD;
    }
    if (row.type().isWait() && row.status() == StepStatus.WAITING) {
      open.put(row.path(), PendingWait.of(recorded));
    }
  }

  /** The id of the last signal that is known; later signals have higher ids. */
  public long last() {
    return locked(mailbox::last);
  }

  /**
   * Puts signals into the mailbox; those that an earlier look delivered are passed over.
   *
   * @param signals the signals after the last that was known, in order
   * @return whether one of them is new
   */
  public boolean deliver(List<Signal> signals) {
    boolean news = locked(() -> mailbox.add(signals));
    if (news) {
      listeners.forEach(Runnable::run);
    }
    return news;
  }

  /** Calls this when a signal has come, until it is forgotten. */
  public void listen(Runnable listener) {
    listeners.add(listener);
  }

  /** Calls that listener no more. */
  public void forget(Runnable listener) {
    listeners.remove(listener);
  }

  /** Puts signals back that were taken in vain, as if they had not been taken. */
  public void giveBack(List<Signal> signals) {
    locked(
        () -> {
          mailbox.giveBack(signals);
          return null;
        });
  }

  /** Drops the signals of a name: they are no longer true. */
  public void forget(String signal) {
    locked(
        () -> {
          mailbox.forget(signal);
          return null;
        });
  }

  /** The number of signal names in the mailbox. */
  public int remembered() {
    return locked(mailbox::size);
  }

  /** The wait that is open at this path, or null. */
  public @Nullable PendingWait at(String path) {
    return locked(() -> open.get(path));
  }

  /** Remembers a wait that is about to be committed. */
  public void opened(String path, PendingWait wait) {
    used = true;
    if (wait.child() != null) {
      parent = true;
    }
    locked(() -> open.put(path, wait));
  }

  /** Remembers that a child has been started without a wait. */
  public void startedChild() {
    parent = true;
  }

  /** Closes a wait, and its reminders. */
  public void closed(String path) {
    locked(
        () -> {
          reminders(path).keySet().forEach(open::remove);
          return open.remove(path);
        });
  }

  /** The reminders and escalations that are still to come while this wait is open, by path. */
  public NavigableMap<String, PendingWait> reminders(String path) {
    NavigableMap<String, PendingWait> within = within(path);
    within.keySet().removeIf(inner -> !ReminderRow.isOneOf(path, inner));
    return within;
  }

  /** The first path of an open wait, or null. */
  public @Nullable String first() {
    return locked(() -> open.isEmpty() ? null : open.firstKey());
  }

  /** Whether there has ever been a wait. */
  public boolean isUsed() {
    return used;
  }

  /** Whether there may be children. */
  boolean hasChildren() {
    return parent;
  }

  /** The waits that are open at a path or below it, by path. */
  NavigableMap<String, PendingWait> within(String path) {
    return locked(
        () -> {
          NavigableMap<String, PendingWait> within = new TreeMap<>();
          for (Map.Entry<String, PendingWait> each : open.tailMap(path).entrySet()) {
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

  /** Whether a wait is open at a path or below it. */
  public boolean isOpenWithin(String path) {
    return used && !within(path).isEmpty();
  }

  /** Whether the signals of a wait at a path or below it have come. */
  public boolean isReady(String path) {
    return locked(() -> within(path).values().stream().anyMatch(this::isReady));
  }

  private boolean isReady(PendingWait wait) {
    return mailbox.has(wait.cancel()) || mailbox.has(wait.all(), wait.signals());
  }

  /**
   * Takes the signals that decide a wait out of the mailbox: a cancel, every signal, or the first
   * that came. Empty if it is not decided.
   */
  public List<Signal> take(@Nullable PendingWait wait, boolean all, List<String> signals) {
    return locked(() -> mailbox.take(wait, all, signals));
  }

  /** Whether a wait is open. */
  public boolean hasOpen() {
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
