package dev.durable.internal.engine.run;

import dev.durable.execution.ErrorInfo;
import dev.durable.execution.StepExecution;
import dev.durable.execution.StepStatus;
import dev.durable.internal.codec.InternalJson;
import dev.durable.internal.store.journal.StepRow;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * The attempts of an execution's nodes: how many there were, whether they failed, and when the next
 * one is due. Used by all threads of a run.
 */
public final class NodeAttempts {

  private final Map<String, NodeTries> tries = new ConcurrentHashMap<>();
  private volatile @Nullable ErrorInfo lastFailure;

  /**
   * Reads a row of an earlier stay, in the order of the history.
   *
   * @param wakeIn the time until the next attempt, or null
   */
  void read(StepExecution row, @Nullable Duration wakeIn) {
    ErrorInfo error = row.error();
    if (error != null && row.status() == StepStatus.FAILED) {
      lastFailure = error;
    }
    tries.put(row.path(), more(at(row.path()), row, wakeIn));
  }

  private static NodeTries more(NodeTries before, StepExecution row, @Nullable Duration wakeIn) {
    // A reminder has one row, however often it was tried.
    int recorded = row.type().isWait() ? row.attempt() : 0;
    NodeTries more = before.atLeast(Math.max(before.recorded() + 1, recorded));
    ErrorInfo error = row.error();
    if (error == null
        || row.status() == StepStatus.COMPLETED
        || error.type().equals(ErrorInfo.UNREADABLE)) {
      return more;
    }
    if (error.type().equals(ErrorInfo.WORKER_LOST)) {
      return new NodeTries(more.recorded(), more.failed(), true, before.dueAt(), before.error());
    }
    return row.status() == StepStatus.FAILED ? before.failing(error, wakeIn) : more;
  }

  /** Reads an operator's retry: earlier failures no longer count. */
  void retried() {
    tries.replaceAll((path, before) -> before.forgiven());
  }

  /** Counts a row that is in the database. */
  void committed(StepRow row) {
    if (row.status() == StepStatus.CANCELLED && row.type().isWait()) {
      // If the body asks for it again in this stay, that is another attempt.
      NodeTries closed = NodeTries.NONE.atLeast(row.attempt());
      tries.merge(row.path(), closed, (before, first) -> before.atLeast(row.attempt()));
    } else if (row.status() == StepStatus.FAILED && !row.type().isWait()) {
      ErrorInfo error = InternalJson.error(row.error());
      if (error != null) {
        lastFailure = error;
        NodeTries first = NodeTries.NONE.failing(error, row.wakeIn());
        tries.merge(row.path(), first, (before, none) -> before.failing(error, row.wakeIn()));
      }
    }
  }

  /** Forgets the attempts of a node. */
  void forget(String path) {
    tries.remove(path);
  }

  private NodeTries at(String path) {
    return tries.getOrDefault(path, NodeTries.NONE);
  }

  /** The last failure of any node, or null. */
  public @Nullable ErrorInfo lastFailure() {
    return lastFailure;
  }

  /** The number of a node's attempts that have been recorded. */
  public int recorded(String path) {
    return at(path).recorded();
  }

  /** The number of them that failed by themselves, since the last operator's retry. */
  public int failures(String path) {
    return at(path).failed();
  }

  /** Whether an attempt was begun whose end is unknown. */
  public boolean isLost(String path) {
    return at(path).lost();
  }

  /**
   * Refuses a node that has failed: a failure for good is a fact like a result.
   *
   * @throws StepFailure if the node has failed for good
   */
  public void refuseIfFailed(String path) throws StepFailure {
    NodeTries so = at(path);
    ErrorInfo error = so.error();
    if (so.isFailure() && error != null) {
      throw new StepFailure(error);
    }
  }

  /** The time until the node's next attempt is due; zero if it is, or none is planned. */
  public Duration untilDue(String path) {
    return DueTime.until(at(path).dueAt());
  }
}
