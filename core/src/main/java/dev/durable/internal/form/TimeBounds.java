package dev.durable.internal.form;

import java.time.Duration;
import java.time.Instant;

/** The times and durations of schedules: no calculation with them can overflow. */
public final class TimeBounds {

  /** The first time that schedules know. */
  public static final Instant EARLIEST = Instant.parse("0001-01-01T00:00:00Z");

  /** The last one. */
  public static final Instant LATEST = Instant.parse("9999-12-31T23:59:59Z");

  private static final int YEARS = 200;
  private static final Duration LONGEST = Duration.ofDays(YEARS * 365L);

  private TimeBounds() {}

  /**
   * Refuses a time that is too far away.
   *
   * @param what begins the message
   * @throws IllegalArgumentException if its year has not one to four digits
   */
  public static Instant require(Instant time, String what) {
    if (time.isBefore(EARLIEST) || time.isAfter(LATEST)) {
      throw new IllegalArgumentException(
          what + " must be from " + EARLIEST + " to " + LATEST + ": " + time);
    }
    return time;
  }

  /**
   * Refuses a duration that is too long.
   *
   * @param what begins the message
   * @throws IllegalArgumentException if it is longer than 200 years of 365 days
   */
  public static Duration require(Duration time, String what) {
    if (time.compareTo(LONGEST) > 0) {
      throw new IllegalArgumentException(
          what + " must be at most " + LONGEST.toDays() + " days (" + YEARS + " years): " + time);
    }
    return time;
  }
}
