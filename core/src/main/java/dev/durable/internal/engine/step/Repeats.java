package dev.durable.internal.engine.step;

import dev.durable.internal.codec.FailureMessage;
import dev.durable.internal.service.ThrottledLog;
import dev.durable.internal.transaction.RolledBackException;
import dev.durable.internal.transaction.RolledBackException.Reason;
import java.time.Duration;
import java.util.EnumMap;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/**
 * Counts the repetitions of a transaction's body that are no attempts: few, with growing pauses.
 */
public final class Repeats {

  private static final Logger LOG = LoggerFactory.getLogger(Repeats.class);
  private static final int MOST = 20;

  /** About a quarter of a minute: then the body is the likelier cause. */
  private static final int MOST_ALONE = 5;

  /** Shared by all executions: when the database is away, all log the same. */
  private static final ThrottledLog LINES = new ThrottledLog();

  private final Map<Reason, Integer> counts = new EnumMap<>(Reason.class);

  /** The pause before the next one; null if the failure counts as an attempt. */
  public @Nullable Duration next(Reason reason) {
    int before = counts.merge(reason, 1, Integer::sum) - 1;
    return switch (reason) {
      // No code of the user has run.
      case UNREACHED -> pause(before, 250, 10_000);
      case COLLIDED -> before < MOST ? spread(pause(before, 50, 5_000)) : null;
      case LOST -> before < MOST ? pause(before, 500, 30_000) : null;
      case LOST_ALONE -> before < MOST_ALONE ? pause(before, 500, 30_000) : null;
    };
  }

  /** Logs at most one line in ten seconds for all executions: an outage may take long. */
  void log(UUID id, String path, RolledBackException rolledBack, Duration pause) {
    boolean isDue = LINES.isDue();
    LOG.atLevel(isDue ? Level.WARN : Level.DEBUG)
        .log(
            "A transaction was rolled back and is tried again, without counting an attempt:"
                + " execution={} step={} reason={} repetition={} pause={} unsaid={}"
                + " cause={}",
            id,
            path,
            rolledBack.reason(),
            counts.get(rolledBack.reason()),
            pause,
            isDue ? LINES.unsaid() : 0,
            FailureMessage.of(rolledBack));
  }

  private static Duration pause(int before, long first, long longest) {
    return Duration.ofMillis(Math.min(longest, first << Math.min(before, 20)));
  }

  /** Transactions that have collided must not collide again. */
  private static Duration spread(Duration pause) {
    return Duration.ofNanos(
        ThreadLocalRandom.current().nextLong(pause.toNanos() / 2, pause.toNanos()));
  }
}
