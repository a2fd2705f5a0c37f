package dev.durable.testing;

import dev.durable.internal.store.jdbc.Schema;
import java.time.Instant;
import java.time.ZoneOffset;

/** When schedules are due. */
public interface ScheduleRows extends TestSql {

  /** The next tick of a schedule that has not been served is this one; workers are notified. */
  default void nextTick(String schedule, Instant tick) {
    update(
        "update durable.scheduled_workflows set next_tick_at = ?, next_run_at = ? where name = ?",
        tick.atOffset(ZoneOffset.UTC),
        tick.atOffset(ZoneOffset.UTC),
        schedule);
    notifyOfSchedules();
  }

  /** A tick of a schedule has waited, and may start now; its next one stays where it is. */
  default void onlyTick(String schedule, Instant tick) {
    update(
        "update durable.scheduled_workflows set queued_ticks = array[?::timestamptz],"
            + " next_run_at = now() where name = ?",
        tick.atOffset(ZoneOffset.UTC),
        schedule);
    notifyOfSchedules();
  }

  /** Workers look at the schedules. */
  default void notifyOfSchedules() {
    rows("select pg_notify(?, 's*')", new Schema("durable").channel());
  }
}
