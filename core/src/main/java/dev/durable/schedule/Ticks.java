package dev.durable.schedule;

import dev.durable.internal.form.TimeBounds;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.util.Objects;
import java.util.StringJoiner;
import org.jspecify.annotations.Nullable;

/** The times at which a schedule ticks, without its bounds. Immutable. */
public sealed interface Ticks {

  /** The first tick after a time. */
  Instant after(Instant time);

  /** The times in English: "every day at 09:00 (America/New_York)". */
  String describe();

  /**
   * The times of a cron expression in a zone.
   *
   * @param cron the expression
   * @param zone the zone whose clock it follows
   * @param onGap what becomes of a wall time that a change of the clock leaves out
   * @param onRepeat what becomes of one that comes twice
   */
  record OfCron(Cron cron, ZoneId zone, OnGap onGap, OnRepeat onRepeat) implements Ticks {

    public OfCron {
      Objects.requireNonNull(cron, "cron");
      Objects.requireNonNull(zone, "zone");
      Objects.requireNonNull(onGap, "onGap");
      Objects.requireNonNull(onRepeat, "onRepeat");
    }

    /**
     * With what Debian's cron does at a change of the clock: named hours run once for each wall
     * time, shifted to the end of a gap; where the hour is {@code *}, the times follow the clock.
     */
    public static OfCron of(Cron cron, ZoneId zone) {
      Objects.requireNonNull(cron, "cron");
      Objects.requireNonNull(zone, "zone");
      boolean named = cron.namesHours();
      return new OfCron(
          cron, zone, named ? OnGap.SHIFT : OnGap.SKIP, named ? OnRepeat.FIRST : OnRepeat.BOTH);
    }

    @Override
    public Instant after(Instant time) {
      Objects.requireNonNull(time, "time");
      return new CronClock(cron, zone, onGap, onRepeat).after(time);
    }

    @Override
    public String describe() {
      return cron.describe() + " (" + zone.getId() + ")";
    }
  }

  /**
   * Times that are a period apart.
   *
   * @param period the time between two ticks
   * @param anchor the time that all are whole periods away from; null for a schedule that has not
   *     been stored, whose first tick is one period from now
   */
  record OfPeriod(Duration period, @Nullable Instant anchor) implements Ticks {

    public OfPeriod {
      Objects.requireNonNull(period, "period");
      if (period.compareTo(Duration.ofSeconds(1)) < 0) {
        throw new IllegalArgumentException("a schedule ticks at most once a second: " + period);
      }
      if (period.toNanosPart() % 1_000_000 != 0) {
        throw new IllegalArgumentException("a period is counted in milliseconds: " + period);
      }
      TimeBounds.require(period, "a period");
    }

    @Override
    public Instant after(Instant time) {
      Objects.requireNonNull(time, "time");
      Instant from = anchor == null ? time : anchor;
      Duration since = Duration.between(from, time);
      long whole = since.dividedBy(period) - (since.isNegative() ? 1 : 0);
      Instant tick = from.plus(period.multipliedBy(whole));
      while (!tick.isAfter(time)) {
        tick = tick.plus(period);
      }
      return tick;
    }

    @Override
    public String describe() {
      String words = words(period);
      return "every " + (words.matches("1 [a-z]+") ? words.substring(2) : words);
    }

    private static String words(Duration time) {
      StringJoiner words = new StringJoiner(" ");
      add(words, time.toDays(), "day");
      add(words, time.toHoursPart(), "hour");
      add(words, time.toMinutesPart(), "minute");
      add(words, time.toSecondsPart(), "second");
      add(words, time.toMillisPart(), "millisecond");
      return words.toString();
    }

    private static void add(StringJoiner words, long number, String unit) {
      if (number != 0) {
        words.add(number + " " + unit + (number == 1 ? "" : "s"));
      }
    }
  }
}
