package dev.durable.internal.service;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;

/** Waits that go on when the waiting thread is interrupted. */
public final class Uninterrupted {

  private Uninterrupted() {}

  /**
   * Sleeps for that long on any thread: a retry must keep its pause when an interrupt meant for
   * another thread arrives.
   */
  public static void sleep(long nanos) {
    long until = System.nanoTime() + nanos;
    for (long left = nanos; left > 0; left = until - System.nanoTime()) {
      try {
        TimeUnit.NANOSECONDS.sleep(left);
      } catch (InterruptedException notOurs) {
        // Sleeps for the rest of the time.
      }
    }
  }

  /**
   * Waits once for a signal, at most that long; an interrupt, meant for another thread, ends the
   * wait early and is forgotten. The caller holds the lock and asks its own condition again.
   */
  @SuppressWarnings("WaitNotInLoop") // Callers call it in one.
  public static void awaitOnce(Condition changed, long nanos) {
    try {
      changed.awaitNanos(nanos);
    } catch (InterruptedException notOurs) {
      // The caller's loop waits for the rest of the time.
    }
  }

  /**
   * Waits for a latch at most that long.
   *
   * @return whether it is open
   */
  static boolean await(CountDownLatch latch, long nanos) {
    long until = System.nanoTime() + nanos;
    while (true) {
      try {
        return latch.await(until - System.nanoTime(), TimeUnit.NANOSECONDS);
      } catch (InterruptedException notOurs) {
        // Waits for the rest of the time.
      }
    }
  }

  /**
   * Waits until a thread has ended. An interrupt of the calling thread sets its flag again
   * afterwards.
   *
   * @return whether it has ended
   */
  static boolean join(Thread started, Duration longest) {
    long until = System.nanoTime() + longest.toNanos();
    boolean interrupted = false;
    try {
      while (started.isAlive()) {
        long left = until - System.nanoTime();
        if (left <= 0) {
          return false;
        }
        try {
          started.join(Duration.ofNanos(left));
        } catch (InterruptedException later) {
          interrupted = true;
        }
      }
      return true;
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }
}
