package dev.durable.internal.engine.run;

import dev.durable.execution.ErrorInfo;
import dev.durable.execution.StepExecution;
import dev.durable.execution.StepStatus;
import dev.durable.execution.StepType;
import dev.durable.internal.store.journal.StepRow;
import dev.durable.internal.store.worker.HistoryRow;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * The failures of effects, branches and items from before an operator's retry. One that its body
 * has handled, and gone on from, stays a fact; all others are forgotten. Used by all threads of a
 * run.
 */
final class RetriedFailures {

  private final RetriedCalls calls;
  private final Map<String, Failure> latest = new HashMap<>();
  private final Map<String, Failure> earlier = new ConcurrentHashMap<>();

  /**
   * A failure without a further attempt.
   *
   * @param seq the place of its row
   * @param retriedAt the place of the first retry after it
   */
  private record Failure(ErrorInfo error, int seq, int retriedAt) {}

  RetriedFailures(RetriedCalls calls) {
    this.calls = calls;
  }

  // ---- from the history ----

  /** Reads a row of an earlier stay, in the order of the history. */
  void read(HistoryRow recorded) {
    StepExecution row = recorded.row();
    ErrorInfo error = row.error();
    if (row.type() != StepType.EFFECT || !isEnd(row.status(), error)) {
      return;
    }
    forget(row.path());
    // A body that was parked never got the failure of the effect that parked it.
    boolean parked = recorded.calls().contains(row.path());
    if (row.status() == StepStatus.FAILED && error != null && row.wakeAt() == null && !parked) {
      latest.put(row.path(), new Failure(error, row.seq(), Integer.MAX_VALUE));
    }
  }

  private static boolean isEnd(StepStatus status, @Nullable ErrorInfo error) {
    return status == StepStatus.COMPLETED
        || (status == StepStatus.FAILED
            && error != null
            && !error.type().equals(ErrorInfo.WORKER_LOST));
  }

  /** Reads an operator's retry at a place. */
  void retried(int seq) {
    latest.forEach(
        (path, failure) -> earlier.put(path, new Failure(failure.error, failure.seq, seq)));
    latest.clear();
  }

  /** Counts a row that is in the database. */
  void committed(StepRow row) {
    if (row.type() == StepType.EFFECT && row.status() != StepStatus.RUNNING) {
      earlier.remove(row.path());
    }
  }

  /** Forgets the failure at a path. */
  void forget(String path) {
    latest.remove(path);
    earlier.remove(path);
  }

  // ---- while bodies run ----

  /**
   * The failure at a path that its body has handled, and gone on from; or null.
   *
   * @param call the call of the body in which it failed
   */
  @Nullable ErrorInfo handled(String path, RetriedCalls.Call call) {
    Failure failure = earlier.get(path);
    return failure != null && calls.isHandled(call, failure.seq, failure.retriedAt)
        ? failure.error
        : null;
  }
}
