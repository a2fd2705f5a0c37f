package dev.durable.internal.engine.run;

import dev.durable.execution.ErrorInfo;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * The attempts of a node so far.
 *
 * @param recorded how many there are in the history
 * @param failed how many of them failed by themselves, since the last operator's retry
 * @param lost whether the end of one of them is unknown
 * @param dueAt when the next one is due by {@link System#nanoTime}; null if none is to come
 * @param error why the last one failed
 */
record NodeTries(
    int recorded, int failed, boolean lost, @Nullable Long dueAt, @Nullable ErrorInfo error) {

  static final NodeTries NONE = new NodeTries(0, 0, false, null, null);

  /** With one more that failed: by itself, or because its worker was lost. */
  NodeTries failing(ErrorInfo reason, @Nullable Duration wait) {
    return reason.type().equals(ErrorInfo.WORKER_LOST)
        ? new NodeTries(recorded + 1, failed, true, dueAt, error)
        : new NodeTries(recorded + 1, failed + 1, lost, DueTime.afterAny(wait), reason);
  }

  /** With at least so many in the history. */
  NodeTries atLeast(int attempts) {
    return new NodeTries(Math.max(recorded, attempts), failed, lost, dueAt, error);
  }

  /** After an operator's retry: earlier failures no longer count. */
  NodeTries forgiven() {
    return new NodeTries(recorded, 0, false, null, null);
  }

  /** Whether the node has failed for good. */
  boolean isFailure() {
    return dueAt == null && failed > 0 && error != null;
  }
}
