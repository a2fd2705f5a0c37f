package dev.durable.internal.store.journal;

import dev.durable.internal.store.jdbc.Pipeline;
import dev.durable.internal.store.jdbc.Schema;
import dev.durable.internal.store.jdbc.StatementTemplate;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/** The statements that find the executions of starts that have been stored already. */
public final class StartLookup {

  /**
   * Finds what kept rows out: an execution with the key, or the row itself, committed by an earlier
   * try. This worker may run it only if that try owned it: the first claim has the same token. Sent
   * after the insert, which has waited for others, so that it sees what they committed.
   */
  private static final StatementTemplate BY_KEY =
      new StatementTemplate(
          "StartLookup.BY_KEY",
          """
      select o.id, e.id, coalesce(e.locked_by = o.worker, false) and e.lock_token = 1,
             e.status in ${ended}
      from ${rows: id uuid, name text, key text, worker uuid} as o
      join ${schema}.workflow_executions e on e.workflow_name = o.name and e.workflow_key = o.key
      where o.key is not null
      """
              .replace("${ended}", EndingSql.FINAL));

  /** Comes first: another start may have the key by now. */
  private static final StatementTemplate BY_ID =
      new StatementTemplate(
          "StartLookup.BY_ID",
          """
      select o.id, e.id, coalesce(e.locked_by = o.worker, false) and e.lock_token = 1, false
      from ${rows: id uuid, worker uuid} as o
      join ${schema}.workflow_executions e on e.id = o.id
      """);

  /** For the registry. */
  public static final List<StatementTemplate> STATEMENTS = List.of(BY_KEY, BY_ID);

  private final String byKey;
  private final String byId;

  StartLookup(Schema schema) {
    this.byKey = schema.of(BY_KEY);
    this.byId = schema.of(BY_ID);
  }

  /**
   * Finds existing executions.
   *
   * @param again whether an earlier try of these starts may have been committed
   * @param results gets the result of each start that is found and has none yet
   */
  void find(Pipeline pipeline, List<StartRow> rows, boolean again, Map<UUID, StartResult> results) {
    if (again) {
      pipeline.add(
          byId,
          bind -> bind.uuids(rows, StartRow::id).uuids(rows, StartRow::worker),
          result -> readFound(result, results));
    }
    List<StartRow> keyed =
        rows.stream().filter(row -> row.key() != null && !row.isDebounced()).toList();
    if (!keyed.isEmpty()) {
      pipeline.add(
          byKey,
          bind ->
              bind.uuids(keyed, StartRow::id)
                  .texts(keyed, StartRow::workflow)
                  .texts(keyed, StartRow::key)
                  .uuids(keyed, StartRow::worker),
          result -> readFound(result, results));
    }
  }

  private static void readFound(ResultSet result, Map<UUID, StartResult> results)
      throws SQLException {
    while (result.next()) {
      UUID id = result.getObject(1, UUID.class);
      UUID existing = result.getObject(2, UUID.class);
      boolean ours = existing.equals(id);
      results.putIfAbsent(
          id,
          ours
              ? StartResult.added(id, result.getBoolean(3))
              : StartResult.found(existing, result.getBoolean(4)));
    }
  }
}
