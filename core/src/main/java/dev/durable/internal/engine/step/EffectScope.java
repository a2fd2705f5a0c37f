package dev.durable.internal.engine.step;

import dev.durable.internal.thread.CurrentContext;
import dev.durable.internal.thread.ThreadBound;
import dev.durable.workflow.AttemptContext;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/** The call of an effect, which the thread that runs it is inside of. */
final class EffectScope {

  private static final ThreadBound<EffectScope> HERE = new ThreadBound<>();

  private final BodyScope body;
  private final String path;
  private final boolean closed;
  private final AtomicReference<@Nullable End> end = new AtomicReference<>();
  private final ReentrantLock lock = new ReentrantLock();
  private @Nullable Runnable interruption;
  private boolean interrupted;

  private enum End {
    SETTLED,
    LATE
  }

  /**
   * @param closed whether its code may make no other calls of the body
   */
  EffectScope(BodyScope body, String path, boolean closed) {
    this.body = body;
    this.path = path;
    this.closed = closed;
  }

  /**
   * The innermost effect of a body, or of a part of it, that the current thread is inside of; or
   * null.
   */
  static @Nullable EffectScope current(BodyScope body) {
    EffectScope here = current();
    return here != null && here.body.isWithin(body) ? here : null;
  }

  /** The innermost effect that the current thread is inside of; or null. */
  static @Nullable EffectScope current() {
    return HERE.get();
  }

  BodyScope body() {
    return body;
  }

  String path() {
    return path;
  }

  /** Whether its code may make no other calls of the body. */
  boolean isClosed() {
    return closed;
  }

  // ---- its end ----

  /** Whether its time is up: its code no longer counts. */
  boolean isOver() {
    return end.get() == End.LATE;
  }

  /** Its time is up. False if its code has ended just before, and counts. */
  boolean takeAway() {
    return end.compareAndSet(null, End.LATE);
  }

  /** Its code has ended. False if that no longer counts. */
  boolean settles() {
    return end.compareAndSet(null, End.SETTLED);
  }

  boolean isSettled() {
    return end.get() == End.SETTLED;
  }

  // ---- its thread ----

  /** Sets another way to interrupt its code than an interrupt of its thread. */
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

  /** Interrupts its code, which runs on that thread. */
  void interrupt(Thread own) {
    lock.lock();
    try {
      interrupted = true;
      Runnable instead = interruption;
      if (instead == null) {
        own.interrupt();
      } else {
        instead.run();
      }
    } finally {
      lock.unlock();
    }
  }

  /** Calls its code, on whatever thread that is. */
  <R> R call(AttemptContext<?> context, Callable<? extends R> code) throws Exception {
    return HERE.with(this, () -> CurrentContext.HERE.<R>with(context, code::call));
  }
}
