package dev.durable.internal.store;

import dev.durable.execution.ExecutionNotFoundException;
import dev.durable.execution.StepExecution;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/** Reads what executions have done so far. */
public final class HistoryStore {

  private static final String LOAD =
      "select "
          + Rows.STEP
          + ", (extract(epoch from wake_at - ${now}) * 1000000)::bigint from ${schema}.step_executions where workflow_id = any (?::uuid[])"
          + " order by workflow_id, seq";

  private static final String EXISTS = "select 1 from ${schema}.workflow_executions where id = ?";

  private final Database database;
  private final Sql sql;

  /**
   * @param database where
   * @param sql where the tables are
   */
  public HistoryStore(Database database, Sql sql) {
    this.database = database;
    this.sql = sql;
  }

  /**
   * What is known of each of these executions: its history, and what has been sent to it. Those
   * that nothing is known of are left out.
   *
   * @param runner the claimer's
   */
  public Map<UUID, Past> pasts(SqlRunner runner, Collection<UUID> executions) {
    Map<UUID, List<Recorded>> histories = new HashMap<>();
    Map<UUID, List<EventStore.Signal>> mailboxes = new HashMap<>();
    List<UUID> ids = List.copyOf(executions);
    new Pipeline()
        .add(sql.of(LOAD), bind -> bind.uuids(ids, id -> id), rows -> read(rows, histories))
        .add(
            EventStore.mailbox(sql),
            bind -> bind.uuids(ids, id -> id),
            rows -> mailboxes.putAll(EventStore.signals(rows)))
        .execute(runner, "read the history of executions");
    Map<UUID, Past> pasts = new HashMap<>();
    histories.forEach(
        (id, rows) -> pasts.put(id, new Past(rows, mailboxes.getOrDefault(id, List.of()))));
    mailboxes.forEach((id, mailbox) -> pasts.putIfAbsent(id, new Past(List.of(), mailbox)));
    return pasts;
  }

  /** The history of each of these executions, in order; those without any are left out. */
  private Map<UUID, List<Recorded>> load(Collection<UUID> executions) {
    return database.call(
        "read the history of executions",
        connection -> {
          Map<UUID, List<Recorded>> histories = new HashMap<>();
          try (PreparedStatement statement = connection.prepareStatement(sql.of(LOAD))) {
            new Bind(connection, statement).uuids(List.copyOf(executions), id -> id);
            try (ResultSet rows = statement.executeQuery()) {
              read(rows, histories);
            }
          }
          return histories;
        });
  }

  private static void read(ResultSet rows, Map<UUID, List<Recorded>> histories)
      throws SQLException {
    histories.clear();
    while (rows.next()) {
      StepExecution step = Rows.step(rows);
      histories
          .computeIfAbsent(step.executionId(), id -> new ArrayList<>())
          .add(new Recorded(step, Rows.micros(rows, 15)));
    }
  }

  /**
   * The history of one execution.
   *
   * @throws ExecutionNotFoundException if it does not exist
   */
  public List<StepExecution> steps(UUID execution) {
    List<Recorded> steps = load(List.of(execution)).get(execution);
    if (steps != null) {
      return steps.stream().map(Recorded::row).toList();
    }
    boolean exists =
        database.call(
            "find execution " + execution,
            connection -> {
              try (PreparedStatement statement = connection.prepareStatement(sql.of(EXISTS))) {
                new Bind(connection, statement).uuid(execution);
                try (ResultSet row = statement.executeQuery()) {
                  return row.next();
                }
              }
            });
    if (!exists) {
      throw new ExecutionNotFoundException(execution, sql.prefix());
    }
    return List.of();
  }
}
