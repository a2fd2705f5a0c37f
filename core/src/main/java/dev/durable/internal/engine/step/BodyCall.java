package dev.durable.internal.engine.step;

import dev.durable.internal.codec.JsonValue;
import dev.durable.internal.engine.run.Attempt;
import dev.durable.internal.engine.run.Strand;
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
 * Calls a body: on the strand's own thread, or, if its time is limited, on another one, so that the
 * strand can continue without it.
 */
final class BodyCall {

  private static final Duration FOREVER = Duration.ofDays(365);

  private final Strand strand;
  private final Attempt attempt;

  BodyCall(Strand strand, Attempt attempt) {
    this.strand = strand;
    this.attempt = attempt;
  }

  /** Thrown when the attempt's time is up, and its body no longer counts. */
  static final class TimedOut extends Exception {
    private static final long serialVersionUID = 1L;
    private final transient StepTimeoutException failure;

    TimedOut(StepTimeoutException failure) {
      this.failure = failure;
    }

    StepTimeoutException asFailure() {
      return failure;
    }
  }

  JsonValue call(@Nullable Duration limit, Callable<JsonValue> work) throws Throwable {
    // An interrupt that an earlier body still sends to its thread is not for this one.
    Thread.interrupted();
    strand.requireWanted();
    if (limit == null) {
      attempt.runsOn(Thread.currentThread());
      strand.requireWanted();
      return work.call();
    }
    FutureTask<JsonValue> task = new FutureTask<>(work);
    Thread bodyThread = Threads.virtual(Thread.currentThread().getName(), task);
    attempt.runsOn(bodyThread);
    strand.requireWanted();
    bodyThread.start();
    // An interrupt that came before the start may have found no running thread.
    attempt.runsOn(bodyThread);
    Duration wait = limit.compareTo(FOREVER) > 0 ? FOREVER : limit;
    try {
      return await(task, System.nanoTime() + wait.toNanos());
    } catch (TimeoutException late) {
      return afterTime(task, new StepTimeoutException(attempt.path(), limit));
    } catch (ExecutionException thrown) {
      throw thrown.getCause() == null ? thrown : thrown.getCause();
    }
  }

  /** An interrupt only wakes this thread, which looks up whether its work is still needed. */
  private JsonValue await(FutureTask<JsonValue> task, long until)
      throws ExecutionException, TimeoutException {
    while (true) {
      try {
        return task.get(until - System.nanoTime(), TimeUnit.NANOSECONDS);
      } catch (InterruptedException woken) {
        strand.requireWanted();
      }
    }
  }

  private JsonValue afterTime(FutureTask<JsonValue> task, StepTimeoutException failure)
      throws Throwable {
    if (attempt.takeAway()) {
      attempt.interrupt();
      strand.run().bodies().ended(attempt);
      throw new TimedOut(failure);
    }
    // The body ended just in time.
    try {
      return await(task, System.nanoTime() + FOREVER.toNanos());
    } catch (ExecutionException thrown) {
      throw thrown.getCause() == null ? thrown : thrown.getCause();
    }
  }
}
