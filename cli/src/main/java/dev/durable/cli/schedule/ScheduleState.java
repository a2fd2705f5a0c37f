package dev.durable.cli.schedule;

import dev.durable.schedule.StoredSchedule;
import java.util.Locale;

/** The one word that an operator asks for first. Of several that fit, the first one. */
enum ScheduleState {
  /** An operator, or its failures, have paused it. */
  PAUSED,
  /** The start of its next tick has failed, and is tried again. */
  FAILING,
  /** It will not tick again by itself. */
  ENDED,
  /** It ticks, and no live worker declares it any more. */
  UNDECLARED,
  /** It ticks. */
  ACTIVE;

  static ScheduleState of(StoredSchedule schedule) {
    if (schedule.isPaused()) {
      return PAUSED;
    }
    if (schedule.error() != null) {
      return FAILING;
    }
    if (schedule.hasEnded()) {
      return ENDED;
    }
    return schedule.undeclared() ? UNDECLARED : ACTIVE;
  }

  /** The word. */
  String text() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** The word, and why. */
  static String withReason(StoredSchedule schedule) {
    String state = of(schedule).text();
    if (schedule.pause() != null) {
      return state + ": " + schedule.pause().reason();
    }
    return schedule.error() == null ? state : state + ": " + schedule.error().message();
  }
}
