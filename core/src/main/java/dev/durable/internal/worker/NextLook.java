package dev.durable.internal.worker;

import dev.durable.internal.service.ServiceThread;
import dev.durable.internal.service.Uninterrupted;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * When the claimer looks for work next: on a signal, when a known execution becomes due, or after a
 * pause. Any thread may bring that forward; the claimer's thread waits for it.
 */
public final class NextLook {

  private static final long FARTHEST = TimeUnit.DAYS.toNanos(1);

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private boolean signalled;
  private long dueAt = Long.MAX_VALUE;

  /** Makes it now: there may be work. */
  public void now() {
    lock.lock();
    try {
      signalled = true;
      changed.signal();
    } finally {
      lock.unlock();
    }
  }

  /** Makes it no later than that: an execution is due then. */
  public void in(Duration wait) {
    long at = System.nanoTime() + Math.min(TimeUnit.NANOSECONDS.convert(wait), FARTHEST);
    lock.lock();
    try {
      if (dueAt == Long.MAX_VALUE || at - dueAt < 0) {
        dueAt = at;
        changed.signal();
      }
    } finally {
      lock.unlock();
    }
  }

  /** Waits at most that long; true if it was woken before. */
  public boolean await(ServiceThread self, long nanos) {
    lock.lock();
    try {
      long until = System.nanoTime() + nanos;
      while (!signalled && !self.isStopped()) {
        long now = System.nanoTime();
        long left = until - now;
        if (dueAt != Long.MAX_VALUE) {
          left = Math.min(left, dueAt - now);
        }
        if (left <= 0) {
          break;
        }
        // An interrupt meant for another thread must not turn a pause into another look.
        Uninterrupted.awaitOnce(changed, left);
      }
      boolean due = dueAt != Long.MAX_VALUE && dueAt - System.nanoTime() <= 0;
      if (due) {
        dueAt = Long.MAX_VALUE;
      }
      boolean woken = signalled || due;
      signalled = false;
      return woken;
    } finally {
      lock.unlock();
    }
  }
}
