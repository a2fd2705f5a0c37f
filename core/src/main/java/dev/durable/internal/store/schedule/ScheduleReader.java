package dev.durable.internal.store.schedule;

import dev.durable.DurableException;
import dev.durable.internal.codec.InternalJson;
import dev.durable.internal.store.client.RowReader;
import dev.durable.schedule.Cron;
import dev.durable.schedule.MisfirePolicy;
import dev.durable.schedule.OnGap;
import dev.durable.schedule.OnRepeat;
import dev.durable.schedule.ScheduleSettings;
import dev.durable.schedule.StoredSchedule;
import dev.durable.schedule.Ticks;
import dev.durable.schedule.Timing;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.temporal.ChronoUnit;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.UUID;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Reads rows of schedules. */
final class ScheduleReader {

  /** The columns of schedule {@code s}; intervals in microseconds. */
  static final String COLUMNS =
      """
      s.id, s.name, s.workflow_name, s.cron_expression, s.timezone, s.on_gap, s.on_repeat,
             ${micros: s.period} as period, s.anchor_at, s.from_at, s.until_at, s.times,
             ${micros: s.jitter} as jitter, s.queue, s.priority, s.limit_key, s.tags,
             ${micros: s.timeout} as timeout, s.input, s.input_in_code, s.overlap_policy,
             s.misfire_most, ${micros: s.misfire_window} as misfire_window,
             s.pause_after_failures, s.declared, s.remove_when_undeclared, s.enabled,
             s.paused_at, s.paused_by, s.paused_reason, s.next_tick_at, s.next_run_at,
             array(select ${micros: q.tick at time zone 'UTC' - timestamp '1970-01-01'} from (
               select pg_catalog.unnest(s.queued_ticks) as tick) q) as queued, s.last_tick_at, s.last_run_at, s.last_workflow_id, s.started_count,
             s.missed_count, s.overlapped_count, s.failure_count, s.last_error, s.failed_at,
             s.inserted_at, s.updated_at"""
          .replaceAll(
              "\\$\\{micros: ([^}]*)\\}", "(extract(epoch from $1) * 1000000::numeric)::bigint");

  /** The same with the failures of {@link ScheduleSql#FAILING_BACKFILL}, if there are more. */
  static final String COLUMNS_WITH_BACKFILL =
      COLUMNS.replace(
          "s.failure_count, s.last_error, s.failed_at",
          """
          greatest(s.failure_count, coalesce(f.failure_count, 0)) as failure_count,
                       coalesce(s.last_error, f.last_error) as last_error,
                       coalesce(s.failed_at, f.failed_at) as failed_at""");

  private ScheduleReader() {}

  /** A schedule with {@code undeclared} and {@code running}. */
  static StoredSchedule stored(ResultSet row) throws SQLException {
    return new StoredSchedule(
        row.getString("name"),
        row.getString("workflow_name"),
        readable(row),
        row.getString("input"),
        row.getBoolean("declared"),
        row.getBoolean("undeclared"),
        pause(row),
        RowReader.time(row, "next_tick_at"),
        row.getBoolean("enabled") ? RowReader.time(row, "next_run_at") : null,
        queued(row),
        RowReader.time(row, "last_tick_at"),
        RowReader.time(row, "last_run_at"),
        row.getObject("last_workflow_id", UUID.class),
        row.getLong("running"),
        row.getLong("started_count"),
        row.getLong("missed_count"),
        row.getLong("overlapped_count"),
        row.getInt("failure_count"),
        InternalJson.error(row.getString("last_error")),
        RowReader.time(row, "failed_at"),
        RowReader.requiredTime(row, "inserted_at"),
        RowReader.requiredTime(row, "updated_at"));
  }

  private static ScheduleSettings readable(ResultSet row) throws SQLException {
    Supplier<ScheduleSettings> settings = settings(row);
    try {
      return settings.get();
    } catch (RuntimeException unreadable) {
      throw new DurableException(
          "Schedule '"
              + row.getString("name")
              + "' cannot be read here: "
              + unreadable.getMessage()
              + ". Another version of the library or of the time zones has written it: update this"
              + " one, or delete the schedule.",
          unreadable);
    }
  }

  private static StoredSchedule.@Nullable Pause pause(ResultSet row) throws SQLException {
    return row.getBoolean("enabled")
        ? null
        : new StoredSchedule.Pause(
            Objects.requireNonNullElse(
                RowReader.time(row, "paused_at"), RowReader.requiredTime(row, "updated_at")),
            Objects.requireNonNullElse(row.getString("paused_by"), ""),
            Objects.requireNonNullElse(row.getString("paused_reason"), ""));
  }

  /**
   * Reads the columns now and decodes them later: decoding may fail, for this row alone. Another
   * version of the library, or of the time zones, may have written it.
   */
  static Supplier<ScheduleSettings> settings(ResultSet row) throws SQLException {
    Supplier<Ticks> ticks = ticks(row);
    Instant from = RowReader.time(row, "from_at");
    Instant until = RowReader.time(row, "until_at");
    Duration jitter = Objects.requireNonNullElse(micros(row, "jitter"), Duration.ZERO);
    Long times = row.getObject("times", Long.class);
    String overlap = row.getString("overlap_policy");
    int most = row.getInt("misfire_most");
    Duration window = Objects.requireNonNull(micros(row, "misfire_window"));
    String queue = row.getString("queue");
    int priority = row.getInt("priority");
    String limitKey = row.getString("limit_key");
    String tags = row.getString("tags");
    Duration timeout = micros(row, "timeout");
    int pauseAfterFailures = row.getInt("pause_after_failures");
    boolean remove = row.getBoolean("remove_when_undeclared");
    return () ->
        new ScheduleSettings(
            new Timing(ticks.get(), from, until, jitter),
            times,
            ScheduleRow.overlap(overlap),
            new MisfirePolicy(most, window),
            queue,
            priority,
            limitKey,
            InternalJson.tags(tags),
            timeout,
            pauseAfterFailures,
            remove);
  }

  private static Supplier<Ticks> ticks(ResultSet row) throws SQLException {
    Duration period = micros(row, "period");
    Instant anchor = RowReader.time(row, "anchor_at");
    String cron = row.getString("cron_expression");
    String zone = row.getString("timezone");
    String onGap = row.getString("on_gap");
    String onRepeat = row.getString("on_repeat");
    return () ->
        period != null
            ? new Ticks.OfPeriod(period, anchor)
            : new Ticks.OfCron(
                Cron.of(cron),
                ZoneId.of(zone),
                OnGap.valueOf(onGap.toUpperCase(Locale.ROOT)),
                OnRepeat.valueOf(onRepeat.toUpperCase(Locale.ROOT)));
  }

  static List<Instant> queued(ResultSet row) throws SQLException {
    Long[] micros = (Long[]) row.getArray("queued").getArray();
    return Arrays.stream(micros).map(ScheduleReader::instant).toList();
  }

  static Instant instant(long micros) {
    return Instant.EPOCH.plus(micros, ChronoUnit.MICROS);
  }

  static @Nullable Duration micros(ResultSet row, String column) throws SQLException {
    return RowReader.micros(row, row.findColumn(column));
  }
}
