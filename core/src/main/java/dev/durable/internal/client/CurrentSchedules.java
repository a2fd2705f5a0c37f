package dev.durable.internal.client;

import dev.durable.execution.ExecutionHandle;
import dev.durable.schedule.Backfill;
import dev.durable.schedule.Schedule;
import dev.durable.schedule.ScheduleQuery;
import dev.durable.schedule.Schedules;
import dev.durable.schedule.StoredSchedule;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * The schedules as the transaction of the calling thread sees them; each call chooses.
 *
 * @param now those of that transaction
 */
record CurrentSchedules(Supplier<Schedules> now) implements Schedules {

  @Override
  public StoredSchedule put(Schedule<?> schedule) {
    return now.get().put(schedule);
  }

  @Override
  public StoredSchedule add(Schedule<?> schedule) {
    return now.get().add(schedule);
  }

  @Override
  public Optional<StoredSchedule> find(String name) {
    return now.get().find(name);
  }

  @Override
  public List<StoredSchedule> list(Consumer<? super ScheduleQuery> filter) {
    return now.get().list(filter);
  }

  @Override
  public void pause(String name, String reason, String by) {
    now.get().pause(name, reason, by);
  }

  @Override
  public void resume(String name) {
    now.get().resume(name);
  }

  @Override
  public ExecutionHandle<String> trigger(String name) {
    return now.get().trigger(name);
  }

  @Override
  public ExecutionHandle<String> trigger(String name, String json) {
    return now.get().trigger(name, json);
  }

  @Override
  public Backfill backfill(String name, Instant from, Instant until, int concurrency, String by) {
    return now.get().backfill(name, from, until, concurrency, by);
  }

  @Override
  public List<Backfill> backfills(String name) {
    return now.get().backfills(name);
  }

  @Override
  public boolean cancelBackfill(UUID id) {
    return now.get().cancelBackfill(id);
  }

  @Override
  public void delete(String name) {
    now.get().delete(name);
  }

  @Override
  public List<Instant> preview(String name, int number) {
    return now.get().preview(name, number);
  }

  @Override
  public List<Instant> preview(Schedule<?> schedule, int number) {
    return now.get().preview(schedule, number);
  }
}
