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
      where id = any (?::uuid[]) and status = any (?)
      """;

  /**
   * Sent before an operation, in one transaction with it: the operation's snapshot then also has
   * the history that an owner committed while we waited for the lock.
   */
  private static final String LOCK =
      "select 1 from ${schema}.workflow_executions where id = ? for update;\n";

  /**
   * Raising the token fences the owner; the hint lets it interrupt the body at once. If the
   * definition says so, what has been done is undone first.
   */
  private static final String CANCEL =
      """
      with before as (
        select e.id, e.status, e.locked_by,
               e.started_at is not null and e.compensation_results is null and exists (
                 select 1 from ${schema}.workflow_definitions d
                 where d.name = e.workflow_name and d.version = e.workflow_version
                   and d.fingerprint = e.fingerprint and d.compensate_on_cancel) as undo
        from ${schema}.workflow_executions e where e.id = ? for update
      ), cancelled as (
        update ${schema}.workflow_executions e
        set status = case when b.undo then 'compensating' else 'cancelled' end,
            error = o.error, lock_token = e.lock_token + 1, locked_by = null, updated_at = ${now},
            compensation_results = case
              when b.undo then jsonb_build_object('cause', o.error, 'results', '[]'::jsonb)
              else e.compensation_results end,
            wake_at = case when b.undo then ${now} end,
            completed_at = case when not b.undo then ${now} end
        from before b, (select ?::jsonb as error) o
        where e.id = b.id and b.status in ('pending', 'running', 'waiting', 'parked')
        returning e.id, e.queue, b.undo
      ), steps as (
        update ${schema}.step_executions s set status = 'cancelled', completed_at = ${now}
        from cancelled c where s.workflow_id = c.id and s.status in ('running', 'waiting')
      )
      select b.status, c.id is not null,
             (select count(pg_notify(?, hint)) from (
                select 'c' || c.id as hint where b.locked_by is not null
                union all select 'q' || c.queue where c.undo) h
              where c.id is not null and ?)
      from before b left join cancelled c on c.id = b.id
      """;

  /** The mark in the history makes attempts count anew; the workflow timeout starts again. */
  private static final String RETRY =
      """
      with before as (
        select id, status from ${schema}.workflow_executions where id = ? for update
      ), released as (
        update ${schema}.workflow_executions e
        set status = case when e.compensation_results is null then 'pending'
                          else 'compensating' end,
            error = e.compensation_results -> 'cause', completed_at = null, wake_at = ${now},
            recoveries = 0, lock_token = e.lock_token + 1, updated_at = ${now},
            deadline_at = ${now} + (e.deadline_at - coalesce(
              (select max(s.started_at) from ${schema}.step_executions s
               where s.workflow_id = e.id and s.step_type = 'retry'),
              greatest(e.scheduled_at, e.inserted_at)))
        from before b
        where e.id = b.id and b.status in ('failed', 'parked', 'compensation_failed')
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
             (select pg_notify(?, 'q' || r.queue)::text where r.id is not null and ?)
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
            new Bind(connection, statement)
                .uuids(List.copyOf(ids), id -> id)
                .texts(List.copyOf(ExecutionStatus.SETTLED), ExecutionStatus::text);
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
   * Releases a failed or parked execution; one whose compensation has begun goes on with that.
   *
   * @throws ExecutionNotFoundException if it does not exist
   * @throws ExecutionStateException if it is neither failed, nor compensation_failed, nor parked
   */
  public void retry(UUID id) {
    operate(
        null, id, "retry", "failed, compensation_failed and parked", RETRY, bind -> bind.uuid(id));
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
          try (PreparedStatement statement = connection.prepareStatement(sql.of(LOCK + template))) {
            Bind bind = new Bind(connection, statement).uuid(id);
            binding.to(bind);
            bind.text(sql.channel()).flag(notifications);
            statement.execute();
            statement.getMoreResults();
            try (ResultSet row = statement.getResultSet()) {
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
