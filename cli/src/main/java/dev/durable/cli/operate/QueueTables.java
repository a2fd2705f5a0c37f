package dev.durable.cli.operate;

import dev.durable.queue.QueueLimits;
import dev.durable.queue.QueueOverride;
import dev.durable.queue.QueuePause;
import dev.durable.queue.QueueState;
import dev.durable.queue.QueueStats;
import dev.durable.queue.QueueWorker;
import dev.durable.queue.Rate;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** Formats queues, as tables and as JSON. */
final class QueueTables {

  private QueueTables() {}

  static String text(List<QueueState> queues) {
    Table table =
        new Table(
            List.of(
                "QUEUE",
                "STATE",
                "DUE",
                "OLDEST",
                "DELAYED",
                "RUNNING",
                "WAITING",
                "STARTED 1 H",
                "ENDED 1 H",
                "WORKERS",
                "LIMITS"));
    for (QueueState each : queues) {
      QueueStats stats = each.stats();
      table.row(
          each.name(),
          each.isPaused() ? "paused" : "open",
          "" + stats.due(),
          stats.oldestDue() == null ? "-" : Ages.text(stats.oldestDue()),
          "" + stats.delayed(),
          "" + stats.running(),
          "" + stats.waiting(),
          "" + stats.startedLastHour(),
          "" + stats.endedLastHour(),
          "" + stats.workers().stream().filter(QueueWorker::serves).count(),
          limits(each.limits()));
    }
    return table + notes(queues);
  }

  /** Who has changed what, a line for each. */
  private static String notes(List<QueueState> queues) {
    StringBuilder notes = new StringBuilder();
    for (QueueState each : queues) {
      QueuePause pause = each.paused();
      QueueOverride override = each.override();
      if (pause != null) {
        note(
            notes,
            "%s has been paused for %s%s: %s"
                .formatted(each.name(), Ages.since(pause.at()), by(pause.by()), pause.reason()));
      }
      if (override != null) {
        note(
            notes,
            "%s has had other limits for %s%s; those of the code: %s"
                .formatted(
                    each.name(),
                    Ages.since(override.at()),
                    by(override.by()),
                    limits(each.declared())));
      }
    }
    return notes.toString();
  }

  private static void note(StringBuilder notes, String text) {
    notes.append(Table.oneLine(text)).append('\n');
  }

  private static String by(String who) {
    return who.isEmpty() ? "" : " by " + who;
  }

  static String limits(QueueLimits limits) {
    List<String> parts = new ArrayList<>();
    add(parts, limits.globalConcurrency(), "at a time");
    add(parts, limits.perKey(), "per key");
    add(parts, rate(limits.rate()), "");
    add(parts, rate(limits.ratePerKey()), "per key");
    if (limits.countWaiting()) {
      parts.add("waiting count");
    }
    if (limits.fair()) {
      parts.add("fair");
    }
    if (limits.aging() != null) {
      parts.add("aging " + Durations.text(limits.aging()));
    }
    return parts.isEmpty() ? "-" : String.join(", ", parts);
  }

  private static void add(List<String> parts, @Nullable Object limit, String what) {
    if (limit != null) {
      parts.add((limit + " " + what).strip());
    }
  }

  private static @Nullable String rate(@Nullable Rate rate) {
    return rate == null ? null : rate.executions() + "/" + Durations.text(rate.period());
  }

  static String json(List<QueueState> queues) {
    return Json.write(queues.stream().map(QueueTables::fields).toList());
  }

  static Map<String, @Nullable Object> fields(QueueState queue) {
    Map<String, @Nullable Object> fields = new LinkedHashMap<>();
    fields.put("queue", queue.name());
    fields.put("paused", queue.paused() == null ? null : pause(queue.paused()));
    fields.put("limits", fields(queue.limits()));
    fields.put("declared", fields(queue.declared()));
    fields.put("override", queue.override() == null ? null : override(queue.override()));
    QueueStats stats = queue.stats();
    fields.put("due", stats.due());
    fields.put("delayed", stats.delayed());
    fields.put("running", stats.running());
    fields.put("waiting", stats.waiting());
    fields.put("oldestDueMillis", stats.oldestDue() == null ? null : stats.oldestDue().toMillis());
    fields.put("startedLastMinute", stats.startedLastMinute());
    fields.put("startedLastHour", stats.startedLastHour());
    fields.put("endedLastMinute", stats.endedLastMinute());
    fields.put("endedLastHour", stats.endedLastHour());
    fields.put("workers", stats.workers().stream().map(QueueTables::worker).toList());
    fields.put("warning", queue.warning().orElse(null));
    return fields;
  }

  private static Map<String, Object> pause(QueuePause pause) {
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put("at", pause.at().toString());
    fields.put("by", pause.by());
    fields.put("reason", pause.reason());
    return fields;
  }

  private static Map<String, Object> override(QueueOverride override) {
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put("at", override.at().toString());
    fields.put("by", override.by());
    fields.put("names", List.copyOf(new TreeSet<>(override.names())));
    return fields;
  }

  private static Map<String, @Nullable Object> fields(QueueLimits limits) {
    Map<String, @Nullable Object> fields = new LinkedHashMap<>();
    fields.put("globalConcurrency", limits.globalConcurrency());
    fields.put("perKey", limits.perKey());
    fields.put("rate", rate(limits.rate()));
    fields.put("ratePerKey", rate(limits.ratePerKey()));
    fields.put("countWaiting", limits.countWaiting());
    fields.put("fair", limits.fair());
    fields.put("aging", limits.aging() == null ? null : Durations.text(limits.aging()));
    return fields;
  }

  private static Map<String, Object> worker(QueueWorker worker) {
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put("id", worker.id().toString());
    fields.put("name", worker.name());
    fields.put("serves", worker.serves());
    fields.put("running", worker.running());
    return fields;
  }
}
