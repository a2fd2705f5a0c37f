package dev.durable.internal.store.schedule;

import dev.durable.DurableException;
import dev.durable.internal.store.client.RowReader;
import dev.durable.internal.store.jdbc.Database;
import dev.durable.internal.store.jdbc.Parameters;
import dev.durable.internal.store.jdbc.Pipeline;
import dev.durable.internal.store.jdbc.Schema;
import dev.durable.internal.store.jdbc.SqlRunner.Answer;
import dev.durable.internal.store.jdbc.StatementTemplate;
import dev.durable.internal.store.jdbc.TimeOrderedIds;
import dev.durable.internal.store.journal.Hint;
import dev.durable.internal.text.StorableText;
import dev.durable.schedule.ScheduleQuery;
import dev.durable.schedule.StoredSchedule;
import dev.durable.schedule.Ticks;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Stores schedules, and reads them. */
public final class ScheduleStore {

  private static final StatementTemplate CURRENT =
      new StatementTemplate(
          "ScheduleStore.CURRENT",
          """
          with ${clock}
          select o.name as wanted, ${time} as now, s.timing_hash, s.definition_hash, ${columns}
          from ${rows: name text} as o
          left join ${schema}.scheduled_workflows s on s.name = o.name
          """
              .replace("${columns}", ScheduleReader.COLUMNS));

  /**
   * One that has failed to start is tried at once again: the change may have mended it. Another
   * timing is stored only if the schedule is as it was read: its next tick depends on that.
   */
  private static final StatementTemplate PUT =
      new StatementTemplate(
          "ScheduleStore.PUT",
          """
          with ${clock}
          insert into ${schema}.scheduled_workflows as s
            (id, name, workflow_name, cron_expression, timezone, on_gap, on_repeat, period,
             anchor_at, from_at, until_at, times, jitter, queue, priority, limit_key, tags, timeout, input,
             input_in_code, overlap_policy, misfire_policy, misfire_most, misfire_window,
             pause_after_failures, declared, remove_when_undeclared, timing_hash, definition_hash,
             enabled, next_tick_at, next_run_at, inserted_at, updated_at)
          values (?::uuid, ?::text, ?::text, ?::text, ?::text, ?::text, ?::text,
                  ?::float8 * interval '1 microsecond', ?::timestamptz, ?::timestamptz,
                  ?::timestamptz, ?::bigint, ?::float8 * interval '1 microsecond', ?::text, ?::int, ?::text,
                  ?::jsonb, ?::float8 * interval '1 microsecond', ?::json, ?::bool, ?::text,
                  ?::text, ?::int, ?::float8 * interval '1 microsecond', ?::int, ?::bool, ?::bool,
                  ?::text, ?::text, true, ?::timestamptz, ?::timestamptz, ${time}, ${time})
          on conflict (name) do update
            set workflow_name = excluded.workflow_name, cron_expression = excluded.cron_expression,
                timezone = excluded.timezone, on_gap = excluded.on_gap,
                on_repeat = excluded.on_repeat, period = excluded.period,
                anchor_at = coalesce(excluded.from_at, s.anchor_at, excluded.anchor_at),
                from_at = excluded.from_at, until_at = excluded.until_at, times = excluded.times,
                jitter = excluded.jitter, queue = excluded.queue, priority = excluded.priority,
                limit_key = excluded.limit_key,
                tags = excluded.tags, timeout = excluded.timeout, input = excluded.input,
                input_in_code = excluded.input_in_code, overlap_policy = excluded.overlap_policy,
                misfire_policy = excluded.misfire_policy, misfire_most = excluded.misfire_most,
                misfire_window = excluded.misfire_window,
                pause_after_failures = excluded.pause_after_failures,
                declared = s.declared or excluded.declared,
                remove_when_undeclared = excluded.remove_when_undeclared,
                timing_hash = excluded.timing_hash, definition_hash = excluded.definition_hash,
                next_tick_at = case when s.timing_hash = excluded.timing_hash then s.next_tick_at
                                    else ?::timestamptz end,
                next_run_at = case when s.timing_hash = excluded.timing_hash
                                     and s.failure_count = 0 then s.next_run_at
                                   when s.timing_hash = excluded.timing_hash
                                     or pg_catalog.cardinality(s.queued_ticks) > 0 then ${time}
                                   else ?::timestamptz end,
                missed_count = s.missed_count + case when s.timing_hash = excluded.timing_hash
                                                       then 0 else ?::bigint end,
                failure_count = 0, last_error = null, failed_at = null, updated_at = ${time}
            where (s.definition_hash <> excluded.definition_hash
                   or (excluded.declared and not s.declared))
              and ?::bool
              and (s.timing_hash = excluded.timing_hash
                   or (s.timing_hash is not distinct from ?::text
                       and s.next_tick_at is not distinct from ?::timestamptz))
          returning s.name
          """);

