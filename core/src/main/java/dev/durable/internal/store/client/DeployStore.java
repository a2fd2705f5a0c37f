package dev.durable.internal.store.client;

import dev.durable.DeployedWorkflow;
import dev.durable.internal.store.jdbc.Database;
import dev.durable.internal.store.jdbc.Parameters;
import dev.durable.internal.store.jdbc.Schema;
import dev.durable.internal.store.jdbc.SqlRunner.Answer;
import dev.durable.internal.store.jdbc.StatementTemplate;
import java.util.List;

/** Definitions, the workers that have them, and their open executions. */
public final class DeployStore {

  /** Counts open executions by reading all of them: for an operator, not for a loop. */
  private static final StatementTemplate DEPLOYED =
      new StatementTemplate(
          "DeployStore.DEPLOYED",
          """
          with ${clock}, live as materialized (
            select n.name as worker, pg_catalog.unnest(n.editions) as edition
            from ${schema}.workers n
            where n.dead_at is null and n.lease > ${time} - n.heartbeat_at
          ), opened as materialized (
            select e.workflow_name as name, e.workflow_version as version,
                   coalesce(e.fingerprint, '') as fingerprint, pg_catalog.count(*) as number
            from ${schema}.workflow_executions e
            where e.status in ('pending', 'running', 'waiting', 'compensating', 'parked')
            group by 1, 2, 3
          ), known as (
            select d.name, d.version, d.fingerprint from ${schema}.workflow_definitions d
            union
            select o.name, o.version, o.fingerprint from opened o
          ), deployed as (
            select k.name, k.version, k.fingerprint,
                   (select pg_catalog.array_agg(l.worker order by l.worker) from live l
                    where l.edition = k.name || '@' || k.version::text || '#' || k.fingerprint)
                     as workers,
                   coalesce((select o.number from opened o
                             where o.name = k.name and o.version = k.version
                               and o.fingerprint = k.fingerprint), 0::bigint) as number
            from known k
          )
          select d.name, d.version, d.fingerprint, d.workers, d.number from deployed d
          where d.workers is not null or d.number > 0::bigint
          order by d.name, d.version, d.number desc, d.fingerprint
          """);

  public static final List<StatementTemplate> STATEMENTS = List.of(DEPLOYED);

  private final Database database;
  private final Schema schema;

  /**
   * @param database where
   * @param schema whose tables
   */
  public DeployStore(Database database, Schema schema) {
    this.database = database;
    this.schema = schema;
  }

  /** All definitions that a live worker has, or that have open executions. */
  public List<DeployedWorkflow> deployed() {
    return database.query(
        "list the workflows and their workers",
        schema.of(DEPLOYED),
        Parameters::now,
        Answer.all(
            row ->
                new DeployedWorkflow(
                    row.getString(1),
                    row.getInt(2),
                    row.getString(3),
                    RowReader.texts(row, 4),
                    row.getLong(5))));
  }
}
