package dev.durable.internal.client;

import dev.durable.StartOptions;
import dev.durable.execution.ExecutionHandle;
import dev.durable.internal.client.StartOffers.Offered;
import dev.durable.internal.client.StartRequests.Start;
import dev.durable.internal.journal.Journal;
import dev.durable.internal.store.client.UncommittedStarts;
import dev.durable.internal.store.journal.StartResult;
import dev.durable.workflow.Workflow;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The starts of callers, one or many: each is prepared ({@link StartRequests}), then offered to the
 * journal, and runs here if a slot is free ({@link StartOffers}).
 */
public final class Starter {

  private final StartRequests requests;
  private final StartOffers offers;
  private final Handles handles;

  /**
   * @param workers the workers of this instance
   */
  public Starter(
      StartRequests requests,
      UncommittedStarts uncommitted,
      Journal journal,
      Handles handles,
      LocalWorkers workers) {
    this.requests = requests;
    this.offers = new StartOffers(uncommitted, journal, handles, workers);
    this.handles = handles;
  }

  public <I, O> ExecutionHandle<O> start(
      Workflow<I, O> workflow, I input, Consumer<? super StartOptions> with) {
    Objects.requireNonNull(workflow, "workflow");
    Start start = requests.prepare(workflow, input, StartOptions.of(with));
    return offers.offer(start, handles.decoder(workflow)).handle();
  }

  public ExecutionHandle<String> start(
      String workflow, String json, Consumer<? super StartOptions> with) {
    Objects.requireNonNull(workflow, "workflow");
    Objects.requireNonNull(json, "json");
    Start start = requests.prepare(workflow, json, StartOptions.of(with));
    return offers.offer(start, (String end) -> end).handle();
  }

  /** Prepares all before the first is offered, and offers all before the first answer. */
  public <I, O> List<ExecutionHandle<O>> startAll(
      Workflow<I, O> workflow, List<I> inputs, BiConsumer<? super I, ? super StartOptions> with) {
    List<Start> prepared = requests.prepareAll(workflow, inputs, with);
    List<Offered<O>> offered = new ArrayList<>(inputs.size());
    Map<String, Offered<O>> withKeys = new HashMap<>();
    Function<String, @Nullable O> decoder = handles.decoder(workflow);
    for (Start start : prepared) {
      String key = start.row().key();
      Offered<O> first = key == null ? null : withKeys.get(key);
      offered.add(
          first == null
              ? offers.offer(start, decoder)
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
}