  private static final String LISTED =
      """
          select ${columns},
                 s.declared and not exists (
                   select 1 from ${schema}.workers w
                   where w.dead_at is null and s.name = any (w.schedules))
                   and exists (select 1 from ${schema}.workers w where w.dead_at is null)
                   as undeclared,
                 (select pg_catalog.count(*) from ${schema}.workflow_executions e
                  where e.schedule_name = s.name and e.status in ${open}) as running
          from ${schema}.scheduled_workflows s ${failing_backfill}
      """
          .replace("${columns}", ScheduleReader.COLUMNS_WITH_BACKFILL)
          .replace("${failing_backfill}", ScheduleSql.FAILING_BACKFILL)
          .replace("${open}", ScheduleSql.OPEN);

  private static final StatementTemplate FIND =
      new StatementTemplate("ScheduleStore.FIND", LISTED + "where s.name = ?::text");

  private static final StatementTemplate LIST =
      new StatementTemplate(
          "ScheduleStore.LIST",
          LISTED
              + """
          where s.workflow_name = coalesce(?::text, s.workflow_name)
            and coalesce(s.queue, '') = coalesce(?::text, s.queue, '')
            and s.enabled = coalesce(?::bool, s.enabled) and s.name > coalesce(?::text, '')
          order by s.name limit ?::int
          """);

  private static final StatementTemplate NAMES =
      new StatementTemplate(
          "ScheduleStore.NAMES",
          "select s.name from ${schema}.scheduled_workflows s order by s.name limit 21");

  private static final StatementTemplate NOW =
      new StatementTemplate("ScheduleStore.NOW", "with ${clock} select ${time} as now");

  private static final StatementTemplate PAUSE =
      new StatementTemplate(
          "ScheduleStore.PAUSE",
          """
          with ${clock}
          update ${schema}.scheduled_workflows s
          set enabled = false, paused_at = case when s.enabled then ${time} else s.paused_at end,
              paused_by = ?::text, paused_reason = ?::text, updated_at = ${time}
          where s.name = ?::text
          returning s.name
          """);

  private static final StatementTemplate RESUME =
      new StatementTemplate(
          "ScheduleStore.RESUME",
          """
          with ${clock}, found as materialized (
            select s.id, s.name, s.enabled from ${schema}.scheduled_workflows s
            where s.name = ?::text for no key update
          ), resumed as (
            update ${schema}.scheduled_workflows s
            set enabled = true, paused_at = null, paused_by = null, paused_reason = null,
                resumed_at = ${time}, updated_at = ${time}
            from found f where s.id = f.id and not f.enabled
          )
          select f.name from found f
          """);

  private static final StatementTemplate DELETE =
      new StatementTemplate(
          "ScheduleStore.DELETE",
          "delete from ${schema}.scheduled_workflows s where s.name = ?::text returning s.name");

  public static final List<StatementTemplate> STATEMENTS =
      List.of(CURRENT, PUT, FIND, LIST, NAMES, NOW, PAUSE, RESUME, DELETE);

  private static final int MOST_TRIES = 100;

  private final Database database;
  private final Schema schema;

  /**
   * @param database where; its hint sender tells workers of changes
   * @param schema whose tables
   */
  public ScheduleStore(Database database, Schema schema) {
    this.database = database.byKey();
    this.schema = schema;
  }

  /**
   * Stores schedules, as far as they have changed. One that others serve or change between is read
   * and changed once more.
   */
  public void put(List<ScheduleRow> schedules) {
    List<ScheduleRow> left = schedules;
    for (int tries = 0; !left.isEmpty(); tries++) {
      if (tries == MOST_TRIES) {
        throw new DurableException(
            "Schedule '" + left.getFirst().name() + "' was changed by others again and again.");
      }
      Map<String, StoredTiming> current = current(left);
      left = left.stream().filter(row -> !current(current, row).is(row)).toList();
      List<String> written = put(left, current, true);
      left = left.stream().filter(row -> !written.contains(row.name())).toList();
    }
  }

  /**
   * Stores a new schedule.
   *
   * @return whether there was none of that name
   */
  public boolean add(ScheduleRow schedule) {
    List<ScheduleRow> one = List.of(schedule);
    return !put(one, current(one), false).isEmpty();
  }

  private List<String> put(
      List<ScheduleRow> schedules, Map<String, StoredTiming> current, boolean change) {
    List<String> written = new ArrayList<>();
    Pipeline pipeline = new Pipeline();
    // In the same order everywhere, or two that start at once wait for each other.
    List<ScheduleRow> ordered =
        schedules.stream().sorted(Comparator.comparing(ScheduleRow::name)).toList();
    for (ScheduleRow row : ordered) {
      StoredTiming before = current(current, row);
      NextTick next = before.next(row);
      pipeline.add(
          schema.of(PUT),
          bind ->
              bindChange(bind(bind, row, before), row, next)
                  .flag(change)
                  .text(before.hash())
                  .optional(before.next()),
          rows -> readNames(rows, written, pipeline));
    }
    if (!ordered.isEmpty()) {
      pipeline.execute(database, "store schedules");
    }
    return written;
  }

