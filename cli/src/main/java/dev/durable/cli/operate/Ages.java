package dev.durable.cli.operate;

import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** Formats points in time as ages. Measured by this computer's clock, so they are approximate. */
public final class Ages {

  private static final Duration MINUTE = Duration.ofMinutes(1);
  private static final Duration HOUR = Duration.ofHours(1);
  private static final Duration DAY = Duration.ofDays(1);

  /** Below two of a larger unit, the smaller unit is used: 100 min rather than 2 h. */
  private static final int FEW = 2;

  private Ages() {}

  /** The time since then. */
  public static String since(Instant past) {
    return text(Duration.between(past, Instant.now()));
  }

  /** The time until then; a dash for never. */
  public static String until(@Nullable Instant future) {
    if (future == null) {
      return "-";
    }
    Duration left = Duration.between(Instant.now(), future);
    return left.isNegative() ? "now" : "in " + text(left);
  }

  /** Rounded to seconds, minutes, hours or days. */
  static String text(Duration time) {
    Duration some = time.isNegative() ? Duration.ZERO : time;
    if (some.compareTo(MINUTE.multipliedBy(FEW)) < 0) {
      return some.toSeconds() + " s";
    }
    if (some.compareTo(HOUR.multipliedBy(FEW)) < 0) {
      return some.plus(MINUTE.dividedBy(2)).toMinutes() + " min";
    }
    return some.compareTo(DAY.multipliedBy(FEW)) < 0
        ? some.plus(HOUR.dividedBy(2)).toHours() + " h"
        : some.plus(DAY.dividedBy(2)).toDays() + " d";
  }
}
