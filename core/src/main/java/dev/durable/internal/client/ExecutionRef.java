package dev.durable.internal.client;

import dev.durable.DurableException;
import dev.durable.execution.ErrorInfo;
import dev.durable.execution.ExecutionCancelledException;
import dev.durable.execution.ExecutionFailedException;
import dev.durable.execution.ExecutionHandle;
import dev.durable.execution.ExecutionParkedException;
import dev.durable.execution.ExecutionStatus;
import dev.durable.execution.ResultTimeoutException;
import dev.durable.internal.service.Threads;
import dev.durable.internal.store.client.ExecutionStore.End;
import java.time.Duration;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Handle of one execution: polls the database, or completes from the local run. */
final class ExecutionRef<O> implements ExecutionHandle<O> {

  private static final ErrorInfo UNKNOWN = ErrorInfo.of("unknown", "no error was stored", null);

  private final Lookup lookup;
  private final UUID id;
  private final boolean isNew;
  private final Function<String, @Nullable O> decoder;
  private final @Nullable LocalEnd local;

  /**
   * @param local the end of the run on this worker, if it began here
   */
  ExecutionRef(
      Lookup lookup,
      UUID id,
      boolean isNew,
      Function<String, @Nullable O> decoder,
      @Nullable CompletableFuture<@Nullable End> local) {
    this.lookup = lookup;
    this.id = id;
    this.isNew = isNew;
    this.decoder = decoder;
    this.local = local == null ? null : new LocalEnd(local, () -> lookup.end(id));
  }

  /** Answers the questions of a handle. */
  interface Lookup {
    ExecutionStatus status(UUID id);

    CompletableFuture<End> end(UUID id);
  }

  @Override
  public UUID id() {
    return id;
  }

  @Override
  public boolean isNew() {
    return isNew;
  }

  @Override
  public ExecutionStatus status() {
    return lookup.status(id);
  }

  @Override
  public @Nullable O result(Duration timeout) {
    if (timeout.isNegative()) {
      throw new IllegalArgumentException("timeout must not be negative: " + timeout);
    }
    CompletableFuture<End> end = end();
    try {
      return decode(end.get(TimeUnit.NANOSECONDS.convert(timeout), TimeUnit.NANOSECONDS));
    } catch (TimeoutException late) {
      // Fails if the execution does not exist.
      lookup.status(id);
      throw new ResultTimeoutException(id, timeout);
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      throw new DurableException(
          "Interrupted while waiting for the result of execution " + id + ". It goes on.",
          interrupted);
    } catch (ExecutionException failure) {
      if (failure.getCause() instanceof DurableException known) {
        throw known;
      }
      throw new DurableException("Could not get the result of execution " + id, failure.getCause());
    } finally {
      end.cancel(false);
    }
  }

  /**
   * The caller's stages and the decoding run on their own thread: the engine's has other waiters to
   * serve.
   */
  @Override
  public CompletableFuture<O> future() {
    CompletableFuture<End> end = end();
    CompletableFuture<O> future = new CompletableFuture<>();
    end.whenComplete(
        (done, failure) -> {
          if (!future.isDone()) {
            Threads.startVirtual(() -> complete(future, done, failure));
          }
        });
    future.whenComplete((done, failure) -> end.cancel(false));
    return future;
  }

  private void complete(
      CompletableFuture<O> future, @Nullable End end, @Nullable Throwable failure) {
    if (end == null) {
      future.completeExceptionally(
          failure == null ? new IllegalStateException("neither an end nor a failure") : failure);
      return;
    }
    try {
      future.complete(decode(end));
    } catch (Throwable undecodable) {
      future.completeExceptionally(undecodable);
    }
  }

  /** The end; cancelling it leaves no waiter behind. */
  private CompletableFuture<End> end() {
    return local == null ? lookup.end(id) : local.end();
  }

  private DurableException undone(ErrorInfo error) {
    return error.type().equals(ErrorInfo.CANCELLED)
        ? new ExecutionCancelledException(id, error.message())
        : new ExecutionFailedException(id, error);
  }

  private @Nullable O decode(End end) {
    ErrorInfo error = Objects.requireNonNullElse(end.error(), UNKNOWN);
    return switch (end.status()) {
      case COMPLETED -> decoder.apply(end.output() == null ? "null" : end.output());
      case CANCELLED -> throw new ExecutionCancelledException(id, error.message());
      case PARKED -> throw new ExecutionParkedException(id, error);
      case COMPENSATED, COMPENSATION_FAILED -> throw undone(error);
      default -> throw new ExecutionFailedException(id, error);
    };
  }

  @Override
  public String toString() {
    String run =
        local == null ? "" : local.hasLeft() ? ", left this worker" : ", runs on this worker";
    return "execution " + id + run;
  }
}
