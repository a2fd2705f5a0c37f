package dev.durable.schedule;

import java.util.List;

/** The fields of a cron expression: their names and what they may hold. */
enum CronField {
  SECOND("second", 0, 59, List.of()),
  MINUTE("minute", 0, 59, List.of()),
  HOUR("hour", 0, 23, List.of()),
  DAY_OF_MONTH("day of month", 1, 31, List.of()),
  MONTH(
      "month",
      1,
      12,
      List.of("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")),
  /** 0 and 7 are Sunday. */
  DAY_OF_WEEK("day of week", 0, 7, List.of("SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"));

  private final String words;
  private final int least;
  private final int most;

  @SuppressWarnings("ImmutableEnumChecker") // Each is made by List.of.
  private final List<String> names;

  CronField(String words, int least, int most, List<String> names) {
    this.words = words;
    this.least = least;
    this.most = most;
    this.names = names;
  }

  int least() {
    return least;
  }

  int most() {
    return most;
  }

  /** The value of a name, such as MON; -1 if there is no such name. */
  int named(String name) {
    int index = names.indexOf(name);
    return index < 0 ? -1 : index + least;
  }

  boolean hasNames() {
    return !names.isEmpty();
  }

  boolean isDay() {
    return this == DAY_OF_MONTH || this == DAY_OF_WEEK;
  }

  @Override
  public String toString() {
    return words;
  }
}
