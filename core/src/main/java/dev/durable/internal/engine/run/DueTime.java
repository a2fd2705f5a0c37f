package dev.durable.internal.engine.run;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Arithmetic on due times, which are values of {@link System#nanoTime}. */
public final class DueTime {

  private static final long LONGEST = TimeUnit.DAYS.toNanos(36_500);

  private DueTime() {}

  /** The time at which a wait that begins now is over. */
  public static long after(Duration wait) {
    return System.nanoTime() + nanos(wait);
  }

  /** The time at which something began that is so old now. */
  static long before(Duration age) {
    return System.nanoTime() - nanos(age);
  }

  /** The same; null if there is no wait. */
  public static @Nullable Long afterAny(@Nullable Duration wait) {
    return wait == null ? null : Long.valueOf(after(wait));
  }

  /** The rest of the time until then; zero if it has passed, or there is no such time. */
  public static Duration until(@Nullable Long dueAt) {
    return dueAt == null ? Duration.ZERO : Duration.ofNanos(Math.max(0, dueAt - System.nanoTime()));
  }

  /** Nanoseconds of a wait, at most a hundred years: a longer one overflows when added. */
  private static long nanos(Duration wait) {
    return Math.clamp(TimeUnit.NANOSECONDS.convert(wait), 0, LONGEST);
  }
}
