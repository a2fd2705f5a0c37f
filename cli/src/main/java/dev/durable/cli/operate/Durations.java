package dev.durable.cli.operate;

import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Reads durations such as {@code 30s}, and writes them. */
final class Durations implements ITypeConverter<Duration> {

  private static final Pattern TEXT = Pattern.compile("(\\d{1,9})(ms|s|m|h|d)");

  private static final Map<String, ChronoUnit> UNITS =
      Map.of(
          "ms", ChronoUnit.MILLIS,
          "s", ChronoUnit.SECONDS,
          "m", ChronoUnit.MINUTES,
          "h", ChronoUnit.HOURS,
          "d", ChronoUnit.DAYS);

  @Override
  public Duration convert(String text) {
    return read(text);
  }

  static Duration read(String text) {
    Matcher parts = TEXT.matcher(text.strip());
    if (!parts.matches()) {
      throw new TypeConversionException(
          "'" + text + "' is no duration; one is 500ms, 30s, 5m, 2h or 1d");
    }
    return Duration.of(Long.parseLong(parts.group(1)), UNITS.get(parts.group(2)));
  }

  /** The duration in the largest unit that has it whole. */
  static String text(Duration time) {
    for (String unit : new String[] {"d", "h", "m", "s", "ms"}) {
      Duration one = UNITS.get(unit).getDuration();
      if (time.toNanos() % one.toNanos() == 0) {
        return time.dividedBy(one) + unit;
      }
    }
    return time.toString();
  }
}
