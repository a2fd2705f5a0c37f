package dev.durable.cli.schedule;

import dev.durable.schedule.Ticks;
import dev.durable.schedule.Timing;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeFormatterBuilder;
import java.time.temporal.ChronoField;
import java.util.Locale;

/** Formats points in time by the clock of a zone. */
final class Times {

  private static final DateTimeFormatter FORMAT =
      new DateTimeFormatterBuilder()
          .appendPattern("EEE yyyy-MM-dd HH:mm:ss")
          .appendFraction(ChronoField.NANO_OF_SECOND, 0, 3, true)
          .appendPattern(" XXX")
          .toFormatter(Locale.ENGLISH);

  private Times() {}

  /** Such as {@code Mon 2026-11-30 09:00:00 -05:00}. */
  static String text(Instant time, ZoneId zone) {
    return FORMAT.format(time.atZone(zone));
  }

  /** The zone whose clock a schedule follows; UTC if it has a period. */
  static ZoneId zone(Timing timing) {
    return timing.ticks() instanceof Ticks.OfCron cron ? cron.zone() : ZoneOffset.UTC;
  }
}
