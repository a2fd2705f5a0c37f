package dev.durable.internal.store.client;

import dev.durable.internal.store.jdbc.Parameters;
import dev.durable.internal.store.jdbc.Pipeline;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

/**
 * The conditions of a list. Only given values are compared, so that PostgreSQL sees which index
 * fits. Values are bound in the order in which they were added.
 */
final class QueryConditions {

  private final List<String> conditions = new ArrayList<>();
  private final List<Pipeline.Binding> bindings = new ArrayList<>();

  void add(String condition, Pipeline.Binding binding) {
    conditions.add(condition);
    bind(binding);
  }

  /** Adds a value before or behind the conditions. */
  void bind(Pipeline.Binding binding) {
    bindings.add(binding);
  }

  boolean isEmpty() {
    return conditions.isEmpty();
  }

  /** The where clause; empty if there are no conditions. */
  String where() {
    return conditions.isEmpty() ? "" : " where " + String.join(" and ", conditions);
  }

  void bindAll(Parameters bind) throws SQLException {
    for (Pipeline.Binding binding : bindings) {
      binding.to(bind);
    }
  }
}
