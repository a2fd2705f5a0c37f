package dev.durable.internal.store.schedule;

import dev.durable.execution.ErrorInfo;
import dev.durable.internal.store.journal.StartRow;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What becomes of the ticks of a schedule that is due.
 *
 * @param starts the executions to start, in the order of their ticks
 * @param cancels whether executions that have not ended are cancelled first
 * @param next the first tick that has not been served, or null if the schedule has ended
 * @param dueAt when to look at the schedule again, or null
 * @param queued the ticks that wait for the end of an execution
 * @param missed how many more ticks were missed and start nothing
 * @param overlapped how many more ticks started nothing because an execution had not ended
 * @param failures how often in a row its start has failed
 * @param error why it failed, or null
 * @param pause why it is to be paused, or null
 */
public record Served(
    List<StartRow> starts,
    boolean cancels,
    @Nullable Instant next,
    @Nullable Instant dueAt,
    List<Instant> queued,
    long missed,
    long overlapped,
    int failures,
    @Nullable ErrorInfo error,
    @Nullable String pause) {

  /** Nothing starts, and the same tick is tried again later. */
  public static Served failed(DueSchedule due, Instant again, ErrorInfo error) {
    return new Served(
        List.of(), false, due.next(), again, due.queued(), 0, 0, due.failures() + 1, error, null);
  }

  /** Nothing starts until the schedule is resumed. */
  public static Served paused(DueSchedule due, String reason) {
    return new Served(List.of(), false, due.next(), due.now(), due.queued(), 0, 0, 0, null, reason);
  }
}
