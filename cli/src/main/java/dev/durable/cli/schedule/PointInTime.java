package dev.durable.cli.schedule;

import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.time.temporal.TemporalAccessor;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** A point in time on the command line; without an offset, it is by the clock of a zone. */
sealed interface PointInTime {

  /** For help texts. */
  String EXAMPLES = "2026-11-01, 2026-11-01T09:00 or 2026-11-01T14:00:00Z";

  /** The instant, by the clock of the zone if the text names no offset. */
  Instant in(ZoneId zone);

  /** A text with an offset. */
  record Fixed(Instant instant) implements PointInTime {
    @Override
    public Instant in(ZoneId zone) {
      return instant;
    }
  }

  /** A text without one. */
  record Local(LocalDateTime wall) implements PointInTime {
    @Override
    public Instant in(ZoneId zone) {
      return wall.atZone(zone).toInstant();
    }
  }

  /** Reads it from the command line. */
  final class Converter implements ITypeConverter<PointInTime> {

    private static final int FIRST_YEAR = 1;
    private static final int LAST_YEAR = 9_999;

    /** picocli makes it. */
    Converter() {}

    @Override
    public PointInTime convert(String text) {
      PointInTime time = read(text);
      int year = time.in(ZoneOffset.UTC).atOffset(ZoneOffset.UTC).getYear();
      if (year < FIRST_YEAR || year > LAST_YEAR) {
        throw new TypeConversionException(
            "'" + text + "' is too far away: give a time of the years 1 to " + LAST_YEAR + ".");
      }
      return time;
    }

    private static PointInTime read(String text) {
      try {
        if (!text.contains("T")) {
          return new Local(LocalDate.parse(text).atStartOfDay());
        }
        TemporalAccessor time =
            DateTimeFormatter.ISO_DATE_TIME.parseBest(
                text, ZonedDateTime::from, LocalDateTime::from);
        return time instanceof ZonedDateTime zoned
            ? new Fixed(zoned.toInstant())
            : new Local((LocalDateTime) time);
      } catch (DateTimeException unreadable) {
        throw new TypeConversionException(
            "'" + text + "' is no point in time: give one such as " + EXAMPLES + ".");
      }
    }
  }
}
