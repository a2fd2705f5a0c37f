package dev.durable.internal.client;

import dev.durable.execution.ExecutionHandle;
import dev.durable.internal.client.StartOffers.Offered;
import dev.durable.internal.client.StartRequests.Start;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.function.UnaryOperator;

/**
 * The starts of one list that are debounced. Of those with one key only the last is offered, in the
 * place of the first: the others would only be replaced by it, and writers that work side by side
 * could write them in another order.
 */
final class DebouncedStarts<O> {

  private final Map<String, Start> newest = new HashMap<>();
  private final Map<String, Offered<O>> offered = new HashMap<>();

  DebouncedStarts(List<Start> all) {
    all.stream()
        .filter(start -> start.row().isDebounced())
        .forEach(start -> newest.put(key(start), start));
  }

  /**
   * The answer to a start.
   *
   * @param offer offers the last start with its key
   * @param again makes the handle of a start whose execution an earlier one of the list has
   */
  Offered<O> offered(
      Start start, Function<Start, Offered<O>> offer, UnaryOperator<ExecutionHandle<O>> again) {
    String key = key(start);
    Offered<O> before = offered.get(key);
    if (before != null) {
      return () -> again.apply(before.handle());
    }
    Offered<O> first = offer.apply(newest.getOrDefault(key, start));
    offered.put(key, first);
    return first;
  }

  private static String key(Start start) {
    return String.valueOf(start.row().key());
  }
}
