package dev.durable.cli.schedule;

import dev.durable.cli.operate.Ages;
import dev.durable.cli.operate.Table;
import dev.durable.execution.Execution;
import dev.durable.schedule.Backfill;
import dev.durable.schedule.StoredSchedule;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Formats schedules, their ticks, executions and backfills as tables. */
final class ScheduleTables {

  private static final String NONE = "-";

  private ScheduleTables() {}

  static Table list(List<StoredSchedule> schedules) {
    Table table =
        new Table(
            List.of(
                "NAME",
                "WORKFLOW",
                "NEXT",
                "LAST",
                "RUNNING",
                "MISSED",
                "OVERLAPPED",
                "WHEN",
                "STATE"));
    for (StoredSchedule each : schedules) {
      table.row(
          each.name(),
          each.workflow(),
          each.isPaused() ? NONE : Ages.until(each.next()),
          ago(each.lastStartedAt()),
          String.valueOf(each.running()),
          String.valueOf(each.missed()),
          String.valueOf(each.overlapped()),
          each.settings().timing().ticks().describe(),
          ScheduleState.withReason(each));
    }
    return table;
  }

  /** The times in a zone and in UTC, and how far away they are. */
  static Table ticks(List<Instant> ticks, ZoneId zone) {
    boolean utc = zone.getRules().equals(ZoneOffset.UTC.getRules());
    Table table = new Table(utc ? List.of("UTC", "DUE") : List.of(zone.getId(), "UTC", "DUE"));
    for (Instant tick : ticks) {
      String due = tick.isBefore(Instant.now()) ? "past" : Ages.until(tick);
      String there = Times.text(tick, ZoneOffset.UTC);
      if (utc) {
        table.row(there, due);
      } else {
        table.row(Times.text(tick, zone), there, due);
      }
    }
    return table;
  }

  static Table executions(List<Execution> executions, ZoneId zone) {
    Table table = new Table(List.of("EXECUTION", "TICK", "STATUS", "STARTED", "ERROR"));
    for (Execution each : executions) {
      Instant tick = each.scheduledFor();
      table.row(
          each.id().toString(),
          tick == null ? "triggered" : Times.text(tick, zone),
          each.status().text(),
          ago(each.insertedAt()),
          each.error() == null ? "" : each.error().message());
    }
    return table;
  }

  static Table backfills(List<Backfill> backfills, ZoneId zone) {
    Table table =
        new Table(
            List.of(
                "ID", "FROM", "UNTIL", "NEXT", "STARTED", "LEFT OUT", "RUNNING", "ASKED", "BY"));
    for (Backfill each : backfills) {
      table.row(
          each.id().toString(),
          Times.text(each.from(), zone),
          Times.text(each.until(), zone),
          next(each, zone),
          String.valueOf(each.started()),
          String.valueOf(each.existing()),
          each.running() + " of " + each.concurrency(),
          ago(each.insertedAt()),
          each.by());
    }
    return table;
  }

  private static String next(Backfill backfill, ZoneId zone) {
    if (backfill.cancelled()) {
      return "cancelled";
    }
    Instant next = backfill.next();
    return next == null ? "done" : Times.text(next, zone);
  }

  private static String ago(@Nullable Instant past) {
    return past == null ? NONE : Ages.since(past) + " ago";
  }
}
