package dev.durable.schedule;

import dev.durable.execution.ErrorInfo;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * A schedule as the database had it at the moment of the query. Times are the database's.
 *
 * @param name the name
 * @param workflow the name of the workflow that it starts
 * @param settings how it ticks, and what its ticks start
 * @param input the input of its executions as JSON; null if the code that declares it makes one for
 *     each tick
 * @param declared whether workers have declared it
 * @param undeclared whether workers have declared it, and of those that live none does any more;
 *     false while none lives
 * @param pause why it is paused, or null
 * @param next its next tick, or null if it has ended; of a paused one, the first that it has missed
 * @param dueAt when the execution of that tick is due: later by its jitter, or by a pause after a
 *     failed start; or null
 * @param waiting the ticks that wait for the end of an execution
 * @param lastTick the last tick that started an execution, or null
 * @param lastStartedAt when it last started one, or null
 * @param lastExecution the execution that it last started, or null
 * @param running how many of its executions have not ended
 * @param started how many executions its ticks have started
 * @param missed how many ticks no worker could start in time, and that started nothing; also those
 *     that had come but had not begun when a change of the times left them out
 * @param overlapped how many ticks started nothing because an execution had not ended
 * @param failures how often in a row the start of its next tick has failed, or that of a backfill
 * @param error why the last start failed, or null
 * @param failedAt when the last start failed, or null
 * @param insertedAt when it was stored first
 * @param updatedAt when its row last changed
 */
public record StoredSchedule(
    String name,
    String workflow,
    ScheduleSettings settings,
    @Nullable String input,
    boolean declared,
    boolean undeclared,
    @Nullable Pause pause,
    @Nullable Instant next,
    @Nullable Instant dueAt,
    List<Instant> waiting,
    @Nullable Instant lastTick,
    @Nullable Instant lastStartedAt,
    @Nullable UUID lastExecution,
    long running,
    long started,
    long missed,
    long overlapped,
    int failures,
    @Nullable ErrorInfo error,
    @Nullable Instant failedAt,
    Instant insertedAt,
    Instant updatedAt) {

  /**
   * A pause.
   *
   * @param at when it began
   * @param by who paused it, may be empty; {@code durable} if its executions failed too often
   * @param reason why
   */
  public record Pause(Instant at, String by, String reason) {}

  public StoredSchedule {
    waiting = List.copyOf(waiting);
  }

  /** Whether it is paused. */
  public boolean isPaused() {
    return pause != null;
  }

  /** Whether it will not tick again by itself. */
  public boolean hasEnded() {
    return next == null && waiting.isEmpty();
  }
}
