package dev.durable.internal.store;

import dev.durable.execution.ErrorInfo;
import dev.durable.execution.Execution;
import dev.durable.execution.ExecutionNotFoundException;
import dev.durable.execution.ExecutionStateException;
import dev.durable.execution.ExecutionStatus;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** Single executions: looking one up, and what an operator does to it. */
public final class ExecutionStore {

  private static final String FIND =
      "select " + Rows.EXECUTION + " from ${schema}.workflow_executions where id = ?";

  private static final String FIND_BY_KEY =
      "select "
          + Rows.EXECUTION
          + " from ${schema}.workflow_executions where workflow_name = ? and workflow_key = ?";

  private static final String CHILDREN =
      "select "
          + Rows.EXECUTION
          + " from ${schema}.workflow_executions where parent_workflow_id = ? order by id";

  private static final String ENDED =
      """
      select id, status, output, error from ${schema}.workflow_executions
      where id = any (?::uuid[]) and status = any (?)
      """;

  private static final String EXISTING =
      "select id from ${schema}.workflow_executions where id = any (?::uuid[])";

  /**
   * Sent before an operation, in one transaction with it: the operation's snapshot then also has
   * the history that an owner committed while we waited for the lock.
   */
  private static final String LOCK =
      """
      select count(*) from (
        select 1 from ${schema}.workflow_executions e
        where e.id in (select ? union all
                       select c.parent_workflow_id from ${schema}.workflow_executions c where c.id = ?)
        order by e.id for no key update) locked
      """;

  private static final String STATUS =
      "select status from ${schema}.workflow_executions where id = ?";

  private static final String CANCEL =
      FamilyStatement.cancelling(
          """
      with ${clock}, before as materialized (
        ${before} where e.id = ? for no key update
      )
      ${cancelled}
      """);

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
      select b.status::name, r.id is not null,
             (select count(pg_notify(?, 'q' || n.queue)) from released n where ?)
      from before b left join released r on r.id = b.id
      """;

  private final Database database;
  private final Sql sql;
  private final boolean notifications;
  private final FamilyStatement family;

  /**
   * @param database where
   * @param sql where the tables are
   * @param notifications whether changes are announced
   */
  public ExecutionStore(Database database, Sql sql, boolean notifications) {
    this.database = database;
    this.sql = sql;
    this.notifications = notifications;
    this.family = new FamilyStatement(sql);
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

  /** The executions that this one has started, the oldest first. */
  public List<Execution> children(UUID parent) {
    return database.call(
        "list the children of execution " + parent,
        connection -> {
          try (PreparedStatement statement = connection.prepareStatement(sql.of(CHILDREN))) {
            new Bind(connection, statement).uuid(parent);
            try (ResultSet rows = statement.executeQuery()) {
              List<Execution> children = new ArrayList<>();
              while (rows.next()) {
                children.add(Rows.execution(rows));
              }
              return children;
            }
          }
        });
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

  /** Which of these do not exist. */
  public Map<UUID, ExecutionNotFoundException> missing(Collection<UUID> ids) {
    return database.call(
        "ask whether executions exist",
        connection -> {
          Map<UUID, ExecutionNotFoundException> missing = new HashMap<>();
          ids.forEach(id -> missing.put(id, new ExecutionNotFoundException(id, sql.prefix())));
          try (PreparedStatement statement = connection.prepareStatement(sql.of(EXISTING))) {
            new Bind(connection, statement).uuids(List.copyOf(ids), id -> id);
            try (ResultSet row = statement.executeQuery()) {
              while (row.next()) {
                missing.remove(row.getObject(1, UUID.class));
              }
            }
          }
          return missing;
        });
  }

  /**
   * Cancels on the caller's connection or on one of our own.
   *
   * @throws ExecutionNotFoundException if it does not exist
   * @throws ExecutionStateException if it has ended
   */
  public void cancel(UUID id, String reason) {
    String error =
        InternalJson.write(ErrorInfo.of(ErrorInfo.CANCELLED, Texts.storable(reason), null));
    AtomicReference<@Nullable String> status = new AtomicReference<>();
    AtomicInteger cancelled = new AtomicInteger();
    List<String> hints = new ArrayList<>();
    Pipeline pipeline =
        new Pipeline()
            .add(sql.of(LOCK), bind -> bind.uuid(id).uuid(id))
            .add(
                sql.of(STATUS),
                bind -> bind.uuid(id),
                row -> status.set(row.next() ? row.getString(1) : null))
            .add(
                sql.of(CANCEL),
                bind -> bind.now().uuid(id).text(error),
                row -> cancelled.set(FamilyStatement.readCancelled(row, hints)));
    family.cancel(pipeline, List.of(new FamilyStatement.Ended(id, null)), List.of(), hints);
    family.close(pipeline, id);
    family.report(pipeline, List.of(new FamilyStatement.Ended(id, null)), hints);
    pipeline.execute(database, "cancel execution " + id);
    String before = status.get();
    if (before == null) {
      throw new ExecutionNotFoundException(id, sql.prefix());
    }
    if (cancelled.get() == 0) {
      throw new ExecutionStateException(
          id, "cancel", ExecutionStatus.of(before), "pending, running, waiting and parked");
    }
    tell(hints);
  }

  /** Sends hints after the commit; in the caller's transaction they are part of it. */
  public void tell(List<String> hints) {
    if (!hints.isEmpty() && notifications) {
      new Pipeline()
          .add(
              "select pg_catalog.pg_notify(?, h.hint) from ${rows: hint text} as h"
                  .replace("${rows: hint text}", "(select pg_catalog.unnest(?::text[]) as hint)"),
              bind -> bind.text(sql.channel()).texts(hints, hint -> hint))
          .execute(database, "tell of what has changed");
    }
  }

  /**
   * Releases a failed or parked execution; one whose compensation has begun goes on with that.
   *
   * @throws ExecutionNotFoundException if it does not exist
   * @throws ExecutionStateException if it is neither failed, nor compensation_failed, nor parked
   */
  public void retry(UUID id) {
    Pipeline pipeline = new Pipeline();
    operation(
        pipeline,
        id,
        "retry",
        "failed, compensation_failed and parked",
        RETRY,
        bind -> bind.uuid(id));
    pipeline.execute(database, "retry execution " + id);
  }

  private void operation(
      Pipeline pipeline,
      UUID id,
      String operation,
      String allowed,
      String template,
      Pipeline.Binding binding) {
    pipeline
        .add(sql.of(LOCK), bind -> bind.uuid(id).uuid(id))
        .add(
            sql.of(template),
            bind -> {
              binding.to(bind);
              bind.text(sql.channel()).flag(notifications);
            },
            row -> {
              if (!row.next()) {
                throw new ExecutionNotFoundException(id, sql.prefix());
              }
              if (!row.getBoolean(2)) {
                throw new ExecutionStateException(
                    id, operation, ExecutionStatus.of(row.getString(1)), allowed);
              }
            });
  }

  private Optional<Execution> one(String query, Pipeline.Binding binding) {
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
}
