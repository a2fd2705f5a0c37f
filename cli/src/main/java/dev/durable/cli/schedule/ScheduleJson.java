package dev.durable.cli.schedule;

import dev.durable.cli.operate.Json;
import dev.durable.execution.Execution;
import dev.durable.schedule.Backfill;
import dev.durable.schedule.ScheduleSettings;
import dev.durable.schedule.StoredSchedule;
import dev.durable.schedule.Ticks;
import dev.durable.schedule.Timing;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Formats schedules as JSON. Times are in UTC, durations in ISO 8601. */
final class ScheduleJson {

  private ScheduleJson() {}

  static String list(List<StoredSchedule> schedules) {
    return Json.write(schedules.stream().map(ScheduleJson::fields).toList());
  }

  static String details(ScheduleDetails details) {
    Map<String, @Nullable Object> fields = fields(details.schedule());
    fields.put("nextTicks", texts(details.next()));
    fields.put("executions", details.executions().stream().map(ScheduleJson::execution).toList());
    fields.put("backfills", details.backfills().stream().map(ScheduleJson::fields).toList());
    return Json.write(fields);
  }

  /** What an expression means, and its next ticks. */
  static String preview(Ticks ticks, List<Instant> next) {
    Map<String, @Nullable Object> fields = new LinkedHashMap<>();
    fields.put("when", ticks.describe());
    put(fields, ticks);
    fields.put("nextTicks", texts(next));
    return Json.write(fields);
  }

  private static List<String> texts(List<Instant> times) {
    return times.stream().map(Instant::toString).toList();
  }

  private static Map<String, @Nullable Object> fields(StoredSchedule schedule) {
    Map<String, @Nullable Object> fields = new LinkedHashMap<>();
    fields.put("name", schedule.name());
    fields.put("workflow", schedule.workflow());
    fields.put("state", ScheduleState.of(schedule).text());
    fields.put("when", schedule.settings().timing().ticks().describe());
    put(fields, schedule.settings().timing());
    put(fields, schedule.settings());
    fields.put("input", Json.read(schedule.input()));
    fields.put("declared", schedule.declared());
    fields.put("undeclared", schedule.undeclared());
    fields.put("pause", pause(schedule));
    fields.put("next", text(schedule.next()));
    fields.put("dueAt", text(schedule.dueAt()));
    fields.put("waiting", texts(schedule.waiting()));
    fields.put("lastTick", text(schedule.lastTick()));
    fields.put("lastStartedAt", text(schedule.lastStartedAt()));
    fields.put("lastExecution", text(schedule.lastExecution()));
    fields.put("running", schedule.running());
    fields.put("started", schedule.started());
    fields.put("missed", schedule.missed());
    fields.put("overlapped", schedule.overlapped());
    fields.put("failures", schedule.failures());
    fields.put("error", schedule.error() == null ? null : schedule.error().message());
    fields.put("failedAt", text(schedule.failedAt()));
    fields.put("insertedAt", schedule.insertedAt().toString());
    fields.put("updatedAt", schedule.updatedAt().toString());
    return fields;
  }

  private static void put(Map<String, @Nullable Object> fields, Timing timing) {
    put(fields, timing.ticks());
    fields.put("from", text(timing.from()));
    fields.put("until", text(timing.until()));
    fields.put("jitter", timing.jitter().toString());
  }

  private static void put(Map<String, @Nullable Object> fields, Ticks ticks) {
    switch (ticks) {
      case Ticks.OfCron cron -> {
        fields.put("cron", cron.cron().expression());
        fields.put("zone", cron.zone().getId());
        fields.put("onGap", word(cron.onGap()));
        fields.put("onRepeat", word(cron.onRepeat()));
      }
      case Ticks.OfPeriod period -> {
        fields.put("period", period.period().toString());
        fields.put("anchor", text(period.anchor()));
      }
    }
  }

  private static void put(Map<String, @Nullable Object> fields, ScheduleSettings settings) {
    fields.put("times", settings.times());
    fields.put("overlap", word(settings.overlap()));
    fields.put("misfireMost", settings.misfire().most());
    fields.put("misfireWindow", settings.misfire().window().toString());
    fields.put("queue", settings.queue());
    fields.put("priority", settings.priority());
    fields.put("tags", settings.tags());
    fields.put("timeout", text(settings.timeout()));
    fields.put("pauseAfterFailures", settings.pauseAfterFailures());
    fields.put("removeWhenUndeclared", settings.removeWhenUndeclared());
  }

  private static @Nullable Map<String, Object> pause(StoredSchedule schedule) {
    StoredSchedule.Pause pause = schedule.pause();
    if (pause == null) {
      return null;
    }
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put("at", pause.at().toString());
    fields.put("by", pause.by());
    fields.put("reason", pause.reason());
    return fields;
  }

  private static Map<String, @Nullable Object> execution(Execution execution) {
    Map<String, @Nullable Object> fields = new LinkedHashMap<>();
    fields.put("id", execution.id().toString());
    fields.put("tick", text(execution.scheduledFor()));
    fields.put("status", execution.status().text());
    fields.put("error", execution.error() == null ? null : execution.error().message());
    fields.put("insertedAt", execution.insertedAt().toString());
    fields.put("completedAt", text(execution.completedAt()));
    return fields;
  }

  static Map<String, @Nullable Object> fields(Backfill backfill) {
    Map<String, @Nullable Object> fields = new LinkedHashMap<>();
    fields.put("id", backfill.id().toString());
    fields.put("from", backfill.from().toString());
    fields.put("until", backfill.until().toString());
    fields.put("next", text(backfill.next()));
    fields.put("concurrency", backfill.concurrency());
    fields.put("started", backfill.started());
    fields.put("existing", backfill.existing());
    fields.put("running", backfill.running());
    fields.put("by", backfill.by());
    fields.put("insertedAt", backfill.insertedAt().toString());
    fields.put("completedAt", text(backfill.completedAt()));
    fields.put("cancelled", backfill.cancelled());
    return fields;
  }

  private static @Nullable String text(@Nullable Object value) {
    return value == null ? null : value.toString();
  }

  private static String word(Enum<?> value) {
    return value.name().toLowerCase(Locale.ROOT);
  }
}
