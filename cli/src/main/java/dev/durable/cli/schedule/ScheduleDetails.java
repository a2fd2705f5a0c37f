package dev.durable.cli.schedule;

import dev.durable.Durable;
import dev.durable.execution.Execution;
import dev.durable.schedule.Backfill;
import dev.durable.schedule.StoredSchedule;
import java.time.Instant;
import java.util.List;

/**
 * All that there is to show of a schedule.
 *
 * @param schedule the schedule
 * @param next its next ticks
 * @param executions what it has started last, the newest first
 * @param backfills the newest first
 */
record ScheduleDetails(
    StoredSchedule schedule,
    List<Instant> next,
    List<Execution> executions,
    List<Backfill> backfills) {

  private static final int TICKS = 5;
  private static final int EXECUTIONS = 10;

  /**
   * Reads them.
   *
   * @throws dev.durable.schedule.ScheduleNotFoundException if there is no schedule of that name
   */
  static ScheduleDetails of(Durable client, String name) {
    List<Instant> next = client.schedules().preview(name, TICKS);
    return new ScheduleDetails(
        client.schedules().find(name).orElseThrow(),
        next,
        client.executions(query -> query.schedule(name).limit(EXECUTIONS)).items(),
        client.schedules().backfills(name));
  }
}
