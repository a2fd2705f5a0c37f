package dev.durable.schedule;

import java.time.Duration;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * How a schedule ticks, and what its ticks start. Immutable.
 *
 * @param timing when it ticks
 * @param times after how many executions it ends, or null; triggers and backfills do not count
 * @param overlap what becomes of a tick while an earlier execution has not ended
 * @param misfire what becomes of missed ticks
 * @param queue the queue of its executions, or null for that of the workflow
 * @param priority of its executions: higher goes first
 * @param limitKey the key that limits of the queue count its executions by, or null
 * @param tags of its executions
 * @param timeout of its executions, or null for that of the workflow
 * @param pauseAfterFailures after how many executions in a row that failed it is paused; 0 for
 *     never
 * @param removeWhenUndeclared whether it goes when no worker that could run it declares it any more
 */
public record ScheduleSettings(
    Timing timing,
    @Nullable Long times,
    OverlapPolicy overlap,
    MisfirePolicy misfire,
    @Nullable String queue,
    int priority,
    @Nullable String limitKey,
    Map<String, String> tags,
    @Nullable Duration timeout,
    int pauseAfterFailures,
    boolean removeWhenUndeclared) {

  public ScheduleSettings {
    tags = Map.copyOf(tags);
  }
}
