package dev.durable.internal.store.worker;

import dev.durable.internal.codec.CompensationLog;
import dev.durable.internal.codec.InternalJson;
import dev.durable.internal.store.jdbc.Database;
import dev.durable.internal.store.jdbc.Schema;
import dev.durable.internal.store.jdbc.SqlRunner.Answer;
import dev.durable.internal.store.jdbc.StatementTemplate;
import dev.durable.internal.store.journal.Ownership;
import dev.durable.json.TypeRef;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Plans of compensations. */
public final class CompensationStore {

  /** Keeps the plan that was stored first. */
  private static final StatementTemplate FIX =
      new StatementTemplate(
          "CompensationStore.FIX",
          """
          update ${schema}.workflow_executions e
          set compensation_results = pg_catalog.jsonb_set(
                e.compensation_results, array['plan'::text],
                coalesce(nullif(e.compensation_results -> 'plan'::text, 'null'::jsonb), ?::jsonb))
          where e.id = ?::uuid and e.lock_token = ?::bigint and ${owned}
          returning e.compensation_results -> 'plan'::text
          """);

  public static final List<StatementTemplate> STATEMENTS = List.of(FIX);

  private static final TypeRef<List<CompensationLog.Planned>> PLAN = new TypeRef<>() {};

  private final Database database;
  private final Schema schema;

  /**
   * @param database where
   * @param schema whose tables
   */
  public CompensationStore(Database database, Schema schema) {
    this.database = database;
    this.schema = schema;
  }

  /**
   * Stores the plan of an execution's compensation, unless one is stored already.
   *
   * @return the stored plan; null if the owner no longer owns the execution
   */
  public @Nullable List<CompensationLog.Planned> fix(
      Ownership owner, List<CompensationLog.Planned> plan) {
    return database
        .query(
            "store what execution " + owner.id() + " has to undo",
            schema.of(FIX),
            bind -> bind.text(InternalJson.write(plan)).uuid(owner.id()).number(owner.token()),
            Answer.first(row -> row.getString(1)))
        .map(json -> InternalJson.read(json, PLAN))
        .orElse(null);
  }
}
