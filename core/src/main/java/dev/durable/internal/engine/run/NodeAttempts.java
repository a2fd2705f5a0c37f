package dev.durable.internal.engine.run;

import dev.durable.execution.ErrorInfo;
import dev.durable.execution.StepExecution;
import dev.durable.execution.StepStatus;
import dev.durable.internal.codec.InternalJson;
import dev.durable.internal.store.journal.StepRow;
import dev.durable.internal.store.worker.HistoryRow;
import java.time.Duration;
import java.time.Instant;
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

  /** A time by the database's clock, and when that was by {@link System#nanoTime}. */
  private volatile @Nullable DatabaseTime clock;

  private record DatabaseTime(Instant at, long nanos) {
    Duration since(Instant time) {
      return Duration.between(time, at).plusNanos(System.nanoTime() - nanos);
    }
  }

  /** Reads a row of an earlier stay, in the order of the history. */
  void read(HistoryRow recorded) {
    StepExecution row = recorded.row();
    if (clock == null) {
      clock = new DatabaseTime(row.startedAt().plus(recorded.age()), System.nanoTime());
    }
    ErrorInfo error = row.error();
    if (error != null && row.status() == StepStatus.FAILED) {
      lastFailure = error;
    }
    tries.put(row.path(), more(at(row.path()), recorded));
  }

  private static NodeTries more(NodeTries before, HistoryRow read) {
    StepExecution row = read.row();
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
      return before.failing(error, null, read.age()).atLeast(more.recorded());
    }
    return row.status() == StepStatus.FAILED
        ? before.failing(error, read.wakeIn(), read.age())
        : more;
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
        tries.compute(
            row.path(),
            (path, before) ->
                (before == null ? NodeTries.NONE : before).failing(error, row.wakeIn(), age(row)));
      }
    }
  }

  /** The time since the body of an attempt was entered first. */
  private Duration age(StepRow row) {
    Instant first = row.began().at();
    DatabaseTime time = clock;
    return first == null || time == null ? row.elapsed() : time.since(first);
  }

  /** The time since the first attempt of a node began, whose last one ends with this row. */
  public Duration sinceFirst(StepRow row) {
    Long first = at(row.path()).beganAt();
    return first == null ? age(row) : Duration.ofNanos(System.nanoTime() - first);
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

  /** Why a node has failed for good, unless its failure is handled; null if it has not. */
  public @Nullable ErrorInfo failure(String path) {
    NodeTries so = at(path);
    return so.isFailure() ? so.error() : null;
  }

  /**
   * Whether the failure of a node is still to be handled.
   *
   * @param atMostOnce whether its body is never begun twice
   */
  public boolean isToBeHandled(String path, boolean atMostOnce) {
    return at(path).isToBeHandled(atMostOnce);
  }

  /**
   * Refuses a node that has failed: a failure for good is a fact like a result.
   *
   * @throws StepFailure if the node has failed for good
   */
  public void refuseIfFailed(String path) throws StepFailure {
    ErrorInfo error = failure(path);
    if (error != null) {
      throw new StepFailure(error);
    }
  }

  /** The time until the node's next attempt is due; zero if it is, or none is planned. */
  public Duration untilDue(String path) {
    return DueTime.until(at(path).dueAt());
  }
}
