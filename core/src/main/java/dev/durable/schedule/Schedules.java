package dev.durable.schedule;

import dev.durable.execution.ExecutionHandle;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Consumer;

/**
 * The schedules of a database: what ticks, and what has become of it. Changes count for all workers
 * at once. Thread-safe.
 */
public interface Schedules {

  /**
   * Stores a schedule, or changes the one of that name. Counts, its pause and what waits stay; the
   * next tick is found anew if the times have changed. One that workers declare is changed back
   * when the next of them starts. Putting what is stored already writes nothing.
   *
   * @throws dev.durable.UnknownWorkflowException if no worker or client has ever registered its
   *     workflow
   * @throws dev.durable.UnknownQueueException if no worker has ever worked on its queue
   * @throws dev.durable.json.JsonException if its input cannot be written as JSON
   * @throws IllegalArgumentException if its input is made for each tick: only workers can declare
   *     such a one
   */
  StoredSchedule put(Schedule<?> schedule);

  /**
   * {@link #put} of a new one.
   *
   * @throws DuplicateScheduleException if there is one of that name
   */
  StoredSchedule add(Schedule<?> schedule);

  /** The schedule of that name. */
  Optional<StoredSchedule> find(String name);

  /** The schedules that match, by name: {@code q -> q.paused(true)}. */
  List<StoredSchedule> list(Consumer<? super ScheduleQuery> filter);

  /**
   * Pauses a schedule, until it is resumed: also across deploys. What runs goes on. One that is
   * paused gets the new reason.
   *
   * @param reason why, for people
   * @param by who, for the record; may be empty
   * @throws ScheduleNotFoundException if there is none of that name
   * @throws IllegalArgumentException if the reason is blank
   */
  void pause(String name, String reason, String by);

  /** {@link #pause(String, String, String)} without a name. */
  default void pause(String name, String reason) {
    pause(name, reason, "");
  }

  /**
   * Lets a schedule tick again. Its policy for missed ticks decides on those of the meantime. No
   * error if it is not paused.
   *
   * @throws ScheduleNotFoundException if there is none of that name
   */
  void resume(String name);

  /**
   * Starts an execution now, whatever the time, the pause and what runs. Counts for no tick.
   *
   * @throws ScheduleNotFoundException if there is none of that name
   * @throws IllegalArgumentException if its input is made for each tick, and this instance does not
   *     declare it
   */
  ExecutionHandle<String> trigger(String name);

  /**
   * The same with another input.
   *
   * @param json the input
   * @throws ScheduleNotFoundException if there is none of that name
   * @throws dev.durable.json.JsonException if it does not fit the workflow
   */
  ExecutionHandle<String> trigger(String name, String json);

  /**
   * Starts the ticks of a past range, the oldest first, each with its own time. Ticks that have an
   * execution are left out. Workers do it from now on, so many executions at a time; {@link
   * #backfills} shows how far they are. Bounds of the schedule hold, its pause does not.
   *
   * @param from the first time of the range
   * @param until its end, which does not belong to it
   * @param concurrency how many of the executions run at a time, from 1 to 1,000
   * @param by who asks for it, for the record; may be empty
   * @throws ScheduleNotFoundException if there is none of that name
   * @throws IllegalArgumentException if the range is empty, begins before the year 1 or ends in the
   *     future, or the concurrency is out of range
   */
  Backfill backfill(String name, Instant from, Instant until, int concurrency, String by);

  /** {@link #backfill(String, Instant, Instant, int, String)}, one execution at a time. */
  default Backfill backfill(String name, Instant from, Instant until) {
    return backfill(name, from, until, 1, "");
  }

  /**
   * The backfills of a schedule, the newest first; at most 100.
   *
   * @throws ScheduleNotFoundException if there is none of that name
   */
  List<Backfill> backfills(String name);

  /**
   * Ends a backfill: it starts nothing more. What it has started goes on, until it is cancelled
   * itself.
   *
   * @return whether it has ended by this; false if it was done or cancelled before, or there is
   *     none of that id
   */
  boolean cancelBackfill(UUID id);

  /**
   * Deletes a schedule, and its backfills. Its executions stay, and go on. One that workers declare
   * comes back when the next of them starts.
   *
   * @throws ScheduleNotFoundException if there is none of that name
   */
  void delete(String name);

  /**
   * The next ticks of a schedule, as if it were not paused.
   *
   * @param number how many, from 1 to 1,000
   * @throws ScheduleNotFoundException if there is none of that name
   */
  List<Instant> preview(String name, int number);

  /** The next ticks of a schedule that need not be stored. */
  List<Instant> preview(Schedule<?> schedule, int number);
}
