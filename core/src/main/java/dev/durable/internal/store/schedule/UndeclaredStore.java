package dev.durable.internal.store.schedule;

import dev.durable.internal.store.jdbc.Database;
import dev.durable.internal.store.jdbc.Schema;
import dev.durable.internal.store.jdbc.SqlRunner.Answer;
import dev.durable.internal.store.jdbc.StatementTemplate;
import java.util.ArrayList;
import java.util.List;

/**
 * Removes the schedules that were declared to go with their declaration. One goes only if two looks
 * in a row find no live worker that declares it, and one that runs its workflow: in a deploy,
 * workers may be away for a moment. For one thread.
 */
public final class UndeclaredStore {

  private static final String GONE =
      """
      s.remove_when_undeclared and s.declared
            and not exists (select 1 from ${schema}.workers w
                            where w.dead_at is null and s.name = any (w.schedules))
            and exists (
              select 1 from ${schema}.workers w
              cross join lateral pg_catalog.jsonb_array_elements_text(w.definitions) as d (edition)
              where w.dead_at is null
                and pg_catalog.starts_with(d.edition, s.workflow_name || '@'))""";

  private static final StatementTemplate FIND =
      new StatementTemplate(
          "UndeclaredStore.FIND",
          "select s.name from ${schema}.scheduled_workflows s where ${gone}"
              .replace("${gone}", GONE));

  private static final StatementTemplate REMOVE =
      new StatementTemplate(
          "UndeclaredStore.REMOVE",
          "delete from ${schema}.scheduled_workflows s where s.name = any (?::text[]) and ${gone}"
              .replace("${gone}", GONE));

  public static final List<StatementTemplate> STATEMENTS = List.of(FIND, REMOVE);

  private final Database database;
  private final Schema schema;
  private List<String> found = List.of();

  /**
   * @param database where
   * @param schema whose tables
   */
  public UndeclaredStore(Database database, Schema schema) {
    this.database = database;
    this.schema = schema;
  }

  /** Removes those that the last look has found and that are still undeclared. */
  public void remove() {
    List<String> again = new ArrayList<>(found);
    found =
        database.query(
            "find undeclared schedules",
            schema.of(FIND),
            bind -> {},
            Answer.all(row -> row.getString(1)));
    again.retainAll(found);
    if (!again.isEmpty()) {
      database.update(
          "remove undeclared schedules",
          schema.of(REMOVE),
          bind -> bind.texts(again, name -> name));
    }
  }
}
