package dev.durable.queue;

import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A queue, as the database had it at the moment of the query.
 *
 * @param name its name
 * @param paused why it is paused, or null if it is not
 * @param limits the limits that hold: those of the code, and instead of them what an operator has
 *     set
 * @param declared the limits that the code declares
 * @param override what an operator has set, or null
 * @param stats what is in it
 */
public record QueueState(
    String name,
    @Nullable QueuePause paused,
    QueueLimits limits,
    QueueLimits declared,
    @Nullable QueueOverride override,
    QueueStats stats) {

  /** Whether it is paused. */
  public boolean isPaused() {
    return paused != null;
  }

  /** What an operator has to know; empty if executions of the queue can run. */
  public Optional<String> warning() {
    return stats.open() == 0 || stats.isServed()
        ? Optional.empty()
        : Optional.of(
            "Queue '"
                + name
                + "' has "
                + stats.open()
                + (stats.open() == 1 ? " execution" : " executions")
                + " that have not ended, and no live worker serves it.");
  }
}
