package dev.durable.internal.engine.run;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/** The threads of an attempt's body: its own, which can be interrupted, and those that left it. */
final class BodyThreads {

  private final ReentrantLock lock = new ReentrantLock();
  private final Set<Thread> left = ConcurrentHashMap.newKeySet();
  private volatile @Nullable Thread own;
  private volatile boolean interrupted;
  private volatile @Nullable Runnable interruption;

  /** Sets the body's own thread. An interrupt that came too early for it is delivered now. */
  void runsOn(Thread thread) {
    own = thread;
    if (interrupted) {
      thread.interrupt();
    }
  }

  /** Sets another way to interrupt the body. An interrupt that came before is delivered so, too. */
  void interruptsBy(Runnable instead) {
    lock.lock();
    try {
      interruption = instead;
      if (interrupted) {
        instead.run();
      }
    } finally {
      lock.unlock();
    }
  }

  /** Whether the body has a way of its own to be interrupted, and this is its thread. */
  boolean isInterruptedOn(Thread other) {
    return interruption != null && own == other;
  }

  /** Interrupts the body, even if it has no thread yet. */
  void interrupt() {
    lock.lock();
    try {
      interrupted = true;
      Thread thread = own;
      Runnable instead = interruption;
      if (instead != null) {
        instead.run();
      } else if (thread != null) {
        thread.interrupt();
      }
    } finally {
      lock.unlock();
    }
  }

  boolean isInterrupted() {
    return interrupted;
  }

  /** Whether this thread is the body's own. */
  boolean isOwn(Thread thread) {
    return own == thread;
  }

  /** The current thread leaves the body. False if it had left before. */
  boolean leave() {
    return left.add(Thread.currentThread());
  }

  /** Whether the current thread has left the body. */
  boolean haveLeft() {
    return left.contains(Thread.currentThread());
  }
}
