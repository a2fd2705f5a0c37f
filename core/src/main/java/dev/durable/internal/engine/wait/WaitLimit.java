package dev.durable.internal.engine.wait;

import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * The limit of a wait.
 *
 * @param in the longest time from its beginning, or null
 * @param until a point in time, or null
 */
public record WaitLimit(@Nullable Duration in, @Nullable Instant until) {

  /**
   * A limit that a user has given.
   *
   * @param in the longest time, or null
   * @throws IllegalArgumentException if negative
   */
  public static WaitLimit of(@Nullable Duration in) {
    if (in != null && in.isNegative()) {
      throw new IllegalArgumentException("A wait's limit must not be negative: " + in);
    }
    return new WaitLimit(in, null);
  }
}
