package dev.durable.internal.store.client;

import dev.durable.internal.store.jdbc.Database;
import dev.durable.internal.store.jdbc.Schema;
import dev.durable.internal.store.jdbc.StatementTemplate;
import dev.durable.internal.text.StorableText;
import dev.durable.queue.QueueOverride;
import dev.durable.queue.QueuePause;
import dev.durable.queue.QueueState;
import dev.durable.queue.QueueStats;
import dev.durable.queue.QueueWorker;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Reads what is in queues, and what holds in them. */
public final class QueueStateStore {

  /**
   * One row for each worker of a queue, or one for a queue without any. What is due, delayed or
   * owned is counted in the indexes of due and of owned executions, what waits in that of statuses.
   * The rest is counted among the newest executions, by the order of their ids, which begin with
   * the time at which they were made.
   */
  private static final String STATES =
      """
      with ${clock}, asked as materialized (select ?::text as name), scheduled as materialized (
        select e.queue, pg_catalog.count(*) filter (where e.wake_at <= ${time}) as due,
               pg_catalog.count(*) filter (where e.wake_at > ${time}) as later,
               pg_catalog.min(e.wake_at) as oldest
        from ${schema}.workflow_executions e
        where e.wake_at is not null${of} group by e.queue
      ), resting as materialized (
        select e.queue, pg_catalog.count(*) as number,
               pg_catalog.count(*) filter (where e.wake_at > ${time}) as timed
        from ${schema}.workflow_executions e
        where e.status in ('waiting', 'compensating') and e.locked_by is null
          and (e.wake_at is null or e.wake_at > ${time})${of}
        group by e.queue
      ), owned as materialized (
        select e.queue, e.locked_by as worker, pg_catalog.count(*) as number
        from ${schema}.workflow_executions e
        where e.locked_by is not null${of} group by e.queue, e.locked_by
      ), running as (
        select o.queue, pg_catalog.sum(o.number)::bigint as number from owned o group by o.queue
      ), serving as materialized (
        select w.id, pg_catalog.jsonb_array_elements_text(w.queues) as queue
        from ${schema}.workers w
        where w.dead_at is null and w.lease > ${time} - w.heartbeat_at
          and pg_catalog.num_nonnulls(w.editions) = 1
      ), crew as (
        select c.queue, c.worker, pg_catalog.bool_or(c.serves) as serves,
               pg_catalog.sum(c.number)::bigint as number
        from (select s.queue, s.id as worker, true as serves, 0::bigint as number from serving s
              union all
              select o.queue, o.worker, false, o.number from owned o) c
        group by c.queue, c.worker
      ), newest as materialized (
        select e.queue, e.inserted_at, e.completed_at
        from ${schema}.workflow_executions e
        where e.id > (select (pg_catalog.lpad(pg_catalog.to_hex(
            (extract(epoch from t.utc - interval '1 day') * 1000::numeric)::bigint), 12, '0')
          || '70008000000000000000')::uuid from t)
        order by e.id desc limit ${most}
      ), recent as (
        select n.queue,
               pg_catalog.count(*) filter (where n.inserted_at > ${after: -60e6}) as started_minute,
               pg_catalog.count(*) filter (where n.inserted_at > ${after: -3600e6}) as started_hour,
               pg_catalog.count(*) filter (where n.completed_at > ${after: -60e6}) as ended_minute,
               pg_catalog.count(*) filter (where n.completed_at > ${after: -3600e6}) as ended_hour
        from newest n group by n.queue
      )
      select q.name, q.paused_at, q.paused_by, q.paused_reason, q.declared_limits,
             q.override_limits, q.override_at, q.override_by,
             coalesce(q.declared_limits, '{}'::jsonb) || coalesce(q.override_limits, '{}'::jsonb)
               as limits,
             coalesce(d.due, 0::bigint) as due,
             coalesce(d.later, 0::bigint) - coalesce(r.timed, 0::bigint) as delayed,
             coalesce(o.number, 0::bigint) as running, coalesce(r.number, 0::bigint) as waiting,
             case when d.due > 0::bigint then ${since: d.oldest} end as oldest_due,
             coalesce(n.started_minute, 0::bigint) as started_minute,
             coalesce(n.started_hour, 0::bigint) as started_hour,
             coalesce(n.ended_minute, 0::bigint) as ended_minute,
             coalesce(n.ended_hour, 0::bigint) as ended_hour,
             c.worker, w.name as worker_name, c.serves, c.number as of_worker
      from ${schema}.queues q
      left join scheduled d on d.queue = q.name
      left join resting r on r.queue = q.name
      left join running o on o.queue = q.name
      left join recent n on n.queue = q.name
      left join crew c on c.queue = q.name
      left join ${schema}.workers w on w.id = c.worker
      where true${named}
      order by q.name, w.name, c.worker
      """
          .replace("${most}", "50000");

