package dev.durable.internal.store.client;

import dev.durable.execution.ErrorInfo;
import dev.durable.execution.Execution;
import dev.durable.execution.ExecutionNotFoundException;
import dev.durable.execution.ExecutionStateException;
import dev.durable.execution.ExecutionStatus;
import dev.durable.internal.codec.InternalJson;
import dev.durable.internal.store.jdbc.Database;
import dev.durable.internal.store.jdbc.Pipeline;
import dev.durable.internal.store.jdbc.Schema;
import dev.durable.internal.store.jdbc.SqlRunner.Answer;
import dev.durable.internal.store.jdbc.StatementTemplate;
import dev.durable.internal.store.journal.EndingSql;
import dev.durable.internal.store.journal.Ownership;
import dev.durable.internal.store.journal.ParentChildStatement;
import dev.durable.internal.store.journal.RevivalStatement;
import dev.durable.internal.text.StorableText;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** Single executions: finds, cancels and retries them. */
public final class ExecutionStore {

  private static final StatementTemplate FIND =
      new StatementTemplate(
          "ExecutionStore.FIND",
          "select "
              + RowReader.EXECUTION
              + " from ${schema}.workflow_executions where id = ?::uuid");

  private static final StatementTemplate FIND_BY_KEY =
      new StatementTemplate(
          "ExecutionStore.FIND_BY_KEY",
          "select "
              + RowReader.EXECUTION
              + " from ${schema}.workflow_executions"
              + " where workflow_name = ?::text and workflow_key = ?::text");

  private static final StatementTemplate CHILDREN =
      new StatementTemplate(
          "ExecutionStore.CHILDREN",
          "select "
              + RowReader.EXECUTION
              + " from ${schema}.workflow_executions where parent_workflow_id = ?::uuid"
              + " order by id");

  private static final StatementTemplate ENDED =
      new StatementTemplate(
          "ExecutionStore.ENDED",
          """
          select id, status, output, error from ${schema}.workflow_executions
          where id = any (?::uuid[]) and status = any (?::text[])
          """);

  private static final StatementTemplate EXISTING =
      new StatementTemplate(
          "ExecutionStore.EXISTING",
          "select id from ${schema}.workflow_executions where id = any (?::uuid[])");

  /**
   * Sent before an operation, in one transaction with it: the operation's snapshot then also has
   * the history that an owner committed while we waited for the lock.
   */
  private static final StatementTemplate LOCK =
      new StatementTemplate(
          "ExecutionStore.LOCK",
          """
          select pg_catalog.count(*) from (
            select 1 from ${schema}.workflow_executions e
            where e.id in (select ?::uuid union all
                           select c.parent_workflow_id from ${schema}.workflow_executions c
                           where c.id = ?::uuid)
            order by e.id for no key update) locked
          """);

  /** Sent after {@link #LOCK}: a locked execution starts no more children. */
  private static final StatementTemplate HAS_CHILDREN =
      new StatementTemplate(
          "ExecutionStore.HAS_CHILDREN",
          """
          select exists (select 1 from ${schema}.workflow_executions c
                         where c.parent_workflow_id = ?::uuid)
          """);

  /** Cancels; a definition may ask to compensate completed steps first. */
  private static final StatementTemplate CANCEL =
      new StatementTemplate(
          "ExecutionStore.CANCEL",
          """
          with ${clock}, before as materialized (
            ${before} where e.id = ?::uuid
          ), cancelled as (
            ${cancelled}
          ), steps as (
            update ${schema}.step_executions s set status = 'cancelled', completed_at = ${time}
            where s.workflow_id = any (array(select o.id from cancelled o))
              and s.status in ('running', 'waiting')
          ), ${closed}
          select b.status::name, c.id is not null, c.lock_token,
                 case when c.locked_by is not null
                   then 'c' || c.id::text || ':' || c.lock_token::text end,
                 case when c.undo then 'q' || c.queue end
          from before b left join cancelled c on c.id = b.id
          """
              .replace("${before}", EndingSql.BEFORE)
              .replace("${cancelled}", EndingSql.CANCELLED)
              .replace("${closed}", EndingSql.closed("cancelled")));

  private static final String RELEASABLE =
      "e.status in ('failed', 'parked', 'compensation_failed')";

  /** Adds a mark to the history, from which attempts are counted anew. */
  private static final StatementTemplate MARK =
      new StatementTemplate(
          "ExecutionStore.MARK",
          """
          with ${clock}
          ${marks}
          from ${schema}.workflow_executions e
          where e.id = ?::uuid and ${releasable}
          """
              .replace("${marks}", RevivalStatement.MARKS)
              .replace("${releasable}", RELEASABLE));

  /** Sent after the mark, which is the last row of the history. */
  private static final StatementTemplate RELEASE =
      new StatementTemplate(
          "ExecutionStore.RELEASE",
          """
          with ${clock}, before as materialized (
            select e.id, e.status from ${schema}.workflow_executions e where e.id = ?::uuid
          ), released as (
            update ${schema}.workflow_executions e set ${released}
            from before b
            where e.id = b.id and ${releasable}
            returning e.id, e.queue
          )
          select b.status::name, r.id is not null,
                 case when r.queue is not null then 'q' || r.queue end
          from before b left join released r on r.id = b.id
          """
              .replace("${released}", RevivalStatement.RELEASED)
              .replace("${releasable}", RELEASABLE));

  public static final List<StatementTemplate> STATEMENTS =
      List.of(
          FIND, FIND_BY_KEY, CHILDREN, ENDED, EXISTING, LOCK, HAS_CHILDREN, CANCEL, MARK, RELEASE);

  private final Database database;
  private final Schema schema;
  private final ParentChildStatement relatives;
  private final RevivalStatement revival;

