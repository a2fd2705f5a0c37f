package dev.durable.internal.client;

import dev.durable.execution.ExecutionStatus;
import dev.durable.internal.store.client.ExecutionStore.End;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The end of an execution whose run began on this worker. Waiters need not poll while the run is
 * here; when it leaves without a result, the database is polled for them.
 */
final class LocalEnd {

  private final CompletableFuture<@Nullable End> run;
  private final Supplier<CompletableFuture<End>> elsewhere;
  private final Set<CompletableFuture<End>> waiting = ConcurrentHashMap.newKeySet();

  /**
   * @param run the end of the run here
   * @param elsewhere polls for the end on any worker
   */
  LocalEnd(CompletableFuture<@Nullable End> run, Supplier<CompletableFuture<End>> elsewhere) {
    this.run = run;
    this.elsewhere = elsewhere;
    run.whenComplete((end, never) -> left());
  }

  /** Whether the run has left this worker. */
  boolean hasLeft() {
    return run.isDone();
  }

  /** The end; cancelling it leaves no waiter behind. */
  @SuppressWarnings("UndefinedEquals") // Identity is what is meant.
  CompletableFuture<End> end() {
    CompletableFuture<End> end = new CompletableFuture<>();
    waiting.add(end);
    end.whenComplete((done, failure) -> waiting.remove(end));
    if (run.isDone()) {
      left();
    }
    return end;
  }

  /** It has left this worker: completes the waiters with its end, or lets them ask for it. */
  @SuppressWarnings({"UndefinedEquals", "ModifyCollectionInEnhancedForLoop"}) // A concurrent set.
  private void left() {
    End end = run.isCompletedExceptionally() ? null : run.getNow(null);
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
    CompletableFuture<End> ended = elsewhere.get();
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
}
