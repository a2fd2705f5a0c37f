package dev.durable.internal.client;

import dev.durable.DurableException;
import dev.durable.execution.ExecutionHandle;
import dev.durable.internal.client.StartRequests.Start;
import dev.durable.internal.journal.Journal;
import dev.durable.internal.store.client.ExecutionStore.End;
import dev.durable.internal.store.client.UncommittedStarts;
import dev.durable.internal.store.journal.StartResult;
import dev.durable.internal.store.journal.StartRow;
import java.time.Duration;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Offers prepared starts to the journal, which commits many at once. If a worker of this instance
 * has a free slot, the row is committed as owned by it and runs as soon as the commit is answered;
 * otherwise it is committed as pending, and any worker claims it.
 *
 * <p>If the answer is lost, a row may be owned by this worker without a run: {@link
 * dev.durable.internal.worker.Orphans} frees it.
 */
final class StartOffers {

  private final UncommittedStarts uncommitted;
  private final Journal journal;
  private final Handles handles;
  private final LocalWorkers workers;

  /**
   * @param workers the workers of this instance
   */
  StartOffers(
      UncommittedStarts uncommitted, Journal journal, Handles handles, LocalWorkers workers) {
    this.uncommitted = uncommitted;
    this.journal = journal;
    this.handles = handles;
    this.workers = workers;
  }

  /** A start that has been offered and may not have been answered yet. */
  interface Offered<O> {

    /** Waits for the answer. */
    ExecutionHandle<O> handle();
  }

  /** Offers a start, and launches it once it is committed as owned here. */
  <O> Offered<O> offer(Start start, Function<String, @Nullable O> decoder) {
    StartRow row = start.row();
    uncommitted.refuse(row, null);
    LocalWorker local = workers.current();
    LocalWorker.Place place = local == null ? null : local.place(row);
    CompletableFuture<StartResult> answer =
        journal.start(row.ownedBy(place == null ? null : place.lease()));
    CompletableFuture<CompletableFuture<@Nullable End>> launched =
        answer.thenApply(result -> launch(start, result, local, place));
    answer.whenComplete(
        (result, failure) -> {
          if (failure != null && place != null) {
            place.slot().free();
          }
        });
    launched.whenComplete(
        (left, failure) -> {
          if (local != null && place != null) {
            local.answered(row.id());
          }
        });
    return () -> {
      StartResult result = await(answer, row);
      UUID id = start.accept(result);
      return handles.ofStarted(
          id, result.added(), decoder, result.owned() ? launched.join() : null);
    };
  }

  private CompletableFuture<@Nullable End> launch(
      Start start,
      StartResult result,
      @Nullable LocalWorker local,
      LocalWorker.@Nullable Place place) {
    StartRow row = start.row();
    if (local == null) {
      return CompletableFuture.completedFuture(null);
    }
    if (place != null && start.input() != null && result.owned()) {
      return local.launch(row, start.input(), place);
    }
    if (place != null) {
      place.slot().free();
    }
    if (result.added() || result.replaced()) {
      local.dueIn(due(row));
    }
    return CompletableFuture.completedFuture(null);
  }

  private static Duration due(StartRow row) {
    return row.delay() == null ? Duration.ZERO : row.delay();
  }

  /** The journal always answers in time, at worst that the outcome is unknown. */
  private static StartResult await(CompletableFuture<StartResult> answer, StartRow row) {
    try {
      return answer.get();
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      throw new DurableException(
          "Interrupted while starting workflow '"
              + row.workflow()
              + "'; execution "
              + row.id()
              + " may have been started.",
          interrupted);
    } catch (ExecutionException failure) {
      if (failure.getCause() instanceof RuntimeException known) {
        throw known;
      }
      throw new DurableException("Could not start workflow " + row.workflow(), failure.getCause());
    }
  }
}
