package dev.durable.execution;

import java.time.Duration;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * Refers to one execution, wherever it runs. Thread-safe; costs nothing while no thread waits on
 * it.
 *
 * @param <O> the result
 */
public interface ExecutionHandle<O> {

  /** The execution's id. */
  UUID id();

  /** False when an idempotent start found the execution that was already there. */
  boolean isNew();

  /**
   * Where it stands now: one query.
   *
   * @throws ExecutionNotFoundException if it does not exist
   */
  ExecutionStatus status();

  /**
   * Waits for the end. Asks anew on each call: after {@link dev.durable.Durable#retry} of a failed
   * or parked execution, for the end of what was retried.
   *
   * @param timeout the longest time to wait; the execution goes on after that
   * @return the result; null only for a {@code Void} workflow
   * @throws ResultTimeoutException if it has not ended by then
   * @throws dev.durable.DurableException if the waiting thread is interrupted, and stays so
   * @throws IllegalArgumentException if the time is negative
   * @throws ExecutionFailedException if it failed
   * @throws ExecutionCancelledException if it was cancelled
   * @throws ExecutionParkedException if it is parked, or becomes so
   * @throws ExecutionNotFoundException if it does not exist; nor does one yet whose start has not
   *     been committed
   * @throws dev.durable.json.JsonException if the result does not fit the type
   */
  @Nullable O result(Duration timeout);

  /**
   * The end as a future; a new one on each call, which asks anew. It fails with the exceptions of
   * {@link #result(Duration)}, and with {@link dev.durable.DurableException} when this instance is
   * closed first. Cancelling it does not cancel the execution.
   */
  CompletableFuture<O> future();
}
