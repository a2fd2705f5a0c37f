package dev.durable.workflow;

import dev.durable.retry.Backoff;
import java.time.Duration;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/**
 * How the rounds of a repeat follow each other. Immutable.
 *
 * @param pause the pauses between rounds, or null for none
 * @param atMost the most rounds; 0 without a limit
 */
public record RepeatSettings(@Nullable Backoff pause, int atMost) {

  /** The pause after that round; zero if none is set. */
  public Duration pauseAfter(int round) {
    return pause == null ? Duration.ZERO : pause.delay(round);
  }

  /** The most rounds, if limited. */
  public OptionalInt limit() {
    return atMost == 0 ? OptionalInt.empty() : OptionalInt.of(atMost);
  }
}
