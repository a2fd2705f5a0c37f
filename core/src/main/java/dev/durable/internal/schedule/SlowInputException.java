package dev.durable.internal.schedule;

import dev.durable.DurableException;
import java.time.Duration;
import java.time.Instant;

/** The function that makes an input has not returned for long. */
final class SlowInputException extends DurableException {

  private static final long serialVersionUID = 1L;

  SlowInputException(Instant tick, Duration time) {
    super(
        "The function that makes its input for "
            + tick
            + " has been running for "
            + time.toSeconds()
            + " s. Until it returns, its worker starts nothing for this schedule.");
  }
}
