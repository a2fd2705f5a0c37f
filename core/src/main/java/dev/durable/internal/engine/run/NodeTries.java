package dev.durable.internal.engine.run;

import dev.durable.execution.ErrorInfo;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * The attempts of a node so far.
 *
 * @param recorded how many there are in the history
 * @param failed how many of them failed by themselves, since the last operator's retry
 * @param lost whether the end of one of its body's is unknown
 * @param dueAt when the next one is due by {@link System#nanoTime}; null if none is to come
 * @param error why the last one failed
 * @param handled whether what was to handle the failure has failed, too
 * @param beganAt when the first one since the last operator's retry began, by {@link
 *     System#nanoTime}; null if there is none
 */
record NodeTries(
    int recorded,
    int failed,
    boolean lost,
    @Nullable Long dueAt,
    @Nullable ErrorInfo error,
    boolean handled,
    @Nullable Long beganAt) {

  static final NodeTries NONE = new NodeTries(0, 0, false, null, null, false, null);

  /**
   * With one more that failed: by itself, or because its worker was lost.
   *
   * @param wait the time until the next one, or null
   * @param age the time since it began
   */
  NodeTries failing(ErrorInfo reason, @Nullable Duration wait, Duration age) {
    Long first = beganAt == null ? Long.valueOf(DueTime.before(age)) : beganAt;
    boolean handles = isFailure();
    if (reason.type().equals(ErrorInfo.WORKER_LOST)) {
      // What handles a failure can be begun again.
      return new NodeTries(recorded + 1, failed, lost || !handles, dueAt, error, handled, first);
    }
    return new NodeTries(
        recorded + 1,
        failed + 1,
        lost,
        DueTime.afterAny(wait),
        reason,
        // After a body's last failure only what handles it can fail.
        handled || handles,
        first);
  }

  /** With at least so many in the history. */
  NodeTries atLeast(int attempts) {
    return new NodeTries(
        Math.max(recorded, attempts), failed, lost, dueAt, error, handled, beganAt);
  }

  /** After an operator's retry: earlier failures no longer count. */
  NodeTries forgiven() {
    return NONE.atLeast(recorded);
  }

  /** Whether the node has failed for good, unless its failure is handled. */
  boolean isFailure() {
    return dueAt == null && failed > 0 && error != null;
  }

  /**
   * Whether the failure is still to be handled.
   *
   * @param atMostOnce whether the body is never begun twice: after a lost attempt nothing but the
   *     handling of that can fail
   */
  boolean isToBeHandled(boolean atMostOnce) {
    return !handled && !(atMostOnce && lost && failed > 0);
  }
}
