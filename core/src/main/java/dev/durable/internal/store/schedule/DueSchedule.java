package dev.durable.internal.store.schedule;

import dev.durable.internal.store.journal.StartRow;
import dev.durable.schedule.ScheduleSettings;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A schedule that is due, locked for the transaction that serves its ticks.
 *
 * @param id its id
 * @param name its name
 * @param workflow the name of what it starts
 * @param settings how it ticks; throws if this process cannot read it
 * @param input JSON; null if the code makes it for each tick
 * @param next the first tick that has not been served, or null if there is none
 * @param queued the ticks that wait for the end of an execution, the oldest first
 * @param started how many executions its ticks have started
 * @param failures how often in a row its start has failed
 * @param running whether an execution of it has not ended
 * @param failing whether as many of its last executions have failed as it has limited
 * @param definition the newest definition of its workflow that a live worker runs, or else the
 *     newest that is stored; or null
 * @param now the database's time
 */
public record DueSchedule(
    UUID id,
    String name,
    String workflow,
    Supplier<ScheduleSettings> settings,
    @Nullable String input,
    @Nullable Instant next,
    List<Instant> queued,
    long started,
    int failures,
    boolean running,
    boolean failing,
    @Nullable Latest definition,
    Instant now) {

  /**
   * A definition that executions can start with.
   *
   * @param definition the definition
   * @param queue the queue of its executions
   * @param timeout of its executions, or null
   * @param live whether a live worker runs it
   */
  public record Latest(
      StartRow.Definition definition, String queue, @Nullable Duration timeout, boolean live) {}
}