  private static final StatementTemplate LIST =
      new StatementTemplate(
          "QueueStateStore.LIST", STATES.replace("${of}", "").replace("${named}", ""));

  private static final StatementTemplate FIND =
      new StatementTemplate(
          "QueueStateStore.FIND",
          STATES
              .replace("${of}", " and e.queue = (select a.name from asked a)")
              .replace("${named}", " and q.name = (select a.name from asked a)"));

  public static final List<StatementTemplate> STATEMENTS = List.of(LIST, FIND);

  private final Database database;
  private final Schema schema;

  /**
   * @param database where
   * @param schema whose tables
   */
  public QueueStateStore(Database database, Schema schema) {
    this.database = database;
    this.schema = schema;
  }

  /** All queues. */
  public List<QueueState> list() {
    return ask(LIST, null);
  }

  /** A queue that a worker has served. */
  public Optional<QueueState> find(String queue) {
    return StorableText.isStorable(queue)
        ? ask(FIND, queue).stream().findFirst()
        : Optional.empty();
  }

  private List<QueueState> ask(StatementTemplate statement, @Nullable String queue) {
    return database.query(
        "look at queues",
        schema.of(statement),
        bind -> bind.now().text(queue),
        QueueStateStore::read);
  }

  private static List<QueueState> read(ResultSet row) throws SQLException {
    List<QueueState> states = new ArrayList<>();
    List<QueueWorker> workers = new ArrayList<>();
    while (row.next()) {
      if (!states.isEmpty() && states.getLast().name().equals(row.getString("name"))) {
        states.removeLast();
      } else {
        workers.clear();
      }
      addWorker(row, workers);
      states.add(state(row, workers));
    }
    return states;
  }

  private static void addWorker(ResultSet row, List<QueueWorker> workers) throws SQLException {
    UUID id = row.getObject("worker", UUID.class);
    if (id != null) {
      String name = row.getString("worker_name");
      workers.add(
          new QueueWorker(
              id, name == null ? "" : name, row.getBoolean("serves"), row.getLong("of_worker")));
    }
  }

  private static QueueState state(ResultSet row, List<QueueWorker> workers) throws SQLException {
    return new QueueState(
        row.getString("name"),
        pause(row),
        QueueLimitsJson.read(row.getString("limits")),
        QueueLimitsJson.read(row.getString("declared_limits")),
        override(row),
        stats(row, workers));
  }

  private static @Nullable QueuePause pause(ResultSet row) throws SQLException {
    Instant at = RowReader.time(row, "paused_at");
    return at == null
        ? null
        : new QueuePause(at, text(row, "paused_by"), text(row, "paused_reason"));
  }

  private static @Nullable QueueOverride override(ResultSet row) throws SQLException {
    String limits = row.getString("override_limits");
    return limits == null
        ? null
        : new QueueOverride(
            QueueLimitsJson.names(limits),
            RowReader.requiredTime(row, "override_at"),
            text(row, "override_by"));
  }

  private static QueueStats stats(ResultSet row, List<QueueWorker> workers) throws SQLException {
    return new QueueStats(
        row.getLong("due"),
        row.getLong("delayed"),
        row.getLong("running"),
        row.getLong("waiting"),
        RowReader.micros(row, row.findColumn("oldest_due")),
        row.getLong("started_minute"),
        row.getLong("started_hour"),
        row.getLong("ended_minute"),
        row.getLong("ended_hour"),
        workers);
  }

  private static String text(ResultSet row, String column) throws SQLException {
    return Objects.requireNonNullElse(row.getString(column), "");
  }
}