  private static StoredTiming current(Map<String, StoredTiming> current, ScheduleRow row) {
    return Objects.requireNonNull(current.get(row.name()));
  }

  private Map<String, StoredTiming> current(List<ScheduleRow> schedules) {
    return database.query(
        "read schedules",
        schema.of(CURRENT),
        bind -> bind.now().texts(schedules, ScheduleRow::name),
        rows -> {
          Map<String, StoredTiming> current = new HashMap<>();
          while (rows.next()) {
            current.put(rows.getString("wanted"), StoredTiming.of(rows));
          }
          return current;
        });
  }

  private static Parameters bindChange(Parameters bind, ScheduleRow row, NextTick next)
      throws SQLException {
    return bind.optional(next.tick()).optional(due(row, next.tick())).number(next.missed());
  }

  private static @Nullable Instant due(ScheduleRow row, @Nullable Instant tick) {
    return tick == null ? null : row.settings().timing().due(row.name(), tick);
  }

  private static Parameters bind(Parameters bind, ScheduleRow row, StoredTiming current)
      throws SQLException {
    var settings = row.settings();
    var timing = settings.timing();
    Ticks.OfCron cron = row.cron();
    Instant anchor = current.anchor();
    Instant next = row.timing(anchor).after(current.now());
    bind.now()
        .uuid(TimeOrderedIds.next())
        .text(row.name())
        .text(row.workflow())
        .text(cron == null ? null : cron.cron().expression())
        .text(cron == null ? null : cron.zone().getId())
        .text(cron == null ? null : ScheduleRow.word(cron.onGap()))
        .text(cron == null ? null : ScheduleRow.word(cron.onRepeat()))
        .duration(row.period());
    return bind.optional(timing.from() == null ? anchor : timing.from())
        .optional(timing.from())
        .optional(timing.until())
        .optional(settings.times())
        .duration(timing.jitter())
        .text(settings.queue())
        .number(settings.priority())
        .text(settings.limitKey())
        .text(row.tags())
        .duration(settings.timeout())
        .text(row.input())
        .flag(row.input() == null)
        .text(row.overlap())
        .text(row.misfire())
        .number(settings.misfire().most())
        .duration(settings.misfire().window())
        .number(settings.pauseAfterFailures())
        .flag(row.declared())
        .flag(settings.removeWhenUndeclared())
        .text(row.timingHash())
        .text(row.definitionHash())
        .optional(next)
        .optional(due(row, next));
  }

  /** The schedules that match. */
  public List<StoredSchedule> list(ScheduleQuery query) {
    return database.query(
        "list schedules",
        schema.of(LIST),
        bind ->
            bind.text(query.workflow())
                .text(query.queue())
                .optional(query.paused() == null ? null : !query.paused())
                .text(query.after())
                .number(query.limit()),
        Answer.all(ScheduleReader::stored));
  }

  /** The schedule of that name. */
  public Optional<StoredSchedule> find(String name) {
    return database.query(
        "find schedule " + name,
        schema.of(FIND),
        bind -> bind.text(name),
        Answer.first(ScheduleReader::stored));
  }

  /** The database's time. */
  public Instant now() {
    return database
        .query(
            "read the time",
            schema.of(NOW),
            bind -> bind.now(),
            Answer.first(row -> RowReader.requiredTime(row, "now")))
        .orElseThrow();
  }

  /** Some names of schedules, for messages. */
  public List<String> names() {
    return database.query(
        "list schedules", schema.of(NAMES), bind -> {}, Answer.all(row -> row.getString(1)));
  }

  /** Pauses a schedule; false if there is none of that name. */
  public boolean pause(String name, String reason, String by) {
    return change(
        "pause schedule " + name,
        PAUSE,
        bind ->
            bind.now()
                .text(StorableText.storable(by))
                .text(StorableText.storable(reason))
                .text(name));
  }

  /** Resumes a schedule; false if there is none of that name. */
  public boolean resume(String name) {
    return change("resume schedule " + name, RESUME, bind -> bind.now().text(name));
  }

  /** Deletes a schedule; false if there is none of that name. */
  public boolean delete(String name) {
    return change("delete schedule " + name, DELETE, bind -> bind.text(name));
  }

  private boolean change(String doing, StatementTemplate template, Parameters.Binding binding) {
    List<String> changed = new ArrayList<>();
    Pipeline pipeline = new Pipeline();
    pipeline.add(schema.of(template), binding, rows -> readNames(rows, changed, pipeline));
    pipeline.execute(database, doing);
    return !changed.isEmpty();
  }

  private static void readNames(ResultSet rows, List<String> names, Pipeline pipeline)
      throws SQLException {
    while (rows.next()) {
      names.add(rows.getString(1));
      pipeline.hint(Hint.SCHEDULES);
    }
  }
}
