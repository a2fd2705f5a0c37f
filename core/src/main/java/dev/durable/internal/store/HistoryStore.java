package dev.durable.internal.store;

import dev.durable.execution.ExecutionNotFoundException;
import dev.durable.execution.StepExecution;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;

/** Reads what executions have done so far. */
public final class HistoryStore {

  private static final Template LOAD =
      new Template(
          "HistoryStore.LOAD",
          "with ${clock} select "
              + Rows.STEP
              + ", (extract(epoch from wake_at - ${time}) * 1000000::numeric)::bigint"
              + " from ${schema}.step_executions where workflow_id = any (?::uuid[])"
              + " order by workflow_id, seq");

  private static final Template EXISTS =
      new Template(
          "HistoryStore.EXISTS", "select 1 from ${schema}.workflow_executions where id = ?::uuid");

  static final List<Template> STATEMENTS = List.of(LOAD, EXISTS);

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
        .add(
            sql.of(LOAD),
            bind -> bind.now().uuids(ids, id -> id),
            rows -> histories.putAll(read(rows)))
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

  private static Map<UUID, List<Recorded>> read(ResultSet rows) throws SQLException {
    Map<UUID, List<Recorded>> histories = new HashMap<>();
    while (rows.next()) {
      StepExecution step = Rows.step(rows);
      histories
          .computeIfAbsent(step.executionId(), id -> new ArrayList<>())
          .add(new Recorded(step, Rows.micros(rows, 15)));
    }
    return histories;
  }

  /**
   * The history of one execution.
   *
   * @throws ExecutionNotFoundException if it does not exist
   */
  public List<StepExecution> steps(UUID execution) {
    AtomicBoolean exists = new AtomicBoolean();
    AtomicReference<Map<UUID, List<Recorded>>> steps = new AtomicReference<>(Map.of());
    new Pipeline()
        .add(sql.of(EXISTS), bind -> bind.uuid(execution), row -> exists.set(row.next()))
        .add(
            sql.of(LOAD),
            bind -> bind.now().uuids(List.of(execution), id -> id),
            rows -> steps.set(read(rows)))
        .execute(database, "read the history of execution " + execution);
    if (!exists.get()) {
      throw new ExecutionNotFoundException(execution, sql.prefix());
    }
    return steps.get().getOrDefault(execution, List.of()).stream().map(Recorded::row).toList();
  }
}
