package dev.durable.internal.store;

import dev.durable.execution.ExecutionNotFoundException;
import dev.durable.execution.StepExecution;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Reads what executions have done so far. */
public final class HistoryStore {

  private static final Template LOAD =
      new Template(
          "HistoryStore.LOAD",
          "with ${clock} select "
              + Rows.STEP
              // Set by hand, it may be infinite: then it is as far away as matters here.
              + ", case when wake_at is not null then (extract(epoch from"
              + " greatest(least(wake_at at time zone 'UTC', (select utc from t) + interval '36500 days'),"
              + " (select utc from t) - interval '1 day')"
              + " - (select utc from t)) * 1000000::numeric)::bigint end"
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
   * @param unreadable where to put those that cannot be read, and why; the others are read
   */
  public Map<UUID, Past> pasts(
      SqlRunner runner, Collection<UUID> executions, Map<UUID, Throwable> unreadable) {
    Map<UUID, List<Recorded>> histories = new HashMap<>();
    Map<UUID, List<EventStore.Signal>> mailboxes = new HashMap<>();
    List<UUID> ids = List.copyOf(executions);
    new Pipeline()
        .add(
            sql.of(LOAD),
            bind -> bind.now().uuids(ids, id -> id),
            rows -> histories.putAll(read(rows, unreadable)))
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

  private static Map<UUID, List<Recorded>> read(
      ResultSet rows, @Nullable Map<UUID, Throwable> unreadable) throws SQLException {
    Map<UUID, List<Recorded>> histories = new HashMap<>();
    while (rows.next()) {
      UUID execution = rows.getObject("workflow_id", UUID.class);
      int seq = rows.getInt("seq");
      Duration wake = Rows.micros(rows, 15);
      Supplier<StepExecution> step = Rows.step(rows);
      try {
        Recorded row = new Recorded(step.get(), wake);
        histories.computeIfAbsent(execution, id -> new ArrayList<>()).add(row);
      } catch (RuntimeException damaged) {
        if (unreadable == null) {
          throw damaged;
        }
        unreadable.put(
            execution,
            new IllegalStateException(
                "row " + seq + " of its history: " + damaged.getMessage(), damaged));
      }
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
            rows -> steps.set(read(rows, null)))
        .execute(database, "read the history of execution " + execution);
    if (!exists.get()) {
      throw new ExecutionNotFoundException(execution, sql.prefix());
    }
    return steps.get().getOrDefault(execution, List.of()).stream().map(Recorded::row).toList();
  }
}
