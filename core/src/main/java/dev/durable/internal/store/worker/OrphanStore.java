package dev.durable.internal.store.worker;

import dev.durable.execution.ErrorInfo;
import dev.durable.internal.store.client.RowReader;
import dev.durable.internal.store.jdbc.Database;
import dev.durable.internal.store.jdbc.Schema;
import dev.durable.internal.store.jdbc.SqlRunner.Answer;
import dev.durable.internal.store.jdbc.StatementTemplate;
import dev.durable.internal.store.journal.Ownership;
import java.util.List;
import java.util.UUID;

/** Finds and frees orphans: executions that a live worker owns and does not run. */
public final class OrphanStore {

  private static final StatementTemplate OWNED =
      new StatementTemplate(
          "OrphanStore.OWNED",
          "select id, lock_token from ${schema}.workflow_executions where locked_by = ?::uuid");

  /** Counts no recoveries: there was no run. Each keeps its place among what is due. */
  private static final StatementTemplate DISOWN =
      new StatementTemplate(
          "OrphanStore.DISOWN",
          """
      with ${clock}, released as (
        update ${schema}.workflow_executions e
        set status = case when e.compensation_results is not null then 'compensating'
                          else 'pending' end,
            wake_at = ${due_since}, lock_token = e.lock_token + 1,
            locked_by = null, updated_at = ${time}
        from ${rows: id uuid, token bigint} as o
        where e.id = o.id and e.lock_token = o.token and ${owned}
        returning e.id
      ), failed as (
        update ${schema}.step_executions s
        set status = 'failed', completed_at = ${time},
            error = pg_catalog.jsonb_object(array['type', ?::text, 'message', ?::text, 'step', s.path])
        from released r where s.workflow_id = r.id and s.status = 'running'
      )
      select r.id from released r
      """
              .replace("${due_since}", TakeoverStore.DUE_SINCE));

  public static final List<StatementTemplate> STATEMENTS = List.of(OWNED, DISOWN);

  private final Database database;
  private final Schema schema;

  /**
   * @param database where
   * @param schema whose tables
   */
  public OrphanStore(Database database, Schema schema) {
    this.database = database;
    this.schema = schema;
  }

  /** The executions that a worker owns. */
  public List<Ownership> owned(UUID worker) {
    return database.query(
        "ask what this worker owns",
        schema.of(OWNED),
        bind -> bind.uuid(worker),
        Answer.all(RowReader::ownership));
  }

  /**
   * Frees executions that the worker owns and does not run.
   *
   * @return how many; others have come to their end meanwhile
   */
  public int disown(List<Ownership> orphans) {
    List<UUID> freed =
        database.query(
            "free executions that this worker does not run",
            schema.of(DISOWN),
            bind ->
                Ownership.bind(bind.now(), orphans)
                    .text(ErrorInfo.WORKER_LOST)
                    .text("This worker did not know that it owned the execution."),
            Answer.all(RowReader::id));
    return freed.size();
  }
}
