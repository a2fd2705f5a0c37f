package dev.durable;

import java.time.Duration;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * How starts that follow each other closely become one execution: {@link StartOptions#debounce}.
 *
 * @param key the business key that they share
 * @param quiet how long after the last of them the execution is due
 * @param atMost how long after the first of them it is due at the latest, or null for no limit
 */
public record Debounce(String key, Duration quiet, @Nullable Duration atMost) {

  /**
   * Checks the values.
   *
   * @throws IllegalArgumentException if the wait is not positive, or {@code atMost} is less
   */
  public Debounce {
    Objects.requireNonNull(key, "key");
    Objects.requireNonNull(quiet, "quiet");
    if (quiet.isNegative() || quiet.isZero()) {
      throw new IllegalArgumentException("The wait of debounce(…) must be positive: " + quiet);
    }
    if (atMost != null && atMost.compareTo(quiet) < 0) {
      throw new IllegalArgumentException(
          "atMost of debounce(…) must be at least the wait of " + quiet + ": " + atMost);
    }
  }
}
