package dev.durable.schedule;

import dev.durable.internal.form.TimeBounds;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * When a schedule ticks. Immutable.
 *
 * @param ticks the times, without bounds
 * @param from the first time at which it may tick, or null
 * @param until the time from which on it does not tick, or null
 * @param jitter the longest time that an execution starts after its tick
 */
public record Timing(
    Ticks ticks, @Nullable Instant from, @Nullable Instant until, Duration jitter) {

  /** Checks the bounds. */
  public Timing {
    Objects.requireNonNull(ticks, "ticks");
    Objects.requireNonNull(jitter, "jitter");
    if (jitter.isNegative()) {
      throw new IllegalArgumentException("jitter must not be negative: " + jitter);
    }
    TimeBounds.require(jitter, "jitter");
    if (from != null) {
      TimeBounds.require(from, "from");
    }
    if (until != null) {
      TimeBounds.require(until, "until");
    }
    if (from != null && until != null && !from.isBefore(until)) {
      throw new IllegalArgumentException(
          "A schedule from " + from + " until " + until + " never ticks.");
    }
  }

  /** The first tick after a time; null if there is none. No schedule ticks after the year 9999. */
  public @Nullable Instant after(Instant time) {
    Objects.requireNonNull(time, "time");
    Instant first = from == null ? TimeBounds.EARLIEST : from;
    Instant begin = time.isBefore(first) ? first.minusNanos(1) : time;
    if (begin.isAfter(TimeBounds.LATEST)) {
      return null;
    }
    Instant tick = ticks.after(begin);
    Instant end = until == null ? TimeBounds.LATEST : until;
    return tick.isBefore(end) ? tick : null;
  }

  /** The first so many ticks after a time. */
  public List<Instant> after(Instant time, int number) {
    List<Instant> ticks = new ArrayList<>();
    Instant tick = after(time);
    while (tick != null && ticks.size() < number) {
      ticks.add(tick);
      tick = after(tick);
    }
    return List.copyOf(ticks);
  }

  /** When the execution of a tick is due: by the jitter later, the same for each look. */
  public Instant due(String schedule, Instant tick) {
    Objects.requireNonNull(schedule, "schedule");
    Objects.requireNonNull(tick, "tick");
    long most = jitter.toMillis();
    if (most == 0) {
      return tick;
    }
    CRC32C hash = new CRC32C();
    hash.update(schedule.getBytes(StandardCharsets.UTF_8));
    long seed = (hash.getValue() << 32) ^ tick.getEpochSecond();
    return tick.plusMillis(new SplittableRandom(seed).nextLong(most + 1));
  }
}
