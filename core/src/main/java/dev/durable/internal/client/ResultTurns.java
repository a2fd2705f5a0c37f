package dev.durable.internal.client;

import dev.durable.internal.service.Uninterrupted;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The turns in which executions are polled for: one with a new waiter is first, one that was polled
 * for is last. The polling thread waits here, and ends when there are no waiters.
 */
final class ResultTurns {

  private final EndWaiters waiters;
  private final Runnable startThread;
  private final LinkedHashSet<UUID> turns = new LinkedHashSet<>();
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private boolean running;
  private boolean fresh;
  private boolean closed;

  /**
   * @param startThread starts the polling thread
   */
  ResultTurns(EndWaiters waiters, Runnable startThread) {
    this.waiters = waiters;
    this.startThread = startThread;
  }

  /** Polls for it next. */
  void first(UUID id) {
    lock.lock();
    try {
      turns.addFirst(id);
      fresh = true;
      changed.signal();
      if (closed) {
        waiters.failAll();
      } else if (!running) {
        startThread.run();
        running = true;
      }
    } finally {
      lock.unlock();
    }
  }

  /** Drops its turn unless it is still waited for. */
  void forget(UUID id) {
    lock.lock();
    try {
      if (!waiters.has(id)) {
        turns.remove(id);
      }
    } finally {
      lock.unlock();
    }
  }

  /**
   * Waits for the next poll.
   *
   * @param nanos the pause since the last one
   * @param least the pause if there is a new waiter
   * @return whether there is a waiter to poll for; if not, the thread must end
   */
  boolean await(long nanos, long least) {
    long begin = System.nanoTime();
    lock.lock();
    try {
      while (!closed) {
        long left = (fresh ? least : nanos) - (System.nanoTime() - begin);
        if (left <= 0) {
          break;
        }
        // Only close() and the last waiter end this thread.
        Uninterrupted.awaitOnce(changed, left);
      }
      fresh = false;
      running = !waiters.isEmpty() && !closed;
      return running;
    } finally {
      lock.unlock();
    }
  }

  /** The executions whose turn it is. */
  List<UUID> take(int most) {
    lock.lock();
    try {
      List<UUID> first = turns.stream().limit(most).toList();
      first.forEach(turns::remove);
      return first;
    } finally {
      lock.unlock();
    }
  }

  /** Puts those still waited for last; a new waiter has already put its execution first. */
  void again(List<UUID> asked) {
    lock.lock();
    try {
      asked.stream().filter(waiters::has).forEach(turns::add);
    } finally {
      lock.unlock();
    }
  }

  /** Ends the thread and fails all waiters, those that come later as well. */
  void close() {
    lock.lock();
    try {
      closed = true;
      changed.signalAll();
      waiters.failAll();
    } finally {
      lock.unlock();
    }
  }
}
