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
public record HistoryRow(
    StepExecution row, @Nullable Duration wakeIn, List<String> signals, boolean all) {

  /** Copies the list. */
  public HistoryRow {
    signals = List.copyOf(signals);
  }

  /** The same, and that much time is left. */
  HistoryRow wakingIn(@Nullable Duration left) {
    return new HistoryRow(row, left, signals, all);
  }
}
