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
import java.util.concurrent.atomic.AtomicReference;
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

  ExecutionHandle<String> start(Start prepared) {
    return offers.offer(prepared, (String end) -> end).handle();
  }

  /** Prepares all before the first is offered, and offers all before the first answer. */
  public <I, O> List<ExecutionHandle<O>> startAll(
      Workflow<I, O> workflow, List<I> inputs, BiConsumer<? super I, ? super StartOptions> with) {
    List<Start> prepared = requests.prepareAll(workflow, inputs, with);
    List<Offered<O>> offered = new ArrayList<>(inputs.size());
    Map<String, Offered<O>> withKeys = new HashMap<>();
    DebouncedStarts<O> debounced = new DebouncedStarts<>(prepared);
    Function<String, @Nullable O> decoder = handles.decoder(workflow);
    for (Start start : prepared) {
      String key = start.row().key();
      Offered<O> before = key == null ? null : withKeys.get(key);
      if (start.row().isDebounced()) {
        offered.add(
            debounced.offered(
                start,
                newest -> once(offers.offer(newest, decoder)),
                found -> handles.ofStarted(found.id(), false, decoder, null)));
      } else {
        offered.add(before == null ? offers.offer(start, decoder) : after(before, start, decoder));
      }
      if (key != null) {
        withKeys.put(key, offered.getLast());
      }
    }
    return offered.stream().map(Offered::handle).toList();
  }

  /**
   * A start whose key an earlier start of the same list has. It is offered only if the execution
   * that the earlier one has found may have ended, and that matters.
   */
  private <O> Offered<O> after(
      Offered<O> before, Start start, Function<String, @Nullable O> decoder) {
    return once(
        () -> {
          ExecutionHandle<O> found = before.handle();
          if (found.isNew() || start.acceptsEnded()) {
            UUID id = start.accept(StartResult.found(found.id(), false));
            return handles.ofStarted(id, false, decoder, null);
          }
          return offers.offer(start, decoder).handle();
        });
  }

  private static <O> Offered<O> once(Offered<O> offered) {
    AtomicReference<@Nullable ExecutionHandle<O>> known = new AtomicReference<>();
    return () -> {
      ExecutionHandle<O> handle = known.get();
      if (handle == null) {
        handle = offered.handle();
        known.set(handle);
      }
      return handle;
    };
  }
}
