package dev.durable.internal.store.journal;

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

/**
 * The statements of starts that are debounced, around the insert of those starts and in one
 * transaction with it. The key of an execution that has begun is taken first. Then each start
 * either is inserted, or its input replaces that of the execution that has kept it out. One that
 * finds neither, because that execution has begun in between, is tried again.
 */
public final class DebounceStatement {

  /** Whether execution {@code e} still waits for its time: no worker has ever claimed it. */
  private static final String UNBEGUN =
      "e.status = 'pending' and e.started_at is null and e.debounced_by is not null";

  /** Whether a start {@code o} is not stored yet: by a try whose answer was lost, it may be. */
  private static final String NEW =
      """
      not exists (select 1 from ${schema}.workflow_executions n where n.id = o.id)
          and not exists (select 1 from ${schema}.workflow_executions n where n.debounced_by = o.id)""";

  /** Of an execution that was started with a key of its own, the key is taken once it has ended. */
  private static final StatementTemplate FREE =
      new StatementTemplate(
          "DebounceStatement.FREE",
          """
      with ${clock}, begun as materialized (
        select e.id
        from ${rows: id uuid, name text, key text} as o
        join ${schema}.workflow_executions e
          on e.workflow_name = o.name and e.workflow_key = o.key
        where ${begun} and ${new}
        order by e.id
        for no key update of e
      )
      update ${schema}.workflow_executions e
      set former_key = e.workflow_key, workflow_key = null, updated_at = ${time}
      from begun
      where e.id = begun.id and e.workflow_key is not null and ${begun}
      """
              .replace(
                  "${begun}",
                  "(e.status in ${ended} or (e.debounced_by is not null and not (${unbegun})))")
              .replace("${ended}", EndingSql.FINAL)
              .replace("${unbegun}", UNBEGUN)
              .replace("${new}", NEW));

  /**
   * Of several starts with one key, the newest counts: the insert has taken the oldest. All that
   * the start gives is replaced, as if the execution had been started only now. It is due no later
   * than the start allows, counted from the first one.
   */
  private static final StatementTemplate REPLACE =
      new StatementTemplate(
          "DebounceStatement.REPLACE",
          """
      with ${clock}, wanted as materialized (
        select o.*
        from ${rows: id uuid, name text, version int, fingerprint text, key text, queue text,
                     priority int, input text, tags text, delay bigint, most bigint,
                     timeout bigint, deadline timestamptz, limit_key text} as o
        where ${new}
      ), newest as materialized (
        select distinct on (w.name, w.key) w.* from wanted w order by w.name, w.key, w.id desc
      ), found as materialized (
        select e.id
        from newest w
        join ${schema}.workflow_executions e
          on e.workflow_name = w.name and e.workflow_key = w.key
        where ${unbegun}
        order by e.id
        for no key update of e
      ), due as materialized (
        select w.*, e.id as execution,
               least(${after: w.delay},
                     ((e.inserted_at at time zone 'UTC')
                       + w.most::float8 * interval '1 microsecond') at time zone 'UTC') as at
        from found f
        join ${schema}.workflow_executions e on e.id = f.id
        join newest w on w.name = e.workflow_name and w.key = e.workflow_key
      ), replaced as (
        update ${schema}.workflow_executions e
        set workflow_version = d.version, fingerprint = d.fingerprint, queue = d.queue,
            priority = d.priority, input = d.input::json, tags = d.tags::jsonb, wake_at = d.at,
            scheduled_at = d.at,
            deadline_at = coalesce(d.deadline,
              (greatest(d.at at time zone 'UTC', (select t.utc from t))
                + d.timeout::float8 * interval '1 microsecond') at time zone 'UTC'),
            deadline_fixed = case when d.deadline is not null then true end,
            limit_key = coalesce(d.limit_key, (
              select '' from ${schema}.queues q where q.name = d.queue and q.limited)),
            debounced_by = d.id, updated_at = ${time}
        from due d
        where e.id = d.execution and ${unbegun}
        returning e.id, e.workflow_name, e.workflow_key, e.queue, e.wake_at
      )
      select w.id, r.id, r.queue, r.wake_at <= ${time}
      from wanted w join replaced r on r.workflow_name = w.name and r.workflow_key = w.key
      """
              .replace("${unbegun}", UNBEGUN)
              .replace("${new}", NEW));

