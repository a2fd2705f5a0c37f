package dev.durable.cli.schedule;

import static java.util.Comparator.comparingInt;
import static java.util.Comparator.naturalOrder;

import java.time.DateTimeException;
import java.time.ZoneId;
import java.util.Locale;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Finds a time zone by its name on the command line. */
final class ZoneConverter implements ITypeConverter<ZoneId> {

  /** picocli makes it. */
  ZoneConverter() {}

  @Override
  public ZoneId convert(String name) {
    try {
      return ZoneId.of(name);
    } catch (DateTimeException unknown) {
      throw new TypeConversionException(
          "There is no time zone '" + name + "'." + hint(name.toLowerCase(Locale.ROOT)));
    }
  }

  /** A zone whose name, or city, differs only in its case; the shortest of several. */
  private static String hint(String name) {
    return ZoneId.getAvailableZoneIds().stream()
        .filter(known -> ("/" + known.toLowerCase(Locale.ROOT)).endsWith("/" + name))
        .min(comparingInt(String::length).thenComparing(naturalOrder()))
        .map(known -> " Did you mean " + known + "?")
        .orElse(" Give one such as America/New_York or UTC.");
  }
}
