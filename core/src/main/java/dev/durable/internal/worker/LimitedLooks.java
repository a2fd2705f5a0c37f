package dev.durable.internal.worker;

import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * In which limited queues a claimer looks: each takes a statement, and the claims of one queue come
 * one after the other on all workers. So a queue that has said when there may be something next is
 * passed over until then, unless it is asked for, or was not looked at for a second, or the poll
 * interval if that is shorter.
 */
final class LimitedLooks {

  private static final Duration LONGEST = Duration.ofSeconds(1);

  /** How long after another worker, whose turn it is, this one looks. */
  private static final long BEHIND = TimeUnit.MILLISECONDS.toNanos(20);

  /** How much two readings of the same time may differ. */
  private static final long TOLERANCE = TimeUnit.MILLISECONDS.toNanos(5);

  private static final long FARTHEST = TimeUnit.DAYS.toNanos(1);

  private final LongSupplier clock;
  private final long longest;
  private final ReentrantLock lock = new ReentrantLock();
  private final Map<String, Looked> looked = new HashMap<>();
  private final Set<String> asked = new HashSet<>();

  /** When the queues from which this worker has claimed last were due next. */
  private final Map<String, Long> turns = new HashMap<>();

  private boolean all = true;
  private @Nullable Long allAt;

  /**
   * The last look at a queue.
   *
   * @param at when it was
   * @param dueAt when there may be something
   */
  private record Looked(long at, long dueAt) {}

  /**
   * @param pollInterval how long a queue may go without a look
   */
  LimitedLooks(Duration pollInterval) {
    this(pollInterval, System::nanoTime);
  }

  LimitedLooks(Duration pollInterval, LongSupplier clock) {
    this.clock = clock;
    this.longest = (pollInterval.compareTo(LONGEST) < 0 ? pollInterval : LONGEST).toNanos();
  }

  private boolean isOver(Looked last, long now) {
    return last.dueAt - now <= 0 || now - last.at >= longest;
  }

  /** There may be something in any queue. */
  void ask() {
    locked(() -> all = true);
  }

  /** There may be something in this queue. */
  void ask(String queue) {
    locked(() -> asked.add(queue));
  }

  /** There may be something in any queue when this time has passed. */
  void askIn(Duration wait) {
    long at = clock.getAsLong() + nanos(wait);
    locked(() -> allAt = allAt == null || at - allAt < 0 ? at : allAt);
  }

  /** Keeps those of the queues in which to look now. */
  void choose(Set<String> queues) {
    locked(
        () -> {
          long now = clock.getAsLong();
          boolean timeIsUp = allAt != null && allAt - now <= 0;
          if (all || timeIsUp) {
            looked.clear();
          }
          looked.keySet().removeAll(asked);
          looked.values().removeIf(last -> isOver(last, now));
          queues.removeAll(looked.keySet());
          all = false;
          asked.clear();
          allAt = timeIsUp ? null : allAt;
          return true;
        });
  }

  /**
   * Notes a look at a queue.
   *
   * @param next the time until there may be something; null if that is not known
   * @param vain whether something is due there that a limit keeps back, and nothing was claimed. If
   *     another worker has claimed since this one did, that one is to come first next time: all at
   *     once would keep each other waiting.
   */
  void note(String queue, @Nullable Duration next, boolean vain) {
    long now = clock.getAsLong();
    locked(
        () -> {
          Long mine = turns.get(queue);
          if (next == null) {
            return looked.remove(queue);
          }
          long dueAt = now + nanos(next);
          if (!vain) {
            turns.put(queue, dueAt);
          } else if (mine == null || dueAt - mine > TOLERANCE) {
            dueAt += BEHIND;
          }
          return looked.put(queue, new Looked(now, dueAt));
        });
  }

  /** The time until a queue that was passed over, or all of them, are due; null if none is. */
  @Nullable Duration next() {
    return locked(
        () -> {
          Long first = allAt;
          for (Looked last : looked.values()) {
            first = first == null || last.dueAt - first < 0 ? Long.valueOf(last.dueAt) : first;
          }
          return first == null ? null : Duration.ofNanos(Math.max(0, first - clock.getAsLong()));
        });
  }

  private static long nanos(Duration time) {
    return Math.min(TimeUnit.NANOSECONDS.convert(time), FARTHEST);
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