  /**
   * Finds the executions that have got the input of a start by an earlier try, and those that keep
   * a start out because they have not been debounced.
   */
  private static final StatementTemplate FIND =
      new StatementTemplate(
          "DebounceStatement.FIND",
          """
      with offered as materialized (select o.* from ${rows: id uuid, name text, key text} as o)
      select o.id, e.id, true
      from offered o join ${schema}.workflow_executions e on e.debounced_by = o.id
      union all
      select o.id, e.id, false
      from offered o
      join ${schema}.workflow_executions e on e.workflow_name = o.name and e.workflow_key = o.key
      where e.debounced_by is null and e.status not in ${ended}
      """
              .replace("${ended}", EndingSql.FINAL));

  /** For the registry. */
  public static final List<StatementTemplate> STATEMENTS = List.of(FREE, REPLACE, FIND);

  private final String free;
  private final String replace;
  private final String find;

  DebounceStatement(Schema schema) {
    this.free = schema.of(FREE);
    this.replace = schema.of(REPLACE);
    this.find = schema.of(FIND);
  }

  /** Frees the keys of these starts, as far as their executions have begun. */
  void free(Pipeline pipeline, List<StartRow> starts) {
    if (!starts.isEmpty()) {
      pipeline.add(free, bind -> keys(bind.now(), starts));
    }
  }

  /**
   * Gives the inputs of starts to the executions that have kept them out.
   *
   * @param results gets the result of each start that has none yet, unless it must be tried again
   * @param hints gets the hints to send after the commit
   */
  void replace(
      Pipeline pipeline,
      List<StartRow> starts,
      Map<UUID, StartResult> results,
      Collection<String> hints) {
    if (starts.isEmpty()) {
      return;
    }
    pipeline.add(
        replace, bind -> bind(bind, starts), result -> readReplaced(result, results, hints));
    pipeline.add(find, bind -> keys(bind, starts), result -> readFound(result, results));
  }

  private static Parameters keys(Parameters bind, List<StartRow> starts) throws SQLException {
    return bind.uuids(starts, StartRow::id)
        .texts(starts, StartRow::workflow)
        .texts(starts, StartRow::key);
  }

  private static void bind(Parameters bind, List<StartRow> starts) throws SQLException {
    bind.now()
        .uuids(starts, StartRow::id)
        .texts(starts, StartRow::workflow)
        .ints(starts, StartRow::version)
        .texts(starts, StartRow::fingerprint)
        .texts(starts, StartRow::key)
        .texts(starts, StartRow::queue)
        .ints(starts, row -> row.turn().priority())
        .texts(starts, StartRow::input)
        .texts(starts, StartStatement::tags)
        .longs(starts, row -> StorableTime.micros(row.delay()))
        .longs(starts, row -> StorableTime.micros(row.debouncedAtMost()))
        .longs(starts, row -> StorableTime.micros(row.timeout()))
        .times(starts, StartRow::deadline)
        .texts(starts, row -> row.turn().limitKey());
  }

  private static void readReplaced(
      ResultSet result, Map<UUID, StartResult> results, Collection<String> hints)
      throws SQLException {
    while (result.next()) {
      results.putIfAbsent(
          result.getObject(1, UUID.class), StartResult.replaced(result.getObject(2, UUID.class)));
      if (result.getBoolean(4)) {
        hints.add(Hint.work(result.getString(3)));
      }
    }
  }

  private static void readFound(ResultSet result, Map<UUID, StartResult> results)
      throws SQLException {
    while (result.next()) {
      UUID existing = result.getObject(2, UUID.class);
      results.putIfAbsent(
          result.getObject(1, UUID.class),
          result.getBoolean(3)
              ? StartResult.replaced(existing)
              : StartResult.found(existing, false));
    }
  }
}
