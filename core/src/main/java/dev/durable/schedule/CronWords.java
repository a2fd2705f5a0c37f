package dev.durable.schedule;

import java.time.DayOfWeek;
import java.time.Month;
import java.time.format.TextStyle;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Locale;
import java.util.function.IntFunction;
import java.util.stream.IntStream;

/** Says cron expressions in English. */
final class CronWords {

  private static final int MOST_TIMES = 4;
  private static final List<String> ORDINALS =
      List.of("first", "second", "third", "fourth", "fifth");

  private final CronParser.Parsed cron;

  private CronWords(CronParser.Parsed cron) {
    this.cron = cron;
  }

  static String of(CronParser.Parsed cron) {
    return new CronWords(cron).words();
  }

  private String words() {
    List<String> phrases = new ArrayList<>();
    List<String> days = days();
    if (isTimes()) {
      phrases.add((days.isEmpty() ? "every day " : "") + times());
    } else {
      addSeconds(phrases);
      addMinutes(phrases);
      addHours(phrases);
    }
    if (!days.isEmpty()) {
      phrases.add(String.join(cron.days().both() ? " if it is " : " or ", days));
    }
    if (!hasAll(cron.months(), CronField.MONTH)) {
      phrases.add("in " + series(cron.months(), CronWords::month));
    }
    return String.join(", ", phrases);
  }

  // ---- the time of day ----

  private boolean isTimes() {
    return cron.seconds().cardinality() == 1
        && cron.minutes().cardinality() == 1
        && cron.hours().cardinality() <= MOST_TIMES;
  }

  private String times() {
    int minute = first(cron.minutes());
    int second = first(cron.seconds());
    return "at "
        + listed(
            cron.hours().stream()
                .mapToObj(
                    hour ->
                        "%02d:%02d".formatted(hour, minute)
                            + (second == 0 ? "" : ":%02d".formatted(second)))
                .toList());
  }

  private void addSeconds(List<String> phrases) {
    if (!isZero(cron.seconds())) {
      phrases.add(part(cron.seconds(), CronField.SECOND));
    }
  }

  private void addMinutes(List<String> phrases) {
    boolean all = hasAll(cron.minutes(), CronField.MINUTE);
    if (phrases.isEmpty() ? !isZero(cron.minutes()) : !all) {
      phrases.add(part(cron.minutes(), CronField.MINUTE));
    }
  }

  private void addHours(List<String> phrases) {
    boolean all = hasAll(cron.hours(), CronField.HOUR);
    if (phrases.isEmpty() || (all && cron.minutes().cardinality() == 1)) {
      phrases.add(all ? "every hour" : part(cron.hours(), CronField.HOUR));
    } else if (!all) {
      phrases.add(
          isRange(cron.hours())
              ? "from %02d:00 to %02d:59".formatted(first(cron.hours()), cron.hours().length() - 1)
              : part(cron.hours(), CronField.HOUR));
    }
  }

  private static String part(BitSet values, CronField field) {
    int step = step(values, field);
    if (step == 1) {
      return "every " + field;
    }
    if (step > 1) {
      return "every " + step + " " + field + "s";
    }
    return "at "
        + field
        + (values.cardinality() > 1 ? "s " : " ")
        + series(values, String::valueOf);
  }

  // ---- the day ----

  private List<String> days() {
    List<String> phrases = new ArrayList<>();
    addDays(phrases, cron.days().ofMonth(), CronField.DAY_OF_MONTH);
    addDays(phrases, cron.days().ofWeek(), CronField.DAY_OF_WEEK);
    return phrases;
  }

  private static void addDays(List<String> phrases, List<CronDays.Part> parts, CronField field) {
    BitSet numbers = new BitSet();
    List<String> said = new ArrayList<>();
    for (CronDays.Part part : parts) {
      if (part instanceof CronDays.Numbers(BitSet values)) {
        numbers.or(values);
      } else {
        said.add(day(part));
      }
    }
    if (!numbers.isEmpty() && !hasAll(numbers, field)) {
      said.addFirst(field == CronField.DAY_OF_MONTH ? dates(numbers) : weekdays(numbers));
    }
    if (!said.isEmpty() && !hasAll(numbers, field)) {
      phrases.add(listed(said));
    }
  }

