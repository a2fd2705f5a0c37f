package dev.durable.internal.schedule;

import dev.durable.DurableException;
import dev.durable.execution.ErrorInfo;
import dev.durable.internal.text.StorableText;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Why ticks could not be started, and how long to wait before the next attempt.
 *
 * @param cause what was thrown
 * @param pause grows with the failures in a row, up to ten minutes
 */
record Failure(Throwable cause, Duration pause) {

  private static final Logger LOG = LoggerFactory.getLogger(Failure.class);
  private static final Duration LONGEST_PAUSE = Duration.ofMinutes(10);
  private static final int LARGEST_SHIFT = 10;

  /**
   * One after so many others. A function that is slow holds up its own worker alone: others may
   * start the ticks at once.
   */
  static Failure of(Throwable thrown, int earlier) {
    Throwable users = thrown instanceof TickPlanner.InputException ? thrown.getCause() : null;
    Throwable cause = users == null ? thrown : users;
    return new Failure(
        cause, cause instanceof SlowInputException ? Duration.ZERO : pauseAfter(earlier));
  }

  private static Duration pauseAfter(int failures) {
    Duration pause = Duration.ofSeconds(1L << Math.min(failures, LARGEST_SHIFT));
    return pause.compareTo(LONGEST_PAUSE) > 0 ? LONGEST_PAUSE : pause;
  }

  ErrorInfo error() {
    return ErrorInfo.of(
        cause.getClass().getName(),
        StorableText.storable(String.valueOf(cause.getMessage())),
        null);
  }

  /**
   * Logs it.
   *
   * @param who begins the message
   */
  void log(String who, String workflow) {
    LOG.warn(
        "{} could not start workflow '{}'; tries again {}: {}",
        who,
        workflow,
        pause.isZero() ? "as soon as it can" : "in " + pause,
        cause.getMessage(),
        cause instanceof DurableException ? null : cause);
  }
}
