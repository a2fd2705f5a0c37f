package dev.durable.wait;

import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** How long an execution waits. Immutable. */
public final class WaitOptions {

  /** As long as it takes. */
  public static final WaitOptions FOREVER = new WaitOptions(null);

  private final @Nullable Duration timeout;

  private WaitOptions(@Nullable Duration timeout) {
    this.timeout = timeout;
  }

  /**
   * The longest time to wait, by the database's clock, from the moment the wait begins. Default: no
   * limit. Zero looks once at what has been sent already.
   *
   * @throws IllegalArgumentException if negative
   */
  public WaitOptions timeout(Duration limit) {
    if (limit.isNegative()) {
      throw new IllegalArgumentException("timeout must not be negative: " + limit);
    }
    return new WaitOptions(limit);
  }

  /** The limit, if there is one. */
  public Optional<Duration> limit() {
    return Optional.ofNullable(timeout);
  }
}
