package dev.durable.internal.store;

import dev.durable.execution.ErrorInfo;
import dev.durable.execution.Execution;
import dev.durable.execution.ExecutionNotFoundException;
import dev.durable.execution.ExecutionStateException;
import dev.durable.execution.ExecutionStatus;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Single executions: looking one up, and what an operator does to it. */
public final class ExecutionStore {

  private static final String FIND =
      "select " + Rows.EXECUTION + " from ${schema}.workflow_executions where id = ?";

  private static final String FIND_BY_KEY =
      "select "
          + Rows.EXECUTION
          + " from ${schema}.workflow_executions where workflow_name = ? and workflow_key = ?";

  private static final String ENDED =
      """
      select id, status, output, error from ${schema}.workflow_executions
      where id = any (?::uuid[]) and status in ('completed', 'failed', 'cancelled', 'parked')
      """;

  /** Raising the token fences the owner; the hint lets it interrupt the body at once. */
  private static final String CANCEL =
      """
      with before as (
        select id, status, locked_by from ${schema}.workflow_executions where id = ? for update
      ), cancelled as (
        update ${schema}.workflow_executions e
        set status = 'cancelled', error = ?::jsonb, lock_token = e.lock_token + 1,
            locked_by = null, wake_at = null, completed_at = ${now}, updated_at = ${now}
        from before b
        where e.id = b.id and b.status in ('pending', 'running', 'waiting', 'parked')
        returning e.id
      ), steps as (
        update ${schema}.step_executions s set status = 'cancelled', completed_at = ${now}
        from cancelled c where s.workflow_id = c.id and s.status = 'running'
      )
      select b.status, c.id is not null,
             case when c.id is not null and b.locked_by is not null and ?
               then pg_notify(?, 'c' || c.id)::text end
      from before b left join cancelled c on c.id = b.id
      """;

  /** The mark in the history makes attempts count anew; the workflow timeout starts again. */
  private static final String RETRY =
      """
      with before as (
        select id, status from ${schema}.workflow_executions where id = ? for update
      ), released as (
        update ${schema}.workflow_executions e
        set status = 'pending', error = null, completed_at = null, wake_at = ${now},
            recoveries = 0, lock_token = e.lock_token + 1, updated_at = ${now},
            deadline_at = ${now} + (e.deadline_at - coalesce(
              (select max(s.started_at) from ${schema}.step_executions s
               where s.workflow_id = e.id and s.step_type = 'retry'),
              greatest(e.scheduled_at, e.inserted_at)))
        from before b
        where e.id = b.id and b.status in ('failed', 'parked')
        returning e.id, e.queue
      ), mark as (
        insert into ${schema}.step_executions
          (workflow_id, seq, step_name, path, step_type, attempt, status, started_at, completed_at)
        select r.id,
               coalesce((select max(s.seq) from ${schema}.step_executions s
                         where s.workflow_id = r.id), -1) + 1,
               'retry', 'retry', 'retry', 1, 'completed', ${now}, ${now}
        from released r
      )
      select b.status, r.id is not null,
             case when r.id is not null and ? then pg_notify(?, 'q' || r.queue)::text end
      from before b left join released r on r.id = b.id
      """;

  private final Database database;
  private final Sql sql;
  private final boolean notifications;

  /**
   * @param database where
   * @param sql where the tables are
   * @param notifications whether changes are announced
   */
  public ExecutionStore(Database database, Sql sql, boolean notifications) {
    this.database = database;
    this.sql = sql;
    this.notifications = notifications;
  }

  /**
   * How an execution ended, or why it is parked.
   *
   * @param status final, or parked
   * @param output JSON of the result, if completed
   * @param error why not
   */
  public record End(ExecutionStatus status, @Nullable String output, @Nullable ErrorInfo error) {}

  /** The execution of that id. */
  public Optional<Execution> find(UUID id) {
    return one(sql.of(FIND), bind -> bind.uuid(id));
  }

  /** The execution of that workflow with that key. */
  public Optional<Execution> find(String workflow, String key) {
    return one(sql.of(FIND_BY_KEY), bind -> bind.text(workflow).text(key));
  }

  /** Which of these have ended, and how. */
  public Map<UUID, End> ended(Collection<UUID> ids) {
    return database.call(
        "ask for results",
        connection -> {
          Map<UUID, End> ends = new HashMap<>();
          try (PreparedStatement statement = connection.prepareStatement(sql.of(ENDED))) {
            new Bind(connection, statement).uuids(List.copyOf(ids), id -> id);
            try (ResultSet row = statement.executeQuery()) {
              while (row.next()) {
                ends.put(
                    row.getObject(1, UUID.class),
                    new End(
                        ExecutionStatus.of(row.getString(2)),
                        row.getString(3),
                        InternalJson.error(row.getString(4))));
              }
            }
          }
          return ends;
        });
  }

  /**
   * Cancels on the caller's connection or on one of our own.
   *
   * @throws ExecutionNotFoundException if it does not exist
   * @throws ExecutionStateException if it has ended
   */
  public void cancel(@Nullable Connection callers, UUID id, String reason) {
    String error =
        InternalJson.write(ErrorInfo.of(ErrorInfo.CANCELLED, Texts.storable(reason), null));
    operate(
        callers,
        id,
        "cancel",
        "pending, running, waiting and parked",
        CANCEL,
        bind -> bind.uuid(id).text(error));
  }

  /**
   * Releases a failed or parked execution.
   *
   * @throws ExecutionNotFoundException if it does not exist
   * @throws ExecutionStateException if it is neither failed nor parked
   */
  public void retry(UUID id) {
    operate(null, id, "retry", "failed and parked", RETRY, bind -> bind.uuid(id));
  }

  private void operate(
      @Nullable Connection callers,
      UUID id,
      String operation,
      String allowed,
      String template,
      Binding binding) {
    Database.Work<@Nullable Void> work =
        connection -> {
          try (PreparedStatement statement = connection.prepareStatement(sql.of(template))) {
            Bind bind = new Bind(connection, statement);
            binding.to(bind);
            bind.flag(notifications).text(sql.channel());
            try (ResultSet row = statement.executeQuery()) {
              if (!row.next()) {
                throw new ExecutionNotFoundException(id, sql.prefix());
              }
              if (!row.getBoolean(2)) {
                throw new ExecutionStateException(
                    id, operation, ExecutionStatus.of(row.getString(1)), allowed);
              }
            }
          }
          return null;
        };
    String doing = operation + " execution " + id;
    if (callers == null) {
      database.call(doing, work);
    } else {
      try {
        work.on(callers);
      } catch (SQLException refused) {
        throw SqlErrors.translate(doing, refused);
      }
    }
  }

  private Optional<Execution> one(String query, Binding binding) {
    return database.call(
        "find an execution",
        connection -> {
          try (PreparedStatement statement = connection.prepareStatement(query)) {
            binding.to(new Bind(connection, statement));
            try (ResultSet row = statement.executeQuery()) {
              return row.next() ? Optional.of(Rows.execution(row)) : Optional.empty();
            }
          }
        });
  }

  private interface Binding {
    void to(Bind bind) throws SQLException;
  }
}
