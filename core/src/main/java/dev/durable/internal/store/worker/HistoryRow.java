package dev.durable.internal.store.worker;

import dev.durable.execution.StepExecution;
import dev.durable.internal.store.journal.RecordedUndo;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One committed row of history, with the time left until its next attempt.
 *
 * @param row the row
 * @param wakeIn the time until its next attempt or its timeout is due by the database's clock, not
 *     positive if it is due; null if there is none
 * @param age the time since the body was entered first by the database's clock; never negative
 * @param signals the signals that an open wait waits for
 * @param all whether it needs all of them
 * @param undo how the effect is undone that the row is about, or null
 * @param calls the calls of a body that an operator's retry makes anew because of this failure
 * @param lasts whether another try of the whole workflow would only bring this failure again
 */
public record HistoryRow(
    StepExecution row,
    @Nullable Duration wakeIn,
    Duration age,
    List<String> signals,
    boolean all,
    @Nullable RecordedUndo undo,
    List<String> calls,
    boolean lasts) {

  /** Copies the lists. */
  public HistoryRow {
    signals = List.copyOf(signals);
    calls = List.copyOf(calls);
  }

  /** A row of no effect that is undone, and of no failure of a body. */
  public HistoryRow(
      StepExecution row,
      @Nullable Duration wakeIn,
      Duration age,
      List<String> signals,
      boolean all) {
    this(row, wakeIn, age, signals, all, null, List.of(), false);
  }

  /** The same, after so much time. */
  HistoryRow after(Duration passed) {
    Duration left = wakeIn == null ? null : wakeIn.minus(passed);
    return new HistoryRow(row, left, age.plus(passed), signals, all, undo, calls, lasts);
  }
}
