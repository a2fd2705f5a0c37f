package dev.durable.internal.store.worker;

import dev.durable.execution.ErrorInfo;
import dev.durable.internal.store.client.RowReader;
import dev.durable.internal.store.jdbc.Database;
import dev.durable.internal.store.jdbc.Pipeline;
import dev.durable.internal.store.jdbc.Schema;
import dev.durable.internal.store.jdbc.SqlRunner.Answer;
import dev.durable.internal.store.jdbc.StatementTemplate;
import dev.durable.internal.store.journal.Hint;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Executions that are parked because no definition fitted them. */
public final class ParkedStore {

  /** The latest first, found by the index of parked executions. */
  private static final StatementTemplate LIST =
      new StatementTemplate(
          "ParkedStore.LIST",
          """
          with ${clock}
          select e.id, e.lock_token, e.workflow_name, e.workflow_version, e.fingerprint,
                 e.compensation_results
          from ${schema}.workflow_executions e
          where e.status = 'parked' and e.updated_at >= coalesce(${after: ?::float8}, e.updated_at)
            and e.error ->> 'type'::text = ?::text
            and (e.error ->> 'step'::text is null or e.compensation_results is not null)
            and e.workflow_name || '@' || e.workflow_version::text = any (?::text[])
          order by e.updated_at desc, e.id desc limit ?::bigint
          """);

  /** Notes the definition that fits, so that only workers that have it claim the execution. */
  private static final StatementTemplate RELEASE =
      new StatementTemplate(
          "ParkedStore.RELEASE",
          """
          with ${clock}, found as materialized (
            select o.id, o.fingerprint
            from ${rows: id uuid, token bigint, fingerprint text} as o
            cross join lateral (
              select 1 from ${schema}.workflow_executions e
              where e.id = o.id and e.lock_token = o.token and e.status = 'parked'
              for no key update skip locked
            ) as e
          )
          update ${schema}.workflow_executions e
          set status = case when e.compensation_results is null
                            then 'pending' else 'compensating' end,
              error = e.compensation_results -> 'cause'::text,
              fingerprint = f.fingerprint, wake_at = ${time},
              lock_token = e.lock_token + 1::bigint, updated_at = ${time}
          from found f where e.id = f.id
          returning e.queue
          """);

  public static final List<StatementTemplate> STATEMENTS = List.of(LIST, RELEASE);

  private final Database database;
  private final Schema schema;

  /**
   * @param database where; its hint sender reports the queues in which work is released
   * @param schema whose tables
   */
  public ParkedStore(Database database, Schema schema) {
    this.database = database;
    this.schema = schema;
  }

  /**
   * Executions that were parked before a step of theirs could begin, or during their compensation,
   * the latest first.
   *
   * @param within the longest time since they were parked, or null
   * @param definitions as {@code name@version}
   */
  public List<ParkedExecution> list(@Nullable Duration within, List<String> definitions, int most) {
    return database.query(
        "look for executions that fitted no definition",
        schema.of(LIST),
        bind ->
            bind.now()
                .duration(within == null ? null : within.negated())
                .text(ErrorInfo.DEFINITION_CHANGED)
                .texts(definitions, definition -> definition)
                .number(most),
        Answer.all(ParkedStore::parked));
  }

  private static ParkedExecution parked(ResultSet row) throws SQLException {
    LastDefinition moved =
        new LastDefinition(
            RowReader.ownership(row), row.getString(3), row.getInt(4), row.getString(5));
    return new ParkedExecution(moved, row.getString(6));
  }

  /**
   * Releases executions that a definition fits.
   *
   * @return the queues in which there is work now
   */
  public List<String> release(List<Adoption> adoptions) {
    List<String> queues = new ArrayList<>();
    Pipeline pipeline = new Pipeline();
    pipeline
        .add(
            schema.of(RELEASE),
            bind ->
                bind.now()
                    .uuids(adoptions, a -> a.owner().id())
                    .longs(adoptions, a -> a.owner().token())
                    .texts(adoptions, Adoption::fingerprint),
            rows -> {
              queues.clear();
              while (rows.next()) {
                queues.add(rows.getString(1));
              }
              queues.stream().distinct().forEach(queue -> pipeline.hint(Hint.work(queue)));
            })
        .execute(database, "release executions that fit a definition again");
    return queues.stream().distinct().toList();
  }
}
