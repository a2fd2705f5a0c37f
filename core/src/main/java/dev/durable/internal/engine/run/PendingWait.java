package dev.durable.internal.engine.run;

import dev.durable.execution.StepExecution;
import dev.durable.execution.StepStatus;
import dev.durable.execution.StepType;
import dev.durable.internal.store.journal.StepRow;
import dev.durable.internal.store.worker.HistoryRow;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * A wait that is open.
 *
 * @param seq the place of its row in the history
 * @param attempt the attempt in its row
 * @param type the type of its row
 * @param all whether every signal must come, or one is enough
 * @param signals the signals that it waits for, as stored in the database
 * @param dueAt when it times out, by {@link System#nanoTime}; or null
 * @param at when it times out, if that is a point in time; or null
 * @param overdue whether it is, by the database's clock
 * @param child the execution that it waits for, or null
 * @param purpose the purpose for which the body uses its name; null if unknown
 */
public record PendingWait(
    int seq,
    int attempt,
    StepType type,
    boolean all,
    List<String> signals,
    @Nullable Long dueAt,
    @Nullable Instant at,
    boolean overdue,
    @Nullable UUID child,
    @Nullable Purpose purpose) {

  /** A wait for nothing but the time. */
  public static PendingWait timer(int seq, int attempt, long dueAt) {
    return new PendingWait(
        seq, attempt, StepType.WAIT, false, List.of(), dueAt, null, false, null, null);
  }

  /** The wait of a row that says that it is open. */
  static PendingWait of(HistoryRow recorded) {
    StepExecution row = recorded.row();
    Duration wakeIn = recorded.wakeIn();
    return new PendingWait(
        row.seq(),
        row.attempt(),
        row.type(),
        recorded.all(),
        recorded.signals(),
        DueTime.afterAny(wakeIn),
        null,
        wakeIn != null && !wakeIn.isPositive(),
        row.childId(),
        Purpose.in(row.type(), row.output()));
  }

  /** The signal by which it is cancelled. */
  String cancel() {
    return "cancel:" + seq;
  }

  /** The row of its end. */
  public StepRow row(String path, StepStatus status, @Nullable String output) {
    return new StepRow(seq, path, type, attempt, status, output, null, Duration.ZERO, true);
  }

  public PendingWait waitingFor(List<String> wanted, boolean every) {
    return new PendingWait(seq, attempt, type, every, wanted, dueAt, at, overdue, child, purpose);
  }

  /** The same, due in a time that the database has given. */
  public PendingWait dueIn(Duration time) {
    return new PendingWait(
        seq, attempt, type, all, signals, DueTime.after(time), at, false, child, purpose);
  }

  /** The time until it times out; null if it does not, or only the database can tell. */
  public @Nullable Duration remaining() {
    return at != null || dueAt == null ? null : DueTime.until(dueAt);
  }
}
