package dev.durable.internal.store;

import dev.durable.execution.Execution;
import dev.durable.execution.ExecutionQuery;
import dev.durable.execution.ExecutionStatus;
import dev.durable.execution.Page;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/**
 * Lists of executions. Ids are made in the order of time, so newest first is a walk down the
 * primary key.
 */
public final class QueryStore {

  private final Database database;
  private final Sql sql;

  /**
   * @param database where
   * @param sql where the tables are
   */
  public QueryStore(Database database, Sql sql) {
    this.database = database;
    this.sql = sql;
  }

  /** A page of what matches. */
  public Page<Execution> list(ExecutionQuery query) {
    Filter filter = new Filter(query);
    if (query.after() != null) {
      UUID after = query.after();
      filter.add("id < ?", bind -> bind.uuid(after));
    }
    String statement =
        "select "
            + Rows.EXECUTION
            + " from ${schema}.workflow_executions"
            + filter.where()
            + " order by id desc limit "
            + (query.limit() + 1);
    List<Execution> rows = new ArrayList<>();
    run(statement, filter, row -> rows.add(Rows.execution(row)));
    boolean more = rows.size() > query.limit();
    List<Execution> page = more ? rows.subList(0, query.limit()) : rows;
    return new Page<>(page, more ? page.get(page.size() - 1).id() : null);
  }

  /** How many match, by status. */
  public Map<ExecutionStatus, Long> countByStatus(ExecutionQuery query) {
    Filter filter = new Filter(query);
    Map<ExecutionStatus, Long> counts = new EnumMap<>(ExecutionStatus.class);
    run(
        "select status, count(*) from ${schema}.workflow_executions"
            + filter.where()
            + " group by status",
        filter,
        row -> counts.put(ExecutionStatus.of(row.getString(1)), row.getLong(2)));
    return counts;
  }

  private void run(String template, Filter filter, RowReader reader) {
    database.call(
        "list executions",
        connection -> {
          try (PreparedStatement statement = connection.prepareStatement(sql.of(template))) {
            filter.bind(new Bind(connection, statement));
            try (ResultSet row = statement.executeQuery()) {
              while (row.next()) {
                reader.read(row);
              }
            }
          }
          return filter;
        });
  }

  private interface RowReader {
    void read(ResultSet row) throws SQLException;
  }

  private interface Binding {
    void to(Bind bind) throws SQLException;
  }

  /** The conditions of a query with their values. */
  private static final class Filter {

    private final List<String> conditions = new ArrayList<>();
    private final List<Binding> bindings = new ArrayList<>();

    Filter(ExecutionQuery query) {
      equal("workflow_name", query.workflow());
      equal("workflow_key", query.key());
      equal("queue", query.queue());
      if (query.idPrefix() != null) {
        IdRange range = IdRange.of(query.idPrefix());
        add("id between ? and ?", bind -> bind.uuid(range.first()).uuid(range.last()));
      }
      if (!query.statuses().isEmpty()) {
        add("status = any (?)", bind -> bind.texts(query.statuses(), ExecutionStatus::text));
      }
      if (!query.tags().isEmpty()) {
        add("tags @> ?::jsonb", bind -> bind.text(InternalJson.write(query.tags())));
      }
      if (query.since() != null) {
        var since = query.since();
        add("inserted_at >= ?", bind -> bind.time(since));
      }
      if (query.until() != null) {
        var until = query.until();
        add("inserted_at < ?", bind -> bind.time(until));
      }
    }

    private void equal(String column, @org.jspecify.annotations.Nullable String value) {
      if (value != null) {
        add(column + " = ?", bind -> bind.text(value));
      }
    }

    void add(String condition, Binding binding) {
      conditions.add(condition);
      bindings.add(binding);
    }

    String where() {
      return conditions.isEmpty() ? "" : " where " + String.join(" and ", conditions);
    }

    void bind(Bind bind) throws SQLException {
      for (Binding binding : bindings) {
        binding.to(bind);
      }
    }
  }
}
