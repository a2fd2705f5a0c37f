package dev.durable.schedule;

import dev.durable.internal.form.TimeBounds;
import java.time.Duration;
import java.util.Objects;

/**
 * What becomes of ticks that were missed: no worker could start them within {@link #GRACE} after
 * they were due, since no worker was up, or the schedule was paused. Those that start nothing are
 * counted. Immutable.
 *
 * @param most how many of the missed ticks start an execution, the latest ones
 * @param window how long ago they may have been due
 */
public record MisfirePolicy(int most, Duration window) {

  /** A tick that starts up to one minute late is not missed. */
  public static final Duration GRACE = Duration.ofMinutes(1);

  /** The most ticks that {@link #runAll} starts: 10,000. */
  public static final int LIMIT = 10_000;

  private static final Duration EVER = Duration.ofDays(36_500);

  /** Missed ticks start nothing. */
  public static final MisfirePolicy SKIP = new MisfirePolicy(0, EVER);

  /** The latest of all ticks that are due starts an execution, at once. The default. */
  public static final MisfirePolicy RUN_ONCE = new MisfirePolicy(1, EVER);

  /** All missed ticks of the last 24 hours start an execution each, at most 100. */
  public static final MisfirePolicy RUN_ALL = runAll(100, Duration.ofDays(1));

  /**
   * Checks it.
   *
   * @throws IllegalArgumentException if {@code most} is negative or above {@link #LIMIT}, or the
   *     window is not positive or longer than 200 years
   */
  public MisfirePolicy {
    Objects.requireNonNull(window, "window");
    if (most < 0 || most > LIMIT) {
      throw new IllegalArgumentException(
          "missed ticks may start from 0 to " + LIMIT + " executions: " + most);
    }
    if (window.isNegative() || window.isZero()) {
      throw new IllegalArgumentException("the window of missed ticks must be positive: " + window);
    }
    TimeBounds.require(window, "the window of missed ticks");
  }

  /**
   * Missed ticks start an execution each, the oldest first; of more than so many the latest. Under
   * {@link OverlapPolicy#SKIP} only the first of them does: take {@link OverlapPolicy#QUEUE_ALL} or
   * {@link OverlapPolicy#ALLOW} with it.
   *
   * @param most how many at most, from 1 to {@value #LIMIT}
   * @param window how long ago they may have been due
   * @throws IllegalArgumentException if {@code most} or the window is out of range
   */
  public static MisfirePolicy runAll(int most, Duration window) {
    if (most < 1) {
      throw new IllegalArgumentException("runAll needs at least one execution: " + most);
    }
    return new MisfirePolicy(most, window);
  }
}