  /**
   * @param database where; its hint sender reports the executions that a change affects
   * @param schema whose tables
   */
  public ExecutionStore(Database database, Schema schema) {
    this.database = database;
    this.schema = schema;
    this.relatives = new ParentChildStatement(schema);
    this.revival = new RevivalStatement(schema);
  }

  /**
   * How an execution ended, or why it is parked.
   *
   * @param status final, or parked
   * @param output JSON of the result, if completed
   * @param error the reason if it did not complete
   */
  public record End(ExecutionStatus status, @Nullable String output, @Nullable ErrorInfo error) {}

  /** The execution of that id. */
  public Optional<Execution> find(UUID id) {
    return one(schema.of(FIND), bind -> bind.uuid(id));
  }

  /** The execution of that workflow with that key. */
  public Optional<Execution> find(String workflow, String key) {
    return one(schema.of(FIND_BY_KEY), bind -> bind.text(workflow).text(key));
  }

  /** The children of an execution, the oldest first. */
  public List<Execution> children(UUID parent) {
    return database.query(
        "list the children of execution " + parent,
        schema.of(CHILDREN),
        bind -> bind.uuid(parent),
        Answer.all(RowReader::execution));
  }

  /** The ends of those of these executions that have ended or are parked. */
  public Map<UUID, End> ended(Collection<UUID> ids) {
    return database.query(
        "ask for results",
        schema.of(ENDED),
        bind ->
            bind.uuids(List.copyOf(ids), id -> id)
                .texts(List.copyOf(ExecutionStatus.SETTLED), ExecutionStatus::text),
        rows -> {
          Map<UUID, End> ends = new HashMap<>();
          while (rows.next()) {
            ends.put(rows.getObject(1, UUID.class), end(rows));
          }
          return ends;
        });
  }

  private static End end(ResultSet row) throws SQLException {
    return new End(
        ExecutionStatus.of(row.getString(2)),
        row.getString(3),
        InternalJson.error(row.getString(4)));
  }

  /** Returns an exception for each of these that does not exist. */
  public Map<UUID, ExecutionNotFoundException> missing(Collection<UUID> ids) {
    return database.query(
        "ask whether executions exist",
        schema.of(EXISTING),
        bind -> bind.uuids(List.copyOf(ids), id -> id),
        rows -> {
          Map<UUID, ExecutionNotFoundException> missing = new HashMap<>();
          ids.forEach(id -> missing.put(id, new ExecutionNotFoundException(id, schema.prefix())));
          while (rows.next()) {
            missing.remove(rows.getObject(1, UUID.class));
          }
          return missing;
        });
  }

  /**
   * Cancels an execution.
   *
   * @return the execution, with the token that its owner has lost
   * @throws ExecutionNotFoundException if it does not exist
   * @throws ExecutionStateException if it has ended
   */
  public Ownership cancel(UUID id, String reason) {
    Objects.requireNonNull(reason, "reason");
    String error =
        InternalJson.write(ErrorInfo.of(ErrorInfo.CANCELLED, StorableText.storable(reason), null));
    AtomicReference<Ownership> lost = new AtomicReference<>(new Ownership(id, 0));
    Pipeline pipeline = new Pipeline();
    AtomicBoolean children = new AtomicBoolean();
    pipeline
        .add(schema.of(LOCK), bind -> bind.uuid(id).uuid(id))
        .repeat(
            schema.of(HAS_CHILDREN),
            bind -> bind.uuid(id),
            row -> {
              children.set(row.next() && row.getBoolean(1));
              return false;
            })
        .add(
            schema.of(CANCEL),
            bind -> bind.now().uuid(id).text(error),
            row -> {
              require(row, id, "cancel", "pending, running, waiting and parked");
              lost.set(new Ownership(id, row.getLong(3)));
              pipeline.hint(row.getString(4));
              pipeline.hint(row.getString(5));
            });
    List<ParentChildStatement.Ended> ended = List.of(new ParentChildStatement.Ended(id, null));
    Pipeline below = new Pipeline();
    relatives.cancel(below, ended, List.of(), pipeline.hints());
    pipeline.addIf(children::get, below);
    relatives.report(pipeline, ended, pipeline.hints());
    pipeline.execute(database, "cancel execution " + id);
    return lost.get();
  }

  /**
   * Releases a failed or parked execution; if its compensation has begun, that continues.
   *
   * @throws ExecutionNotFoundException if it does not exist
   * @throws ExecutionStateException if it is neither failed, nor compensation_failed, nor parked
   */
  public void retry(UUID id) {
    Pipeline pipeline = new Pipeline();
    pipeline
        .add(schema.of(LOCK), bind -> bind.uuid(id).uuid(id))
        .add(schema.of(MARK), bind -> bind.now().uuid(id))
        .add(
            schema.of(RELEASE),
            bind -> bind.now().uuid(id),
            row -> {
              require(row, id, "retry", "failed, compensation_failed and parked");
              pipeline.hint(row.getString(3));
            });
    revival.reviveStarted(pipeline, List.of(id), pipeline.hints());
    pipeline.execute(database, "retry execution " + id);
  }

  /** Reads the status before an operation, and throws unless the operation was allowed. */
  private void require(ResultSet row, UUID id, String operation, String allowed)
      throws SQLException {
    if (!row.next()) {
      throw new ExecutionNotFoundException(id, schema.prefix());
    }
    if (!row.getBoolean(2)) {
      throw new ExecutionStateException(
          id, operation, ExecutionStatus.of(row.getString(1)), allowed);
    }
  }

  private Optional<Execution> one(String query, Pipeline.Binding binding) {
    return database.query("find an execution", query, binding, Answer.first(RowReader::execution));
  }
}
