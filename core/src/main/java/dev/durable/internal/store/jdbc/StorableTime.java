package dev.durable.internal.store.jdbc;

import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Times and durations as PostgreSQL can store them. */
public final class StorableTime {

  private static final Duration FOR_EVER = Duration.ofDays(200 * 365);
  private static final Instant EARLIEST = Instant.parse("0001-01-01T00:00:00Z");
  private static final Instant LATEST = Instant.parse("9999-12-31T23:59:59Z");

  private StorableTime() {}

  /**
   * The nearest point in time that a timestamp can hold, and whose year has four digits: any
   * earlier time is over, and any later one is far enough away.
   */
  static Instant nearest(Instant time) {
    if (time.isBefore(EARLIEST)) {
      return EARLIEST;
    }
    return time.isAfter(LATEST) ? LATEST : time;
  }

  /**
   * A duration in microseconds, PostgreSQL's own resolution, rounded up so that no wait gets
   * shorter. The longest is 200 years: longer ones fit neither a timestamp nor a long of
   * nanoseconds.
   */
  public static @Nullable Long micros(@Nullable Duration duration) {
    if (duration == null) {
      return null;
    }
    Duration limited = duration.compareTo(FOR_EVER) > 0 ? FOR_EVER : duration;
    return TimeUnit.MICROSECONDS.convert(limited.plusNanos(999));
  }
}
