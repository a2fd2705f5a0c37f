package dev.durable.schedule;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Reads a cron expression, and says where it is wrong and why. */
final class CronParser {

  private static final Map<String, String> NICKNAMES =
      Map.of(
          "@yearly", "0 0 1 1 *",
          "@annually", "0 0 1 1 *",
          "@monthly", "0 0 1 * *",
          "@weekly", "0 0 * * 0",
          "@daily", "0 0 * * *",
          "@midnight", "0 0 * * *",
          "@hourly", "0 * * * *");

  private static final int LONGEST = 1_000;
  private static final int SHOWN = 80;
  private static final Pattern WORD = Pattern.compile("\\S+");

  private final String expression;

  private CronParser(String expression) {
    this.expression = expression;
  }

  /** The fields of an expression, and the days that it names. */
  record Parsed(
      BitSet seconds,
      BitSet minutes,
      BitSet hours,
      BitSet months,
      CronDays days,
      boolean hoursNamed) {}

  static Parsed parse(String expression) {
    return new CronParser(expression).parse();
  }

  private Parsed parse() {
    if (expression.length() > LONGEST) {
      throw new CronException(
          expression.substring(0, SHOWN) + "…",
          LONGEST,
          "it has " + expression.length() + " characters; at most " + LONGEST + " are allowed");
    }
    String fields = expression.strip();
    if (fields.startsWith("@")) {
      String nickname = NICKNAMES.get(fields.toLowerCase(Locale.ROOT));
      if (nickname == null) {
        throw wrong(
            expression.indexOf('@'),
            "there is no '"
                + fields
                + "'; there are @yearly, @annually, @monthly, @weekly, @daily,"
                + " @midnight and @hourly");
      }
      return new CronParser(nickname).parse();
    }
    List<Text> texts = texts();
    if (texts.size() != 5 && texts.size() != 6) {
      throw wrong(
          texts.size() > 6 ? texts.get(6).begin() : expression.length(),
          "it has "
              + texts.size()
              + " fields; five are needed (minute, hour, day of month, month,"
              + " day of week), or six with the second in front");
    }
    List<Text> rest = texts.subList(texts.size() - 5, texts.size());
    BitSet seconds = new BitSet();
    if (texts.size() == 6) {
      seconds = plain(CronField.SECOND, texts.getFirst());
    } else {
      seconds.set(0);
    }
    CronDays days =
        new CronDays(
            parts(CronField.DAY_OF_MONTH, rest.get(2)),
            parts(CronField.DAY_OF_WEEK, rest.get(4)),
            isStar(rest.get(2)) || isStar(rest.get(4)));
    Parsed parsed =
        new Parsed(
            seconds,
            plain(CronField.MINUTE, rest.get(0)),
            plain(CronField.HOUR, rest.get(1)),
            plain(CronField.MONTH, rest.get(3)),
            days,
            !isStar(rest.get(1)));
    if (!days.everComes(parsed.months())) {
      throw wrong(rest.get(2).begin(), "no such day ever comes");
    }
    return parsed;
  }

  /** A part of the expression, and where it begins. */
  private record Text(int begin, String text) {

    Text from(int index) {
      return new Text(begin + index, text.substring(index));
    }

    Text to(int index) {
      return new Text(begin, text.substring(0, index));
    }

    boolean is(String other) {
      return text.equals(other);
    }
  }

  private List<Text> texts() {
    List<Text> texts = new ArrayList<>();
    Matcher words = WORD.matcher(expression);
    while (words.find()) {
      texts.add(new Text(words.start(), words.group().toUpperCase(Locale.ROOT)));
    }
    return texts;
  }

  /** As cron has it, a field counts as not given if it begins with a star, also with a step. */
  private static boolean isStar(Text field) {
    return field.text().startsWith("*") || field.is("?");
  }

  private BitSet plain(CronField field, Text text) {
    BitSet values = new BitSet();
    for (CronDays.Part part : parts(field, text)) {
      values.or(((CronDays.Numbers) part).values());
    }
    return values;
  }

  /** What a field's text says, one part for each of its commas. */
  private List<CronDays.Part> parts(CronField field, Text text) {
    List<CronDays.Part> parts = new ArrayList<>();
    int begin = 0;
    while (true) {
      int comma = text.text().indexOf(',', begin);
      Text part = (comma < 0 ? text : text.to(comma)).from(begin);
      if (part.text().isEmpty()) {
        throw wrong(part.begin(), "a value of the " + field + " is missing beside a comma");
      }
      parts.add(part(field, part));
      if (comma < 0) {
        return parts;
      }
      begin = comma + 1;
    }
  }

