package dev.durable.internal.store.worker;

import dev.durable.internal.store.journal.Ownership;
import java.time.Duration;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Long histories of executions that have suspended here a moment ago. They are bounded by size, the
 * oldest leave first, and by age: an execution that waits for long takes no memory.
 */
public final class KeptHistories {

  /** Shorter histories are read again: that costs no more than keeping them. */
  private static final int LONG = 32;

  private static final long MOST = Math.min(64L << 20, Runtime.getRuntime().maxMemory() / 32);
  private static final long OLDEST = Duration.ofMinutes(1).toNanos();

  private final ReentrantLock lock = new ReentrantLock();
  private final Map<UUID, One> all = new LinkedHashMap<>();
  private long bytes;

  private record One(KeptHistory kept, long bytes, long since) {}

  /** Whether a history is worth keeping. */
  public static boolean isWorth(ClaimedHistory past) {
    return past.rows().size() >= LONG;
  }

  /** Keeps a history, unless it is too large. */
  public void keep(UUID execution, KeptHistory kept) {
    long size = kept.bytes();
    lock.lock();
    try {
      remove(execution);
      if (size <= MOST) {
        all.put(execution, new One(kept, size, System.nanoTime()));
        bytes += size;
      }
      evict();
    } finally {
      lock.unlock();
    }
  }

  /** The history of an execution that has been claimed, up to its last stay; null if not kept. */
  public @Nullable KeptHistory take(Ownership claimed) {
    lock.lock();
    try {
      One one = remove(claimed.id());
      return one != null && one.kept.isBefore(claimed) ? one.kept : null;
    } finally {
      lock.unlock();
    }
  }

  /** Drops the history of this stay. */
  public void drop(Ownership owner) {
    lock.lock();
    try {
      One one = all.get(owner.id());
      if (one != null && one.kept.isOf(owner)) {
        remove(owner.id());
      }
    } finally {
      lock.unlock();
    }
  }

  /** Drops histories that are too old. */
  public void evict() {
    lock.lock();
    try {
      Iterator<One> eldest = all.values().iterator();
      long now = System.nanoTime();
      while (eldest.hasNext()) {
        One one = eldest.next();
        if (bytes <= MOST && now - one.since < OLDEST) {
          break;
        }
        bytes -= one.bytes;
        eldest.remove();
      }
    } finally {
      lock.unlock();
    }
  }

  private @Nullable One remove(UUID execution) {
    One one = all.remove(execution);
    bytes -= one == null ? 0 : one.bytes;
    return one;
  }
}
