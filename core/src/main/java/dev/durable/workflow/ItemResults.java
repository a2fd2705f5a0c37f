package dev.durable.workflow;

import dev.durable.execution.ErrorInfo;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * How the items of a forEach ended, in the order of the items.
 *
 * @param outcomes one for each item
 * @param <R> what an item's path returns
 */
public record ItemResults<R>(List<Outcome<R>> outcomes) {

  /** Copies the list. */
  public ItemResults {
    outcomes = List.copyOf(outcomes);
  }

  /** What those items returned that completed, in the order of the items. */
  public List<R> completed() {
    List<R> values = new ArrayList<>();
    for (Outcome<R> outcome : outcomes) {
      if (outcome instanceof Outcome.Completed<R>(R value)) {
        values.add(value);
      }
    }
    return values;
  }

  /** Why those items failed that did, by their index. */
  public Map<Integer, ErrorInfo> failed() {
    Map<Integer, ErrorInfo> errors = new LinkedHashMap<>();
    for (int i = 0; i < outcomes.size(); i++) {
      if (outcomes.get(i) instanceof Outcome.Failed<R>(ErrorInfo error)) {
        errors.put(i, error);
      }
    }
    return errors;
  }
}