  private CronDays.Part part(CronField field, Text part) {
    if (field.isDay()) {
      CronDays.Part special =
          field == CronField.DAY_OF_MONTH ? specialDay(part) : specialWeekday(part);
      if (special != null) {
        return special;
      }
    }
    int slash = part.text().indexOf('/');
    if (slash < 0) {
      return range(field, part, 1, false);
    }
    return range(field, part.to(slash), step(field, part.from(slash + 1)), true);
  }

  private int step(CronField field, Text text) {
    int step = number(text, "a step");
    if (step < 1) {
      throw wrong(text.begin(), "a step is at least 1");
    }
    if (step > field.most()) {
      throw wrong(
          text.begin(), "a step of " + step + " is larger than the " + field + " can become");
    }
    return step;
  }

  private CronDays.Numbers range(CronField field, Text text, int step, boolean open) {
    int from;
    int to;
    int dash = text.text().indexOf('-');
    if (text.is("*") || (text.is("?") && field.isDay())) {
      from = field.least();
      to = field == CronField.DAY_OF_WEEK ? 6 : field.most();
    } else if (dash > 0) {
      from = value(field, text.to(dash));
      Text end = text.from(dash + 1);
      to = value(field, end);
      if (field == CronField.DAY_OF_WEEK && to == 0 && from > 0) {
        to = 7;
      }
      if (to < from) {
        throw wrong(text.begin(), "the range " + text.text() + " ends before it begins");
      }
    } else {
      from = value(field, text);
      to = open ? field.most() : from;
    }
    BitSet values = new BitSet();
    for (int value = from; value <= to; value += step) {
      values.set(field == CronField.DAY_OF_WEEK && value == 7 ? 0 : value);
    }
    return new CronDays.Numbers(values);
  }

  private int value(CronField field, Text text) {
    int named = field.named(text.text());
    if (named >= 0) {
      return named;
    }
    String what = "a " + field + (field.hasNames() ? ", as a number or by three letters," : "");
    int value = number(text, what);
    if (value < field.least() || value > field.most()) {
      throw wrong(
          text.begin(),
          "the %s is between %d and %d, not %d"
              .formatted(field, field.least(), field.most(), value));
    }
    return value;
  }

  private int number(Text text, String what) {
    int bad = 0;
    while (bad < text.text().length() && isDigit(text.text().charAt(bad))) {
      bad++;
    }
    if (text.text().isEmpty() || bad < text.text().length()) {
      throw wrong(
          text.begin(),
          what + " is needed" + (text.text().isEmpty() ? "" : ", not '" + text.text() + "'"));
    }
    if (text.text().length() > 4) {
      throw wrong(text.begin(), "the number " + text.text() + " is too large");
    }
    return Integer.parseInt(text.text());
  }

  private static boolean isDigit(char c) {
    return c >= '0' && c <= '9';
  }

  // ---- L, W and # ----

  private CronDays.@Nullable Part specialDay(Text part) {
    String text = part.text();
    if (text.equals("L")) {
      return new CronDays.LastDay(0);
    }
    if (text.equals("LW")) {
      return new CronDays.LastWorkday();
    }
    if (text.startsWith("L-")) {
      int before = number(part.from(2), "a number of days before the last one");
      if (before > 30) {
        throw wrong(part.begin(), "no month has " + before + " days before its last one");
      }
      return new CronDays.LastDay(before);
    }
    if (text.endsWith("W") && text.length() > 1) {
      return new CronDays.NearestWorkday(value(CronField.DAY_OF_MONTH, part.to(text.length() - 1)));
    }
    return null;
  }

  private CronDays.@Nullable Part specialWeekday(Text part) {
    String text = part.text();
    int hash = text.indexOf('#');
    if (hash > 0) {
      int which = number(part.from(hash + 1), "a number from 1 to 5 behind the #");
      if (which < 1 || which > 5) {
        throw wrong(part.begin() + hash + 1, "a month has five of a weekday at most, not " + which);
      }
      return new CronDays.NthWeekday(value(CronField.DAY_OF_WEEK, part.to(hash)) % 7, which);
    }
    if (text.equals("L")) {
      throw wrong(part.begin(), "L needs a weekday in front, such as 5L for the last Friday");
    }
    if (text.endsWith("L")) {
      return new CronDays.LastWeekday(value(CronField.DAY_OF_WEEK, part.to(text.length() - 1)) % 7);
    }
    return null;
  }

  private CronException wrong(int position, String reason) {
    return new CronException(expression, position, reason);
  }
}
