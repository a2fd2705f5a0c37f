package dev.durable.internal.store.client;

import dev.durable.execution.ExecutionQuery;
import dev.durable.internal.codec.InternalJson;
import dev.durable.internal.store.jdbc.Parameters;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The conditions of a list. Only given values are compared, so that PostgreSQL sees which index
 * fits. Values are bound in the order in which they were added.
 */
final class QueryConditions {

  private final List<String> conditions = new ArrayList<>();
  private final List<Parameters.Binding> bindings = new ArrayList<>();

  /** The conditions of a query; empty for one that asks for all executions. */
  static QueryConditions of(ExecutionQuery query) {
    QueryConditions conditions = new QueryConditions();
    conditions.equal("workflow_name", query.workflow());
    conditions.equal("workflow_key", query.key());
    if (query.keyHistory() != null) {
      var key = query.keyHistory();
      conditions.add(
          "(workflow_key = ?::text or former_key = ?::text)", bind -> bind.text(key).text(key));
    }
    conditions.equal("queue", query.queue());
    conditions.equal("schedule_name", query.schedule());
    if (query.idPrefix() != null) {
      IdRange range = IdRange.of(query.idPrefix());
      conditions.add(
          "id between ?::uuid and ?::uuid", bind -> bind.uuid(range.first()).uuid(range.last()));
    }
    if (!query.statuses().isEmpty()) {
      conditions.add(StatusCondition.of(query.statuses()), bind -> {});
    }
    if (!query.tags().isEmpty()) {
      conditions.add("tags @> ?::jsonb", bind -> bind.text(InternalJson.write(query.tags())));
    }
    if (query.since() != null) {
      var since = query.since();
      conditions.add("inserted_at >= ?::timestamptz", bind -> bind.time(since));
    }
    if (query.until() != null) {
      var until = query.until();
      conditions.add("inserted_at < ?::timestamptz", bind -> bind.time(until));
    }
    return conditions;
  }

  private void equal(String column, @Nullable String value) {
    if (value != null) {
      add(column + " = ?::text", bind -> bind.text(value));
    }
  }

  void add(String condition, Parameters.Binding binding) {
    conditions.add(condition);
    bind(binding);
  }

  /** Adds a value before or behind the conditions. */
  void bind(Parameters.Binding binding) {
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
    for (Parameters.Binding binding : bindings) {
      binding.to(bind);
    }
  }
}