  private static String dates(BitSet numbers) {
    int step = step(numbers, CronField.DAY_OF_MONTH);
    return step > 1
        ? "every " + step + " days of the month"
        : (numbers.cardinality() > 1 ? "days " : "day ")
            + series(numbers, String::valueOf)
            + " of the month";
  }

  /** Sunday ends a week. */
  private static String weekdays(BitSet numbers) {
    BitSet ofWeek = numbers.get(0, 7);
    if (ofWeek.get(0)) {
      ofWeek.clear(0);
      ofWeek.set(7);
    }
    return series(ofWeek, CronWords::weekday);
  }

  private static String day(CronDays.Part part) {
    return switch (part) {
      case CronDays.Numbers(BitSet values) -> series(values, String::valueOf);
      case CronDays.LastDay(int before) when before == 0 -> "the last day of the month";
      case CronDays.LastDay(int before) ->
          before + (before == 1 ? " day" : " days") + " before the last day of the month";
      case CronDays.LastWorkday() -> "the last day of the month from Monday to Friday";
      case CronDays.NearestWorkday(int date) ->
          "the day from Monday to Friday nearest to day " + date + " of the month";
      case CronDays.NthWeekday(int weekday, int which) ->
          "the " + ORDINALS.get(which - 1) + " " + weekday(weekday) + " of the month";
      case CronDays.LastWeekday(int weekday) -> "the last " + weekday(weekday) + " of the month";
    };
  }

  private static String weekday(int number) {
    return DayOfWeek.of(number == 0 ? 7 : number).getDisplayName(TextStyle.FULL, Locale.ENGLISH);
  }

  private static String month(int number) {
    return Month.of(number).getDisplayName(TextStyle.FULL, Locale.ENGLISH);
  }

  // ---- numbers ----

  private static boolean isZero(BitSet values) {
    return values.cardinality() == 1 && values.get(0);
  }

  private static boolean hasAll(BitSet values, CronField field) {
    int most = field == CronField.DAY_OF_WEEK ? 6 : field.most();
    return values.cardinality() == most - field.least() + 1;
  }

  private static boolean isRange(BitSet values) {
    return values.cardinality() == values.length() - first(values);
  }

  /** The distance of values that go evenly through the whole field; 0 if they do not. */
  private static int step(BitSet values, CronField field) {
    int first = first(values);
    int second = values.nextSetBit(first + 1);
    if (second < 0
        || first != field.least()
        || (values.cardinality() < 3 && !reaches(second, field))) {
      return 0;
    }
    int step = second - first;
    return values.equals(every(step, field)) ? step : 0;
  }

  private static boolean reaches(int last, CronField field) {
    return 2 * (last - field.least()) + field.least() > field.most();
  }

  private static BitSet every(int step, CronField field) {
    BitSet values = new BitSet();
    for (int value = field.least(); value <= field.most(); value += step) {
      values.set(value);
    }
    return values;
  }

  private static int first(BitSet values) {
    return values.nextSetBit(0);
  }

  private static String series(BitSet values, IntFunction<String> name) {
    List<String> ranges = new ArrayList<>();
    for (int from = first(values); from >= 0; ) {
      int to = values.nextClearBit(from) - 1;
      if (to - from >= 2) {
        ranges.add(name.apply(from) + " to " + name.apply(to));
      } else {
        IntStream.rangeClosed(from, to).mapToObj(name).forEach(ranges::add);
      }
      from = values.nextSetBit(to + 1);
    }
    return listed(ranges);
  }

  private static String listed(List<String> words) {
    int last = words.size() - 1;
    return last == 0
        ? words.getFirst()
        : String.join(", ", words.subList(0, last)) + " and " + words.get(last);
  }
}
