package dev.durable.internal.store.journal;

import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * When a waiting execution becomes due: whichever of these happens first.
 *
 * @param in after this time, or null
 * @param at at this time, or null
 * @param signals whether a signal makes it due
 */
public record WakeCondition(@Nullable Duration in, @Nullable Instant at, boolean signals) {

  /** Never: it has ended, or needs a person. */
  public static final WakeCondition NEVER = new WakeCondition(null, null, false);

  /** At a signal. */
  public static final WakeCondition BY_SIGNAL = new WakeCondition(null, null, true);

  /** After this time. */
  public static WakeCondition after(Duration time) {
    return new WakeCondition(time, null, false);
  }

  /** Whichever of the two comes first. */
  public WakeCondition or(WakeCondition other) {
    return new WakeCondition(
        earlier(in, other.in), earlier(at, other.at), signals || other.signals);
  }

  private static <T extends Comparable<T>> @Nullable T earlier(@Nullable T one, @Nullable T two) {
    if (one == null || two == null) {
      return one == null ? two : one;
    }
    return one.compareTo(two) <= 0 ? one : two;
  }
}
