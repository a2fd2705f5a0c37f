package dev.durable.queue;

import java.time.Duration;
import java.util.Objects;

/**
 * How many executions may begin within any period of that length.
 *
 * @param executions their number, at least 1
 * @param period the length, at least a millisecond and at most 366 days
 */
public record Rate(int executions, Duration period) {

  private static final Duration SHORTEST = Duration.ofMillis(1);
  private static final Duration LONGEST = Duration.ofDays(366);

  /**
   * Checks the values.
   *
   * @throws IllegalArgumentException if one of them is out of its range
   */
  public Rate {
    Objects.requireNonNull(period, "period");
    if (executions < 1) {
      throw new IllegalArgumentException("A rate must be at least 1: " + executions);
    }
    if (period.compareTo(SHORTEST) < 0 || period.compareTo(LONGEST) > 0) {
      throw new IllegalArgumentException(
          "The period of a rate must be between 1 ms and 366 days: " + period);
    }
  }
}
