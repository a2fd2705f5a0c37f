package dev.durable.queue;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * The limits of a queue on all workers together, as {@link QueueOptions} describes them.
 *
 * @param globalConcurrency how many executions run at a time, or null for any number
 * @param perKey how many with the same limit key, or null for any number
 * @param rate how many begin within a period, or null for any number
 * @param ratePerKey how many with the same limit key, or null for any number
 * @param countWaiting whether those that have begun and wait keep their place
 * @param fair whether limit keys take turns
 * @param aging after how long an execution counts as one priority higher, or null for never
 */
public record QueueLimits(
    @Nullable Integer globalConcurrency,
    @Nullable Integer perKey,
    @Nullable Rate rate,
    @Nullable Rate ratePerKey,
    boolean countWaiting,
    boolean fair,
    @Nullable Duration aging) {

  /** No limit at all. */
  public static final QueueLimits NONE =
      new QueueLimits(null, null, null, null, false, false, null);
}
