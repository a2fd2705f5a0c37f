package dev.durable.schedule;

import java.time.DayOfWeek;
import java.time.LocalDate;
import java.time.YearMonth;
import java.util.BitSet;
import java.util.List;

/**
 * The days of a cron expression. As cron has it, a day needs to fit one of the two fields if both
 * are given, and both of them if one begins with a star.
 *
 * @param ofMonth the parts of the day of month
 * @param ofWeek the parts of the day of week
 * @param both whether a day must fit both fields
 */
record CronDays(List<Part> ofMonth, List<Part> ofWeek, boolean both) {

  /** The Gregorian calendar repeats itself, weekdays included. */
  private static final int YEARS_OF_A_CYCLE = 400;

  /** A part of a field, between two commas. */
  sealed interface Part {
    boolean fits(LocalDate day, int number);
  }

  /** Whether a date is one of the days. */
  boolean fit(LocalDate day) {
    boolean month = fits(ofMonth, day, day.getDayOfMonth());
    boolean week = fits(ofWeek, day, weekday(day));
    return both ? month && week : month || week;
  }

  private static boolean fits(List<Part> parts, LocalDate day, int number) {
    for (Part part : parts) {
      if (part.fits(day, number)) {
        return true;
      }
    }
    return false;
  }

  /** Whether there is such a day at all in one of the months. */
  boolean everComes(BitSet months) {
    LocalDate end = LocalDate.of(2000 + YEARS_OF_A_CYCLE, 1, 1);
    for (LocalDate day = LocalDate.of(2000, 1, 1); day.isBefore(end); day = day.plusDays(1)) {
      if (months.get(day.getMonthValue()) && fit(day)) {
        return true;
      }
    }
    return false;
  }

  private static int weekday(LocalDate day) {
    return day.getDayOfWeek().getValue() % 7;
  }

  private static boolean isWorkday(LocalDate day) {
    return day.getDayOfWeek().getValue() < DayOfWeek.SATURDAY.getValue();
  }

  /** Numbers of the field. */
  record Numbers(BitSet values) implements Part {
    @Override
    public boolean fits(LocalDate day, int number) {
      return values.get(number);
    }
  }

  /** L, L-3: the last day of the month, or one some days before. */
  record LastDay(int before) implements Part {
    @Override
    public boolean fits(LocalDate day, int number) {
      return number == day.lengthOfMonth() - before;
    }
  }

  /** LW: the last day of the month from Monday to Friday. */
  record LastWorkday() implements Part {
    @Override
    public boolean fits(LocalDate day, int number) {
      LocalDate last = YearMonth.from(day).atEndOfMonth();
      while (!isWorkday(last)) {
        last = last.minusDays(1);
      }
      return day.equals(last);
    }
  }

  /** 15W: the day from Monday to Friday in the same month that is nearest to a date. */
  record NearestWorkday(int date) implements Part {
    @Override
    public boolean fits(LocalDate day, int number) {
      if (date > day.lengthOfMonth()) {
        return false;
      }
      LocalDate nearest = day.withDayOfMonth(date);
      return day.equals(
          switch (nearest.getDayOfWeek()) {
            case SATURDAY -> date == 1 ? nearest.plusDays(2) : nearest.minusDays(1);
            case SUNDAY -> date == day.lengthOfMonth() ? nearest.minusDays(2) : nearest.plusDays(1);
            default -> nearest;
          });
    }
  }

  /** 5#2: the second Friday of the month. */
  record NthWeekday(int weekday, int which) implements Part {
    @Override
    public boolean fits(LocalDate day, int number) {
      return number == weekday && (day.getDayOfMonth() - 1) / 7 + 1 == which;
    }
  }

  /** 5L: the last Friday of the month. */
  record LastWeekday(int weekday) implements Part {
    @Override
    public boolean fits(LocalDate day, int number) {
      return number == weekday && day.getDayOfMonth() + 7 > day.lengthOfMonth();
    }
  }
}
