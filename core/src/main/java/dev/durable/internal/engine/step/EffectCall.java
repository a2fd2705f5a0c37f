package dev.durable.internal.engine.step;

import dev.durable.internal.service.Threads;
import dev.durable.workflow.StepTimeoutException;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * Calls the code of an effect: on the thread of its body, or, if its time is limited or it has a
 * transaction, on another one: the body can continue without it, and an interrupt reaches the
 * transaction in its own way.
 */
final class EffectCall {

  private static final Duration FOREVER = Duration.ofDays(365);

  private final BodyScope body;
  private final EffectTask task;
  private final EffectScope effect;

  EffectCall(BodyScope body, EffectTask task) {
    this.body = body;
    this.task = task;
    this.effect = new EffectScope(body, task.path(), task.isClosed());
  }

  /** The call itself, as its code sees it. */
  EffectScope effect() {
    return effect;
  }

  <R> R call(Callable<? extends R> code) throws Exception {
    Duration limit = task.timeout();
    if (limit == null && !task.transactional()) {
      return effect.call(task.context(), code);
    }
    // A transaction takes an interrupt for a stop. One from before is not meant for it.
    boolean interrupted = task.transactional() && Thread.interrupted();
    try {
      body.requireWanted();
      return call(code, limit);
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  /** Calls it on another thread. */
  private <R> R call(Callable<? extends R> code, @Nullable Duration limit) throws Exception {
    FutureTask<R> work = new FutureTask<>(() -> effect.call(task.context(), code));
    Thread own = Threads.virtual(Thread.currentThread().getName(), work);
    own.start();
    Duration wait = limit == null || limit.compareTo(FOREVER) > 0 ? FOREVER : limit;
    long until = System.nanoTime() + wait.toNanos();
    while (true) {
      try {
        return work.get(until - System.nanoTime(), TimeUnit.NANOSECONDS);
      } catch (InterruptedException meantForTheCode) {
        effect.interrupt(own);
        body.requireWanted();
      } catch (TimeoutException late) {
        if (effect.takeAway()) {
          effect.interrupt(own);
          throw new StepTimeoutException(task.path(), wait);
        }
        until = System.nanoTime() + FOREVER.toNanos();
      } catch (ExecutionException wrapper) {
        throw exception(wrapper.getCause());
      }
    }
  }

  /** The same throwable to be thrown, if it is an exception; throws it itself otherwise. */
  static Exception exception(@Nullable Throwable thrown) {
    return switch (thrown) {
      case Error error -> throw error;
      case Exception failure -> failure;
      case null, default -> new IllegalStateException(thrown);
    };
  }
}
