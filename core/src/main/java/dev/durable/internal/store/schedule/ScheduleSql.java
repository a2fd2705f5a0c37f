package dev.durable.internal.store.schedule;

import dev.durable.internal.store.client.DefinitionStore;
import dev.durable.internal.store.journal.EndingSql;

/** Parts of the statements about schedule {@code s}, and about backfill {@code b} of it. */
final class ScheduleSql {

  /** The statuses of executions that have not ended, in the words of the index of them. */
  static final String OPEN = "('pending', 'running', 'waiting', 'compensating', 'parked')";

  /** Whether an execution is one of the ticks of a past range that was asked for. */
  private static final String BACKFILLED =
      """
      exists (select 1 from ${schema}.schedule_backfills f
                           where f.schedule_id = s.id and e.scheduled_for >= f.from_at
                             and e.scheduled_for < f.until_at and e.inserted_at >= f.inserted_at)""";

  /**
   * The condition on execution {@code e} that a tick overlaps with. Those of a backfill overlap
   * with nothing: it has a limit of its own.
   */
  static final String OVERLAPS =
      "e.schedule_name = s.name and e.status in " + OPEN + " and not " + BACKFILLED;

  /** How many executions of a backfill have not ended. */
  static final String RUNNING_IN_BACKFILL =
      """
      (select pg_catalog.count(*) from ${schema}.workflow_executions e
                where e.schedule_name = s.name and e.status in ${open}
                  and e.scheduled_for >= b.from_at and e.scheduled_for < b.until_at)"""
          .replace("${open}", OPEN);

  /** The columns of a schedule whose ticks are served. */
  static final String DUE =
      """
      ${columns}, ${time} as now, d.version, d.fingerprint, d.queue as definition_queue, d.live,
             (extract(epoch from d.timeout) * 1000000::numeric)::bigint as definition_timeout,
             exists (select 1 from ${schema}.workflow_executions e where ${overlaps}) as running,
             s.pause_after_failures > 0 and s.pause_after_failures = (
               select pg_catalog.count(*) filter (where l.failed) from (
                 select e.status in ('failed', 'compensation_failed') or (
                          e.status = 'compensated'
                          and pg_catalog.jsonb_extract_path_text(e.error, 'type')
                            is distinct from 'cancelled') as failed
                 from ${schema}.workflow_executions e
                 where e.schedule_name = s.name and e.scheduled_for is not null
                   and e.status in ${ended}
                   and (s.resumed_at is null or e.inserted_at > s.resumed_at)
                 order by e.scheduled_for desc limit s.pause_after_failures) l) as failing"""
          .replace("${columns}", ScheduleReader.COLUMNS)
          .replace("${overlaps}", OVERLAPS)
          .replace("${ended}", EndingSql.FINAL);

  /** The definition of its workflow to start where none is registered, joined as {@code d}. */
  static final String DEFINITION =
      """
      left join lateral (
        select w.version, w.fingerprint, w.queue, w.timeout, ${live} as live
        from ${schema}.workflow_definitions w where w.name = s.workflow_name
        order by ${to_start} limit 1
      ) d on true"""
          .replace("${to_start}", DefinitionStore.TO_START)
          .replace("${live}", DefinitionStore.LIVE);

  /** The backfill of it that has failed last and goes on trying, joined as {@code f}. */
  static final String FAILING_BACKFILL =
      """
      left join lateral (
        select b.failure_count, b.last_error, b.failed_at from ${schema}.schedule_backfills b
        where b.schedule_id = s.id and b.completed_at is null and b.last_error is not null
        order by b.failed_at desc limit 1
      ) f on true""";

  /**
   * Whether a worker can make the inputs of a schedule's ticks: one that declares it for another
   * workflow makes those of that one.
   */
  static final String MADE =
      """
      (not s.input_in_code or (s.name, s.workflow_name) in (
                select d.name, d.workflow from ${rows: name text, workflow text} d))""";

  private ScheduleSql() {}
}
