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
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
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
  private final @Nullable CompletableFuture<@Nullable End> local;
  private final Set<CompletableFuture<End>> waiting = ConcurrentHashMap.newKeySet();

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
    this.local = local;
    if (local != null) {
      local.whenComplete((end, never) -> left());
    }
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
      throw new ResultTimeoutException(id, timeout);
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
  @SuppressWarnings("UndefinedEquals") // Identity is what is meant.
  private CompletableFuture<End> end() {
    CompletableFuture<@Nullable End> here = local;
    if (here == null) {
      return lookup.end(id);
    }
    CompletableFuture<End> end = new CompletableFuture<>();
    waiting.add(end);
    end.whenComplete((done, failure) -> waiting.remove(end));
    if (here.isDone()) {
      left();
    }
    return end;
  }

  /** It has left this worker: completes the waiters with its end, or lets them ask for it. */
  @SuppressWarnings({"UndefinedEquals", "ModifyCollectionInEnhancedForLoop"}) // A concurrent set.
  private void left() {
    CompletableFuture<@Nullable End> here = local;
    End end = here == null || here.isCompletedExceptionally() ? null : here.getNow(null);
    for (CompletableFuture<End> waiter : waiting) {
      if (!waiting.remove(waiter)) {
        continue;
      }
      if (end != null && end.status() == ExecutionStatus.COMPLETED) {
        waiter.complete(end);
      } else {
        // It left without an end, or an operator may have retried it since.
        ask(waiter);
      }
    }
  }

  private void ask(CompletableFuture<End> waiter) {
    CompletableFuture<End> ended = lookup.end(id);
    ended.whenComplete(
        (end, failure) -> {
          if (failure != null) {
            waiter.completeExceptionally(failure);
          } else {
            waiter.complete(end);
          }
        });
    waiter.whenComplete((done, failure) -> ended.cancel(false));
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
        local == null ? "" : local.isDone() ? ", left this worker" : ", runs on this worker";
    return "execution " + id + run;
  }
}
