package dev.durable.internal.engine.run;

import dev.durable.internal.service.Threads;
import dev.durable.internal.service.Timers;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Delayed work of runs. */
public final class RunTimers {

  private static final Logger LOG = LoggerFactory.getLogger(RunTimers.class);
  private static final Duration AFTER_FAILURE = Duration.ofSeconds(1);

  private final Timers timers;

  public RunTimers(Timers timers) {
    this.timers = timers;
  }

  /** Runs a task later, on a virtual thread: it may wait for the database. */
  public Future<?> after(Duration wait, Runnable task) {
    try {
      return timers.schedule(
          () -> begin(task), TimeUnit.NANOSECONDS.convert(wait), TimeUnit.NANOSECONDS);
    } catch (RejectedExecutionException closed) {
      return CompletableFuture.completedFuture(null);
    }
  }

  private void begin(Runnable task) {
    try {
      Threads.startVirtual(task);
    } catch (Throwable failure) {
      LOG.error("A timer of the engine could not begin its work; it tries again", failure);
      after(AFTER_FAILURE, task);
    }
  }
}
