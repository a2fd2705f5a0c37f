package dev.durable.internal;

import dev.durable.DurableException;
import dev.durable.execution.ErrorInfo;
import dev.durable.execution.ExecutionCancelledException;
import dev.durable.execution.ExecutionFailedException;
import dev.durable.execution.ExecutionHandle;
import dev.durable.execution.ExecutionParkedException;
import dev.durable.execution.ExecutionStatus;
import dev.durable.execution.ResultTimeoutException;
import dev.durable.internal.store.ExecutionStore.End;
import java.time.Duration;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** A grip on one execution. */
final class Handle<O> implements ExecutionHandle<O> {

  private static final ErrorInfo UNKNOWN = ErrorInfo.of("unknown", "no error was stored", null);

  private final Lookup lookup;
  private final UUID id;
  private final boolean isNew;
  private final Function<String, @Nullable O> decoder;
  private final @Nullable CompletableFuture<@Nullable End> local;

  /**
   * @param local the end of the stay on this node, if it began here
   */
  Handle(
      Lookup lookup,
      UUID id,
      boolean isNew,
      Function<String, @Nullable O> decoder,
      @Nullable CompletableFuture<@Nullable End> local) {
    this.lookup = lookup;
    this.id = id;
    this.isNew = isNew;
    this.decoder = decoder;
    this.local = local;
  }

  /** What a handle asks for. */
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
    CompletableFuture<O> future = future();
    try {
      return future.get(TimeUnit.NANOSECONDS.convert(timeout), TimeUnit.NANOSECONDS);
    } catch (TimeoutException late) {
      future.cancel(false);
      // Perhaps it does not exist.
      lookup.status(id);
      throw new ResultTimeoutException(id, timeout);
    } catch (InterruptedException interrupted) {
      future.cancel(false);
      Thread.currentThread().interrupt();
      throw new ResultTimeoutException(id, timeout);
    } catch (ExecutionException failure) {
      if (failure.getCause() instanceof DurableException known) {
        throw known;
      }
      throw new DurableException("Could not get the result of execution " + id, failure.getCause());
    }
  }

  @Override
  public CompletableFuture<O> future() {
    CompletableFuture<O> future = new CompletableFuture<>();
    if (local == null) {
      waitFor(future);
    } else {
      local.whenComplete(
          (end, never) -> {
            if (end != null && end.status() == ExecutionStatus.COMPLETED) {
              complete(future, end);
            } else {
              // It left this node, or an operator may have let it go on since.
              waitFor(future);
            }
          });
    }
    return future;
  }

  private void waitFor(CompletableFuture<O> future) {
    CompletableFuture<End> ended = lookup.end(id);
    ended.whenComplete(
        (end, failure) -> {
          if (failure != null) {
            future.completeExceptionally(failure);
          } else {
            complete(future, end);
          }
        });
    future.whenComplete((done, failure) -> ended.cancel(false));
  }

  private DurableException undone(ErrorInfo error) {
    return error.type().equals(ErrorInfo.CANCELLED)
        ? new ExecutionCancelledException(id, error.message())
        : new ExecutionFailedException(id, error);
  }

  private void complete(CompletableFuture<O> future, End end) {
    try {
      ErrorInfo error = Objects.requireNonNullElse(end.error(), UNKNOWN);
      switch (end.status()) {
        case COMPLETED ->
            future.complete(decoder.apply(end.output() == null ? "null" : end.output()));
        case CANCELLED ->
            future.completeExceptionally(new ExecutionCancelledException(id, error.message()));
        case PARKED -> future.completeExceptionally(new ExecutionParkedException(id, error));
        case COMPENSATED, COMPENSATION_FAILED -> future.completeExceptionally(undone(error));
        default -> future.completeExceptionally(new ExecutionFailedException(id, error));
      }
    } catch (RuntimeException undecodable) {
      future.completeExceptionally(undecodable);
    }
  }
}
