package dev.durable.cli.operate;

import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Reads durations such as {@code 30s}, and writes them. */
final class Durations implements ITypeConverter<Duration> {

  private static final Pattern TEXT = Pattern.compile("(\\d{1,9})(ms|s|m|h|d)");

  /** The largest first. */
  private enum Unit {
    D(ChronoUnit.DAYS),
    H(ChronoUnit.HOURS),
    M(ChronoUnit.MINUTES),
    S(ChronoUnit.SECONDS),
    MS(ChronoUnit.MILLIS);

    final Duration one;

    Unit(ChronoUnit unit) {
      this.one = unit.getDuration();
    }

    String text() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

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
    Unit unit = Unit.valueOf(parts.group(2).toUpperCase(Locale.ROOT));
    return unit.one.multipliedBy(Long.parseLong(parts.group(1)));
  }

  /** The duration in the largest unit that has it whole. */
  static String text(Duration time) {
    if (time.isZero()) {
      return "0s";
    }
    for (Unit unit : Unit.values()) {
      if (time.toNanos() % unit.one.toNanos() == 0) {
        return time.dividedBy(unit.one) + unit.text();
      }
    }
    return time.toString();
  }
}
