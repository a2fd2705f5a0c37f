package dev.durable.cli.schedule;

import dev.durable.cli.operate.Ages;
import dev.durable.cli.operate.Json;
import dev.durable.cli.operate.Table;
import dev.durable.schedule.MisfirePolicy;
import dev.durable.schedule.ScheduleSettings;
import dev.durable.schedule.StoredSchedule;
import dev.durable.schedule.Ticks;
import dev.durable.schedule.Timing;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** Formats all of one schedule; leaves out what is as it is by default. */
final class ScheduleCard {

  private final ScheduleDetails details;
  private final StoredSchedule schedule;
  private final ZoneId zone;
  private final Table card = new Table(List.of());

  private ScheduleCard(ScheduleDetails details) {
    this.details = details;
    this.schedule = details.schedule();
    this.zone = Times.zone(schedule.settings().timing());
  }

  /**
   * The text.
   *
   * @param width the most characters in a line of a table
   */
  static String text(ScheduleDetails details, int width) {
    return new ScheduleCard(details).text(width);
  }

  private String text(int width) {
    line("schedule", schedule.name());
    line("workflow", schedule.workflow());
    line("state", ScheduleState.withReason(schedule));
    addTrouble();
    addTiming(schedule.settings().timing());
    addSettings(schedule.settings());
    addCounts();
    return card
        + section("Next ticks", ScheduleTables.ticks(details.next(), zone), details.next(), width)
        + section(
            "Last executions",
            ScheduleTables.executions(details.executions(), zone),
            details.executions(),
            width)
        + section(
            "Backfills",
            ScheduleTables.backfills(details.backfills(), zone),
            details.backfills(),
            width);
  }

  private static String section(String title, Table table, List<?> rows, int width) {
    return rows.isEmpty() ? "" : "\n" + title + "\n" + table.fitting(width);
  }

  private void line(String name, String value) {
    card.row(name, value);
  }

  private void addTrouble() {
    StoredSchedule.Pause pause = schedule.pause();
    if (pause != null) {
      String by = pause.by().isEmpty() ? "" : " by " + pause.by();
      line("paused", at(pause.at()) + by);
    }
    if (schedule.error() != null) {
      Instant failedAt = schedule.failedAt();
      line(
          "failed",
          schedule.failures()
              + (schedule.failures() == 1 ? " time" : " times in a row")
              + (failedAt == null ? "" : ", last " + at(failedAt)));
      line("tries again", schedule.dueAt() == null ? "-" : at(schedule.dueAt()));
      if (pause != null) {
        line("error", schedule.error().message());
      }
    }
    if (schedule.declared()) {
      line(
          "declared",
          schedule.undeclared() ? "formerly: no live worker declares it any more" : "by workers");
    }
  }

  private void addTiming(Timing timing) {
    line("when", timing.ticks().describe());
    if (timing.ticks() instanceof Ticks.OfCron cron) {
      line("cron", cron.cron().expression());
      line("clock changes", word(cron.onGap()) + " in a gap, " + word(cron.onRepeat()) + " of two");
    }
    if (timing.from() != null) {
      line("from", Times.text(timing.from(), zone));
    }
    if (timing.until() != null) {
      line("until", Times.text(timing.until(), zone));
    }
    if (!timing.jitter().isZero()) {
      line("jitter", "up to " + text(timing.jitter()));
    }
  }

  private void addSettings(ScheduleSettings settings) {
    line("overlap", word(settings.overlap()));
    line("missed ticks", words(settings.misfire()));
    if (settings.times() != null) {
      line("times", schedule.started() + " of " + settings.times());
    }
    if (settings.queue() != null) {
      line("queue", settings.queue());
    }
    if (settings.priority() != 0) {
      line("priority", String.valueOf(settings.priority()));
    }
    if (settings.timeout() != null) {
      line("timeout", text(settings.timeout()));
    }
    if (settings.pauseAfterFailures() > 0) {
      line("pauses after", settings.pauseAfterFailures() + " failed executions in a row");
    }
    if (settings.removeWhenUndeclared()) {
      line("removed", "when no worker declares it");
    }
    if (!settings.tags().isEmpty()) {
      line("tags", tags(settings.tags()));
    }
    line("input", schedule.input() == null ? "made by code for each tick" : input());
  }

  private void addCounts() {
    line(
        "counts",
        schedule.started()
            + " started, "
            + schedule.running()
            + " running, "
            + schedule.missed()
            + " missed, "
            + schedule.overlapped()
            + " overlapped");
    if (!schedule.waiting().isEmpty()) {
      line(
          "waiting",
          schedule.waiting().size() + " ticks, the first of " + at(schedule.waiting().getFirst()));
    }
  }

  private String input() {
    return Json.write(Json.read(schedule.input()));
  }

  /** A time and how far away it is. */
  private String at(Instant time) {
    boolean past = time.isBefore(Instant.now());
    return Times.text(time, zone)
        + " ("
        + (past ? Ages.since(time) + " ago" : Ages.until(time))
        + ")";
  }

  private static String words(MisfirePolicy policy) {
    if (policy.equals(MisfirePolicy.SKIP)) {
      return "skip";
    }
    return policy.equals(MisfirePolicy.RUN_ONCE)
        ? "run once"
        : "run the last " + policy.most() + ", of the last " + text(policy.window());
  }

  private static String tags(Map<String, String> tags) {
    return new TreeMap<>(tags)
        .entrySet().stream()
            .map(tag -> tag.getKey() + "=" + tag.getValue())
            .collect(Collectors.joining(", "));
  }

  /** Such as 1h30m. */
  private static String text(Duration time) {
    return time.toString().substring("PT".length()).toLowerCase(Locale.ROOT);
  }

  private static String word(Enum<?> value) {
    return value.name().toLowerCase(Locale.ROOT).replace('_', ' ');
  }
}
