package dev.durable.internal.client;

import dev.durable.StartOptions;
import dev.durable.internal.client.StartRequests.Start;
import dev.durable.internal.codec.Payloads;
import dev.durable.internal.schedule.DeclaredSchedules;
import dev.durable.internal.store.journal.StartRow;
import dev.durable.internal.store.schedule.ScheduleRow;
import dev.durable.schedule.Schedule;
import dev.durable.schedule.ScheduleSettings;
import dev.durable.schedule.StoredSchedule;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Makes the rows of schedules, and of what is triggered, after checking them. */
public record ScheduleRequests(
    StartRequests starts, Payloads payloads, DeclaredSchedules declared) {

  /** The rows of schedules that a worker declares. */
  List<ScheduleRow> declared(Collection<? extends Schedule<?>> schedules) {
    return schedules.stream().map(schedule -> row(schedule, true)).toList();
  }

  /**
   * The row of a schedule.
   *
   * @throws IllegalArgumentException if its input is made for each tick
   */
  ScheduleRow put(Schedule<?> schedule) {
    if (schedule.hasInputOfTick()) {
      throw new IllegalArgumentException(
          "The input of schedule '"
              + schedule.name()
              + "' is made by code for each tick: declare it with Durable.on(...).schedule(...), so"
              + " that workers have that code.");
    }
    return row(schedule, false);
  }

  private ScheduleRow row(Schedule<?> schedule, boolean declared) {
    ScheduleSettings settings = schedule.settings();
    starts.requireDeployed(schedule.workflow().name(), settings.queue());
    return new ScheduleRow(
        schedule.name(),
        schedule.workflow().name(),
        settings,
        schedule.hasInputOfTick() ? null : input(schedule, Instant.EPOCH),
        declared);
  }

  private String input(Schedule<?> schedule, Instant tick) {
    return payloads
        .prepare(
            "input of schedule '" + schedule.name() + "'",
            schedule.input(tick),
            schedule.workflow().input())
        .json();
  }

  /**
   * The start of an execution that is triggered.
   *
   * @param json its input, or null for that of the schedule
   * @param now the database's time
   */
  Start trigger(StoredSchedule schedule, @Nullable String json, Instant now) {
    ScheduleSettings settings = schedule.settings();
    StartOptions options =
        StartOptions.of(
            with -> {
              String queue = settings.queue();
              Duration timeout = settings.timeout();
              if (queue != null) {
                with.queue(queue);
              }
              if (timeout != null) {
                with.timeout(timeout);
              }
              String limitKey = settings.limitKey();
              if (limitKey != null) {
                with.limitKey(limitKey);
              }
              settings.tags().forEach(with::tag);
              with.priority(settings.priority());
            });
    String input = json == null ? input(schedule, now) : json;
    return starts
        .prepare(schedule.workflow(), input, options)
        .of(new StartRow.Tick(schedule.name(), null));
  }

  private String input(StoredSchedule schedule, Instant now) {
    if (schedule.input() != null) {
      return schedule.input();
    }
    Schedule<?> code = declared.makes(schedule.name(), schedule.workflow());
    if (code == null) {
      throw new IllegalArgumentException(
          "The input of schedule '"
              + schedule.name()
              + "' is made by code that this instance does not have: give the input as JSON.");
    }
    return Objects.requireNonNull(input(code, now));
  }
}
