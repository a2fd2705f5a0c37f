package dev.durable.schedule;

import java.time.Instant;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * The ticks of a past range that are started now, as the database had it at the moment of the
 * query.
 *
 * @param id the id
 * @param schedule the name of the schedule
 * @param from the first time of the range
 * @param until the end of the range, which does not belong to it
 * @param next the tick that it starts next, or would start next had it not been cancelled; null if
 *     there is none
 * @param concurrency how many executions it has at a time
 * @param started how many executions it has started
 * @param existing how many ticks it left out because they have an execution
 * @param running how many executions of ticks in the range have not ended
 * @param by who asked for it, may be empty
 * @param insertedAt when it was asked for
 * @param completedAt when it had started the last one, or was cancelled, or null
 * @param cancelled whether it was cancelled
 */
public record Backfill(
    UUID id,
    String schedule,
    Instant from,
    Instant until,
    @Nullable Instant next,
    int concurrency,
    long started,
    long existing,
    long running,
    String by,
    Instant insertedAt,
    @Nullable Instant completedAt,
    boolean cancelled) {

  /**
   * Whether it starts nothing more: all its ticks have an execution, or it was cancelled. What it
   * has started may still run.
   */
  public boolean isDone() {
    return completedAt != null;
  }
}
