package dev.durable.internal.client;

import dev.durable.DurableException;
import dev.durable.StartOptions;
import dev.durable.execution.ExecutionHandle;
import dev.durable.internal.client.StartRequests.Start;
import dev.durable.internal.journal.Journal;
import dev.durable.internal.store.client.ExecutionStore.End;
import dev.durable.internal.store.client.UncommittedStarts;
import dev.durable.internal.store.journal.StartResult;
import dev.durable.internal.store.journal.StartRow;
import dev.durable.workflow.Workflow;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The start protocol. A start is prepared ({@link StartRequests}), then offered to the journal,
 * which commits many at once. If a worker of this instance has a free slot, the row is committed as
 * owned by it and runs as soon as the commit is answered; otherwise it is committed as pending, and
 * any worker claims it.
 *
 * <p>If the answer is lost, a row may be owned by this worker without a run: {@link
 * dev.durable.internal.worker.Orphans} frees it.
 */
public final class Starter {

  private final StartRequests requests;
  private final UncommittedStarts uncommitted;
  private final Journal journal;
  private final Handles handles;
  private final @Nullable LocalWorker local;

  /**
   * @param local the worker of this instance; null for a client
   */
  public Starter(
      StartRequests requests,
      UncommittedStarts uncommitted,
      Journal journal,
      Handles handles,
      @Nullable LocalWorker local) {
    this.requests = requests;
    this.uncommitted = uncommitted;
    this.journal = journal;
    this.handles = handles;
    this.local = local;
  }

  /** A start that has been offered and may not have been answered yet. */
  private interface Offered<O> {

    /** Waits for the answer. */
    ExecutionHandle<O> handle();
  }

  public <I, O> ExecutionHandle<O> start(
      Workflow<I, O> workflow, I input, Consumer<? super StartOptions> with) {
    Objects.requireNonNull(workflow, "workflow");
    Start start = requests.prepare(workflow, input, StartOptions.of(with));
    return offer(start, handles.decoder(workflow)).handle();
  }

  public ExecutionHandle<String> start(
      String workflow, String json, Consumer<? super StartOptions> with) {
    Objects.requireNonNull(workflow, "workflow");
    Objects.requireNonNull(json, "json");
    Start start = requests.prepare(workflow, json, StartOptions.of(with));
    return offer(start, (String end) -> end).handle();
  }

  /** Prepares all before the first is offered, and offers all before the first answer. */
  public <I, O> List<ExecutionHandle<O>> startAll(
      Workflow<I, O> workflow, List<I> inputs, BiConsumer<? super I, ? super StartOptions> with) {
    Objects.requireNonNull(workflow, "workflow");
    Objects.requireNonNull(inputs, "inputs");
    Objects.requireNonNull(with, "with");
    List<Start> prepared = new ArrayList<>(inputs.size());
    for (I input : inputs) {
      prepared.add(
          requests.prepare(workflow, input, StartOptions.of(start -> with.accept(input, start))));
    }
    List<Offered<O>> offered = new ArrayList<>(inputs.size());
    Map<String, Offered<O>> withKeys = new HashMap<>();
    Function<String, @Nullable O> decoder = handles.decoder(workflow);
    for (Start start : prepared) {
      String key = start.row().key();
      Offered<O> first = key == null ? null : withKeys.get(key);
      offered.add(
          first == null
              ? offer(start, decoder)
              : () -> duplicateOf(first.handle().id(), start, decoder));
      if (key != null && first == null) {
        withKeys.put(key, offered.getLast());
      }
    }
    return offered.stream().map(Offered::handle).toList();
  }

  /** The handle of a start whose key an earlier start of the same list has. */
  private <O> ExecutionHandle<O> duplicateOf(
      UUID first, Start start, Function<String, @Nullable O> decoder) {
    UUID id = start.accept(new StartResult(first, false, false));
    return handles.ofStarted(id, false, decoder, null);
  }

  private <O> Offered<O> offer(Start start, Function<String, @Nullable O> decoder) {
    StartRow row = start.row();
    uncommitted.refuse(row, null);
    LocalWorker.Place place = local == null ? null : local.place(row);
    CompletableFuture<StartResult> answer =
        journal.start(row.ownedBy(place == null ? null : place.lease()));
    CompletableFuture<CompletableFuture<@Nullable End>> launched =
        answer.thenApply(result -> launch(start, result, place));
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
      Start start, StartResult result, LocalWorker.@Nullable Place place) {
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
    if (result.added()) {
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
