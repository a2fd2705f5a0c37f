package dev.durable.internal.engine.step;

import dev.durable.internal.service.Threads;
import dev.durable.workflow.StepTimeoutException;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Calls the code of an effect: on the thread of its body, or, if its time is limited, on another
 * one, so that the body can continue without it.
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

  <R> R call(Callable<? extends R> code) throws Exception {
    Duration limit = task.timeout();
    if (limit == null) {
      return effect.call(task.context(), code);
    }
    FutureTask<R> work = new FutureTask<>(() -> effect.call(task.context(), code));
    Thread own = Threads.virtual(Thread.currentThread().getName(), work);
    own.start();
    long until = System.nanoTime() + (limit.compareTo(FOREVER) > 0 ? FOREVER : limit).toNanos();
    while (true) {
      try {
        return work.get(until - System.nanoTime(), TimeUnit.NANOSECONDS);
      } catch (InterruptedException meantForTheCode) {
        own.interrupt();
        body.requireWanted();
      } catch (TimeoutException late) {
        effect.ends();
        own.interrupt();
        throw new StepTimeoutException(task.path(), limit);
      } catch (ExecutionException thrown) {
        throw thrown(thrown);
      }
    }
  }

  private static Exception thrown(ExecutionException wrapper) {
    return switch (wrapper.getCause()) {
      case Error error -> throw error;
      case Exception failure -> failure;
      case null, default -> wrapper;
    };
  }
}
