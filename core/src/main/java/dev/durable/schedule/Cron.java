package dev.durable.schedule;

import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.temporal.ChronoUnit;
import java.util.BitSet;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A cron expression: five fields (minute, hour, day of month, month, day of week), or six with the
 * second in front.
 *
 * <p>A field holds {@code *}, numbers, ranges ({@code 9-17}), steps ({@code *}{@code /15}, {@code
 * 5/15}, {@code 9-17/2}) and lists of them ({@code 1,15,20-25}). Months and weekdays have names of
 * three letters; 0 and 7 are Sunday. Days of the month may be {@code L} (the last), {@code L-3},
 * {@code LW} (the last from Monday to Friday) and {@code 15W} (the nearest from Monday to Friday);
 * days of the week {@code 5L} (the last Friday) and {@code MON#2} (the second Monday). Where both
 * day fields are given, a day needs to fit one of them; a field that begins with {@code *}, and
 * {@code ?}, is not given. {@code @yearly}, {@code @monthly}, {@code @weekly}, {@code @daily} and
 * {@code @hourly} stand for what they say. Immutable.
 *
 * @see <a href="https://manpages.debian.org/bookworm/cron/crontab.5.en.html">crontab(5)</a>
 */
public final class Cron {

  private final String expression;
  private final CronParser.Parsed parsed;

  private Cron(String expression, CronParser.Parsed parsed) {
    this.expression = expression;
    this.parsed = parsed;
  }

  /**
   * Reads an expression.
   *
   * @throws CronException if it is malformed, longer than 1,000 characters or never fires; its
   *     message says where and why
   */
  public static Cron of(String expression) {
    Objects.requireNonNull(expression, "expression");
    return new Cron(expression, CronParser.parse(expression));
  }

  /** The expression, as it was given. */
  public String expression() {
    return expression;
  }

  /**
   * Whether the hours are named. Then each wall time comes once, whatever the clock does; otherwise
   * the times follow the clock through its changes.
   */
  public boolean namesHours() {
    return parsed.hoursNamed();
  }

  /** The expression in English, such as "every day at 09:00". */
  public String describe() {
    return CronWords.of(parsed);
  }

  /** The first wall time at or after another; in whole seconds. */
  LocalDateTime atOrAfter(LocalDateTime from) {
    LocalDateTime whole = from.truncatedTo(ChronoUnit.SECONDS);
    LocalDateTime at = whole.equals(from) ? from : whole.plusSeconds(1);
    LocalTime time = timeAtOrAfter(at.toLocalTime());
    if (time != null && isDay(at.toLocalDate())) {
      return at.with(time);
    }
    LocalTime first = Objects.requireNonNull(timeAtOrAfter(LocalTime.MIN));
    return dayAtOrAfter(at.toLocalDate().plusDays(1)).atTime(first);
  }

  private boolean isDay(LocalDate day) {
    return parsed.months().get(day.getMonthValue()) && parsed.days().fit(day);
  }

  /** A day comes in each 400 years, as has been checked. */
  private LocalDate dayAtOrAfter(LocalDate from) {
    LocalDate day = from;
    while (!isDay(day)) {
      day =
          parsed.months().get(day.getMonthValue())
              ? day.plusDays(1)
              : day.withDayOfMonth(1).plusMonths(1);
    }
    return day;
  }

  private @Nullable LocalTime timeAtOrAfter(LocalTime from) {
    int hour = from.getHour();
    int minute = from.getMinute();
    int second = parsed.seconds().nextSetBit(from.getSecond());
    if (!parsed.hours().get(hour)) {
      minute = 60;
    } else if (!parsed.minutes().get(minute) || second < 0) {
      second = first(parsed.seconds());
      minute = or60(parsed.minutes().nextSetBit(minute + 1));
    }
    if (minute == 60) {
      second = first(parsed.seconds());
      minute = first(parsed.minutes());
      hour = parsed.hours().nextSetBit(hour + 1);
    }
    return hour < 0 ? null : LocalTime.of(hour, minute, second);
  }

  private static int first(BitSet values) {
    return values.nextSetBit(0);
  }

  private static int or60(int minute) {
    return minute < 0 ? 60 : minute;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Cron cron && expression.equals(cron.expression);
  }

  @Override
  public int hashCode() {
    return expression.hashCode();
  }

  @Override
  public String toString() {
    return expression;
  }
}
