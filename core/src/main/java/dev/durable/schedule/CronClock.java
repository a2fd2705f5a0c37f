package dev.durable.schedule;

import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.zone.ZoneOffsetTransition;
import java.time.zone.ZoneRules;
import org.jspecify.annotations.Nullable;

/**
 * The instants of a cron expression in a zone. Between two changes of the clock, wall times and
 * instants go side by side; at a change, the policies decide on what is left out and what comes
 * twice. Immutable.
 */
final class CronClock {

  private final Cron cron;
  private final ZoneRules rules;
  private final OnGap onGap;
  private final OnRepeat onRepeat;

  CronClock(Cron cron, ZoneId zone, OnGap onGap, OnRepeat onRepeat) {
    this.cron = cron;
    this.rules = zone.getRules();
    this.onGap = onGap;
    this.onRepeat = onRepeat;
  }

  /** The first instant after another. */
  Instant after(Instant time) {
    Instant from = Instant.ofEpochSecond(time.getEpochSecond() + 1);
    while (true) {
      ZoneOffsetTransition end = rules.nextTransition(from);
      Instant found = inStretch(from, end);
      if (found != null) {
        return found;
      }
      from = end.getInstant();
    }
  }

  /**
   * The first instant in a stretch of time in which the clock does not change.
   *
   * @param from its begin, or a time within it
   * @param end the change at its end; null if there is none
   */
  private @Nullable Instant inStretch(Instant from, @Nullable ZoneOffsetTransition end) {
    ZoneOffset offset = rules.getOffset(from);
    LocalDateTime wall = LocalDateTime.ofEpochSecond(from.getEpochSecond(), 0, offset);
    ZoneOffsetTransition begin = rules.previousTransition(from.plusSeconds(1));
    if (begin != null) {
      if (begin.isGap() && begin.getInstant().equals(from) && fallsInto(begin)) {
        return from;
      }
      if (begin.isOverlap()
          && onRepeat == OnRepeat.FIRST
          && wall.isBefore(begin.getDateTimeBefore())) {
        wall = begin.getDateTimeBefore();
      }
    }
    Instant found = cron.atOrAfter(wall).toInstant(offset);
    return end == null || found.isBefore(end.getInstant()) ? found : null;
  }

  /** Whether a wall time that is left out comes at the end of the gap. */
  private boolean fallsInto(ZoneOffsetTransition gap) {
    return onGap == OnGap.SHIFT
        && cron.atOrAfter(gap.getDateTimeBefore()).isBefore(gap.getDateTimeAfter());
  }
}
