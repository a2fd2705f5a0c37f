package dev.durable.internal.store.client;

import dev.durable.execution.ExecutionNotFoundException;
import dev.durable.execution.ExecutionStateException;
import dev.durable.internal.store.jdbc.Database;
import dev.durable.internal.store.jdbc.Pipeline;
import dev.durable.internal.store.jdbc.Schema;
import dev.durable.internal.store.jdbc.StatementTemplate;
import dev.durable.internal.store.journal.RevivalSql;
import dev.durable.internal.store.journal.StartedRevivalStatement;
import java.util.List;
import java.util.UUID;

/** Releases executions that have failed or are parked. */
public final class RetryStore {

  private static final String RELEASABLE =
      "e.status in ('failed', 'parked', 'compensation_failed')";

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
   * @throws ExecutionStateException if it is neither failed, nor compensation_failed, nor parked
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
              command.require(row, id, "retry", "failed, compensation_failed and parked");
              pipeline.hint(row.getString(3));
            });
    started.revive(pipeline, List.of(id), pipeline.hints());
    pipeline.execute(database, "retry execution " + id);
  }
}
