package dev.durable.internal.store.worker;

import dev.durable.internal.store.client.RowReader;
import dev.durable.internal.store.jdbc.Database;
import dev.durable.internal.store.jdbc.Parameters;
import dev.durable.internal.store.jdbc.Schema;
import dev.durable.internal.store.jdbc.SqlRunner.Answer;
import dev.durable.internal.store.jdbc.StatementTemplate;
import java.util.List;
import java.util.UUID;

/** Finds the dead workers, and declares dead the owners that have no row. */
public final class DeadWorkerStore {

  private static final StatementTemplate DEAD =
      new StatementTemplate(
          "DeadWorkerStore.DEAD",
          "select id from ${schema}.workers where dead_at is not null order by id");

  /**
   * Gives a row to each owner that has none, because an operator deleted it, or a restored copy
   * lacks it. It is the row of a dead worker, so that its executions are taken over as from any
   * other. The owners are found by stepping through the index: one probe for each, however much it
   * owns.
   */
  private static final StatementTemplate BURY =
      new StatementTemplate(
          "DeadWorkerStore.BURY",
          """
      with recursive ${clock}, owners as (
        select (select e.locked_by from ${schema}.workflow_executions e
                where e.locked_by is not null order by e.locked_by limit 1) as id
        union all
        select (select e.locked_by from ${schema}.workflow_executions e
                where e.locked_by > o.id order by e.locked_by limit 1)
        from owners o where o.id is not null
      )
      insert into ${schema}.workers
        (id, name, queues, definitions, lease, started_at, heartbeat_at, dead_at)
      select o.id, 'unknown', '[]', '[]', interval '0', ${time}, ${time}, ${time}
      from owners o
      where o.id is not null
        and not exists (select 1 from ${schema}.workers n where n.id = o.id)
      on conflict do nothing
      returning 1
      """);

  public static final List<StatementTemplate> STATEMENTS = List.of(DEAD, BURY);

  private final Database database;
  private final Schema schema;

  /**
   * @param database where
   * @param schema whose tables
   */
  public DeadWorkerStore(Database database, Schema schema) {
    this.database = database;
    this.schema = schema;
  }

  /** The dead workers whose executions are to be taken over. */
  public List<UUID> list() {
    return database.query(
        "look for dead workers", schema.of(DEAD), bind -> {}, Answer.all(RowReader::id));
  }

  /**
   * Declares the owners of executions dead that have no row.
   *
   * @return how many
   */
  public int buryUnknownOwners() {
    return database
        .query(
            "look for owners that have no row",
            schema.of(BURY),
            Parameters::now,
            Answer.all(row -> row.getInt(1)))
        .size();
  }
}
