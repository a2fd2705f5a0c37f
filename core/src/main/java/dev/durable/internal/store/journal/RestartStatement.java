package dev.durable.internal.store.journal;

import dev.durable.internal.store.jdbc.Pipeline;
import dev.durable.internal.store.jdbc.Schema;
import dev.durable.internal.store.jdbc.StatementTemplate;
import java.util.List;

/**
 * The statement that takes the keys of executions that have ended, for starts that want them. Sent
 * before the insert of those starts, in one transaction with it.
 */
public final class RestartStatement {

  /**
   * Of several restarts, the later ones wait for the first one here, and then find that the
   * execution has lost its key; their inserts find the new one. A start that is stored already, by
   * a try whose answer was lost, takes no key again: by now the key may belong to its own
   * execution.
   */
  private static final StatementTemplate FREE =
      new StatementTemplate(
          "RestartStatement.FREE",
          """
      with ${clock}, ended as materialized (
        select e.id
        from ${rows: id uuid, name text, key text} as o
        join ${schema}.workflow_executions e
          on e.workflow_name = o.name and e.workflow_key = o.key
        where e.status in ${ended}
          and not exists (select 1 from ${schema}.workflow_executions n where n.id = o.id)
        order by e.id
      )
      update ${schema}.workflow_executions e
      set former_key = e.workflow_key, workflow_key = null, updated_at = ${time}
      from ended
      where e.id = ended.id and e.workflow_key is not null and e.status in ${ended}
      """
              .replace("${ended}", EndingSql.FINAL));

  /** For the registry. */
  public static final List<StatementTemplate> STATEMENTS = List.of(FREE);

  private final String free;

  RestartStatement(Schema schema) {
    this.free = schema.of(FREE);
  }

  /** Frees the keys that these starts are to have, as far as their executions have ended. */
  void free(Pipeline pipeline, List<StartRow> starts) {
    List<StartRow> restarts = starts.stream().filter(StartRow::restarts).toList();
    if (!restarts.isEmpty()) {
      pipeline.add(
          free,
          bind ->
              bind.now()
                  .uuids(restarts, StartRow::id)
                  .texts(restarts, StartRow::workflow)
                  .texts(restarts, StartRow::key));
    }
  }
}
