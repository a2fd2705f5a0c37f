package dev.durable.internal.store.client;

import dev.durable.execution.ExecutionNotFoundException;
import dev.durable.execution.ExecutionStateException;
import dev.durable.execution.ExecutionStatus;
import dev.durable.internal.store.jdbc.Database;
import dev.durable.internal.store.jdbc.Pipeline;
import dev.durable.internal.store.jdbc.Schema;
import dev.durable.internal.store.jdbc.StatementTemplate;
import dev.durable.internal.store.journal.RevivalSql;
import dev.durable.internal.store.journal.StartedRevivalStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import java.util.UUID;

/** Releases executions that have failed or are parked. */
public final class RetryStore {

  private static final String RELEASABLE =
      "e.status in ('failed', 'parked', 'compensation_failed') and " + RevivalSql.HAS_KEY;

  /** Adds a mark to the history, from which attempts are counted anew. */
  private static final StatementTemplate MARK =
      new StatementTemplate(
          "RetryStore.MARK",
          """
          with ${clock}
          ${marks}
          from ${schema}.workflow_executions e
          where e.id = ?::uuid and ${releasable}
          """
              .replace("${marks}", RevivalSql.MARKS)
              .replace("${releasable}", RELEASABLE));

  /** Sent after the mark, which is the last row of the history. */
  private static final StatementTemplate RELEASE =
      new StatementTemplate(
          "RetryStore.RELEASE",
          """
          with ${clock}, before as materialized (
            select e.id, e.status, e.workflow_name, e.former_key
            from ${schema}.workflow_executions e where e.id = ?::uuid
          ), released as (
            update ${schema}.workflow_executions e set ${released}
            from before b
            where e.id = b.id and ${releasable}
            returning e.id, e.queue
          )
          select b.status::name, r.id is not null,
                 case when r.queue is not null then 'q' || r.queue end,
                 b.former_key, b.workflow_name
          from before b left join released r on r.id = b.id
          """
              .replace("${released}", RevivalSql.RELEASED)
              .replace("${releasable}", RELEASABLE));

  public static final List<StatementTemplate> STATEMENTS = List.of(MARK, RELEASE);

  private final Database database;
  private final Schema schema;
  private final CommandStatement command;
  private final StartedRevivalStatement started;

  /**
   * @param database where; its hint sender reports the executions that a change affects
   * @param schema whose tables
   */
  public RetryStore(Database database, Schema schema) {
    this.database = database;
    this.schema = schema;
    this.command = new CommandStatement(schema);
    this.started = new StartedRevivalStatement(schema);
  }

  /**
   * Releases a failed or parked execution; if its compensation has begun, that continues.
   *
   * @throws ExecutionNotFoundException if it does not exist
   * @throws ExecutionStateException if it is neither failed, nor compensation_failed, nor parked;
   *     or if it failed and another execution has its key
   */
  public void retry(UUID id) {
    Pipeline pipeline = new Pipeline();
    command.lock(pipeline, id);
    pipeline
        .add(schema.of(MARK), bind -> bind.now().uuid(id))
        .add(
            schema.of(RELEASE),
            bind -> bind.now().uuid(id),
            row -> {
              require(row, id);
              pipeline.hint(row.getString(3));
            });
    started.revive(pipeline, List.of(id), pipeline.hints());
    pipeline.execute(database, "retry execution " + id);
  }

  private void require(ResultSet row, UUID id) throws SQLException {
    if (!row.next()) {
      throw new ExecutionNotFoundException(id, schema.prefix());
    }
    ExecutionStatus status = ExecutionStatus.of(row.getString(1));
    String key = row.getString(4);
    boolean released = row.getBoolean(2);
    if (!released && status == ExecutionStatus.FAILED && key != null) {
      throw new ExecutionStateException(
          "Cannot retry execution "
              + id
              + ": a later start of workflow '"
              + row.getString(5)
              + "' has taken its key '"
              + key
              + "'. Look at the execution that has the key now.",
          status);
    }
    if (!released) {
      throw new ExecutionStateException(
          id, "retry", status, "failed, compensation_failed and parked");
    }
  }
}
