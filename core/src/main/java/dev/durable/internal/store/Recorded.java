package dev.durable.internal.store;

import dev.durable.execution.StepExecution;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A row of history, read by the one who goes on from it.
 *
 * @param row what happened
 * @param wakeIn how long until what follows is due by the database clock, not positive if it is;
 *     null if nothing follows by itself
 * @param signals what an open wait waits for
 * @param all whether it needs each of them
 */
public record Recorded(
    StepExecution row, @Nullable Duration wakeIn, List<String> signals, boolean all) {

  /** Copies the list. */
  public Recorded {
    signals = List.copyOf(signals);
  }

  /** The same, and that much time is left. */
  Recorded wakingIn(@Nullable Duration left) {
    return new Recorded(row, left, signals, all);
  }
}
