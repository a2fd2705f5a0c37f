package dev.durable.internal.store.journal;

import dev.durable.internal.codec.InternalJson;
import dev.durable.internal.store.jdbc.Parameters;
import dev.durable.internal.store.jdbc.Pipeline;
import dev.durable.internal.store.jdbc.Schema;
import dev.durable.internal.store.jdbc.StatementTemplate;
import dev.durable.internal.store.jdbc.StorableTime;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * The statements that store a batch of new executions, or find those that already have their keys.
 */
public final class StartStatement {

  /**
   * A worker that has been declared dead starts nothing for itself: its executions become pending.
   * The lock delays the declaration until this transaction has ended, and lets heartbeats pass. Of
   * several starts with one key, one that has freed the key comes first: the others would have
   * found the execution that has lost it.
   *
   * <p>In a limited queue nothing is owned from its start: it is claimed. A worker's epoch that is
   * not the one in the snapshot tells that a queue has become limited since.
   */
  private static final StatementTemplate ADD =
      new StatementTemplate(
          "StartStatement.ADD",
          """
      with ${clock}, seen as materialized (
        select n.id, n.limit_epoch from ${schema}.workers n where n.id = any (?::uuid[])
      ), live as materialized (
        select n.id from seen join ${schema}.workers n on n.id = seen.id
        where n.dead_at is null and n.limit_epoch = seen.limit_epoch
        order by n.id for key share of n
      ), limits as materialized (
        select q.name from ${schema}.queues q where q.limited
      ), offered as (
        select o.*, live.id as owner, coalesce(o.at, ${after: o.delay}) as due,
               coalesce(o.limit_key, case when l.name is not null then '' end) as counted_key
        from ${rows: id uuid, name text, version int, fingerprint text, key text, queue text,
                     priority int, input text, tags text, delay bigint, at timestamptz,
                     timeout bigint, deadline timestamptz, restarts int, debounced int,
                     schedule text, tick timestamptz, worker uuid, limit_key text} as o
        left join limits l on l.name = o.queue
        left join live on live.id = o.worker and l.name is null
      )
      insert into ${schema}.workflow_executions as e
        (id, workflow_name, workflow_version, fingerprint, workflow_key, status, queue, priority,
         input, tags, wake_at, deadline_at, deadline_fixed, scheduled_at, started_at, locked_by, lock_token,
         debounced_by, schedule_name, scheduled_for, inserted_at, updated_at, limit_key)
      select id, name, version, fingerprint, key,
             case when owner is null then 'pending' else 'running' end, queue, priority,
             input::json, tags::jsonb,
             case when owner is null then coalesce(due, ${time}) end,
             coalesce(deadline,
                      (greatest(due at time zone 'UTC', (select t.utc from t))
                        + timeout::float8 * interval '1 microsecond') at time zone 'UTC'),
             case when deadline is not null then true end,
             due, case when owner is not null then ${time} end, owner,
             case when owner is null then 0 else 1 end, case when debounced = 1 then id end,
             schedule, tick, ${time}, ${time}, counted_key
      from offered
      order by name, key, restarts desc, id
      on conflict do nothing
      returning e.id, e.locked_by is not null, e.queue, e.wake_at <= ${time}
      """);

  /** For the registry. */
  public static final List<StatementTemplate> STATEMENTS = List.of(ADD);

  private final String add;
  private final RestartStatement restarts;
  private final DebounceStatement debounced;
  private final StartLookup lookup;

  StartStatement(Schema schema) {
    this.add = schema.of(ADD);
    this.restarts = new RestartStatement(schema);
    this.debounced = new DebounceStatement(schema);
    this.lookup = new StartLookup(schema);
  }

  /**
   * Stores new executions and finds existing ones.
   *
   * @param again whether an earlier try may have been committed
   * @param results gets the result of each start; one that is neither stored nor found must be
   *     tried again
   * @param hints gets the hints to send after the commit
   */
  void write(
      Pipeline pipeline,
      List<StartRow> rows,
      boolean again,
      Map<UUID, StartResult> results,
      Collection<String> hints) {
    List<StartRow> replacing = rows.stream().filter(StartRow::isDebounced).toList();
    restarts.free(pipeline, rows);
    debounced.free(pipeline, replacing);
    pipeline.add(add, bind -> bind(bind, rows), result -> readAdded(result, results, hints));
    lookup.find(pipeline, rows, again, results);
    debounced.replace(pipeline, replacing, results, hints);
  }

  private static void bind(Parameters bind, List<StartRow> rows) throws SQLException {
    List<UUID> workers = rows.stream().map(StartRow::worker).distinct().toList();
    bind.now()
        .uuids(workers, worker -> worker)
        .uuids(rows, StartRow::id)
        .texts(rows, StartRow::workflow)
        .ints(rows, StartRow::version)
        .texts(rows, StartRow::fingerprint)
        .texts(rows, StartRow::key)
        .texts(rows, StartRow::queue)
        .ints(rows, row -> row.turn().priority())
        .texts(rows, StartRow::input)
        .texts(rows, StartStatement::tags)
        .longs(rows, row -> StorableTime.micros(row.delay()))
        .times(rows, StartRow::at)
        .longs(rows, row -> StorableTime.micros(row.timeout()))
        .times(rows, StartRow::deadline)
        .ints(rows, row -> row.restarts() ? 1 : 0)
        .ints(rows, row -> row.isDebounced() ? 1 : null)
        .texts(rows, StartRow::schedule)
        .times(rows, StartRow::scheduledFor)
        .uuids(rows, StartRow::worker)
        .texts(rows, row -> row.turn().limitKey());
  }

  static @Nullable String tags(StartRow row) {
    return row.tags().isEmpty() ? null : InternalJson.write(row.tags());
  }

  private static void readAdded(
      ResultSet result, Map<UUID, StartResult> results, Collection<String> hints)
      throws SQLException {
    while (result.next()) {
      UUID id = result.getObject(1, UUID.class);
      results.put(id, StartResult.added(id, result.getBoolean(2)));
      if (result.getBoolean(4)) {
        hints.add(Hint.work(result.getString(3)));
      }
    }
  }
}
