package dev.durable.internal.engine.run;

import dev.durable.execution.ErrorInfo;
import dev.durable.execution.StepExecution;
import dev.durable.execution.StepStatus;
import dev.durable.execution.StepType;
import dev.durable.internal.codec.InternalJson;
import dev.durable.internal.store.journal.StepRow;
import dev.durable.internal.store.worker.HistoryRow;
import dev.durable.internal.text.NodePath;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The committed history of an execution, as the next owner would read it, and beside it the rows
 * that are on their way to the database. Used by all threads of a run.
 */
public final class History {

  private final Map<String, String> results = new ConcurrentHashMap<>();
  private final Map<String, Call> calls = new ConcurrentHashMap<>();
  private final Map<String, NodeTries> tries = new ConcurrentHashMap<>();
  private final Map<String, Round> rounds = new ConcurrentHashMap<>();
  private final Map<String, Integer> onTheirWay = new ConcurrentHashMap<>();
  private final Map<Integer, String> places = new ConcurrentHashMap<>();
  private final RetriedWaits retried = new RetriedWaits();
  private final EntryTimes entries = new EntryTimes();
  private final AtomicInteger lastSeq = new AtomicInteger(-1);
  private volatile boolean resumed;
  private volatile @Nullable ErrorInfo lastFailure;

  /**
   * A fact of a body: an effect, a wait or a child.
   *
   * @param type the type of its row
   * @param json the output of its row
   */
  public record Call(StepType type, String json) {}

  /**
   * The rounds of a repeat so far.
   *
   * @param number how many are over
   * @param data the result of the last one, as JSON
   * @param seq the place of the repeat's row
   * @param dueAt when the next one is due by {@link System#nanoTime}
   */
  public record Round(int number, String data, int seq, @Nullable Long dueAt) {}

  public History(List<HistoryRow> rows) {
    this.resumed = !rows.isEmpty();
    for (HistoryRow recorded : rows) {
      lastSeq.accumulateAndGet(recorded.row().seq(), Math::max);
      read(recorded.row(), recorded.wakeIn());
    }
  }

  private void read(StepExecution row, @Nullable Duration wakeIn) {
    if (row.type() == StepType.RETRY) {
      tries.replaceAll((path, before) -> before.forgiven());
      retried.retried(results::containsKey, calls::remove);
      return;
    }
    retried.read(row);
    entries.read(row);
    String path = row.path();
    String output = row.output() == null ? "null" : row.output();
    place(row.seq(), path);
    ErrorInfo error = row.error();
    if (error != null && row.status() == StepStatus.FAILED) {
      lastFailure = error;
    }
    if (row.type() == StepType.REPEAT) {
      rounds.put(path, new Round(row.attempt(), output, row.seq(), DueTime.afterAny(wakeIn)));
    }
    NodeTries before = tries.getOrDefault(path, NodeTries.NONE);
    // A reminder has one row, however often it was tried.
    int recorded = row.type().isWait() ? row.attempt() : 0;
    NodeTries more = before.atLeast(Math.max(before.recorded() + 1, recorded));
    if (row.status() == StepStatus.COMPLETED) {
      put(row.type(), path, output);
      retried.completed(row);
    } else if (error != null && error.type().equals(ErrorInfo.UNREADABLE)) {
      retried.unreadable(path);
    } else if (error != null && error.type().equals(ErrorInfo.WORKER_LOST)) {
      more = new NodeTries(more.recorded(), more.failed(), true, before.dueAt(), before.error());
    } else if (error != null && row.status() == StepStatus.FAILED) {
      more = before.failing(error, wakeIn);
    }
    tries.put(path, more);
  }

  /**
   * Sets an unreadable value of a wait aside. False if the value was not known to be unreadable
   * before an operator's retry.
   */
  public boolean waitsAnew(String path) {
    if (!retried.waitsAnew(path)) {
      return false;
    }
    calls.remove(path);
    return true;
  }

  /** A fact of a body is never the result of a node, even if it has the same name. */
  private void put(StepType type, String path, String output) {
    if (type.isWithinStep()) {
      calls.put(path, new Call(type, output));
    } else {
      results.put(path, output);
    }
  }

  /** Whether there were rows before the present walk began. */
  public boolean isResumed() {
    return resumed;
  }

  /** From now on walks find rows: the committed nodes will be walked again. */
  public void resumes() {
    resumed = true;
  }

  /** The place of the next row. */
  public int nextSeq(String path) {
    int seq = lastSeq.incrementAndGet();
    place(seq, path);
    return seq;
  }

  /** Only rows of a round can be forgotten. */
  private void place(int seq, String path) {
    if (path.indexOf('[') >= 0) {
      places.put(seq, path);
    }
  }

  /** The result of a node as JSON, or null. */
  public @Nullable String result(String path) {
    return results.get(path);
  }

  /** The output of a body's fact, as JSON; or null. */
  public @Nullable String callResult(String path) {
    Call call = calls.get(path);
    return call == null ? null : call.json;
  }

  /** A body's fact, or null. */
  public @Nullable Call call(String path) {
    return calls.get(path);
  }

  /** The paths of nodes that have results. */
  public Set<String> completed() {
    return results.keySet();
  }

  /** The paths of bodies' facts. */
  public Set<String> called() {
    return calls.keySet();
  }

  /** Remembers rows that may be committed at any moment: they do not count yet. */
  void offered(List<StepRow> rows) {
    for (StepRow row : rows) {
      if (row.status() == StepStatus.COMPLETED) {
        onTheirWay.merge(row.path(), 1, Integer::sum);
      }
    }
  }

  /**
   * Counts rows whose fate is known, or drops them.
   *
   * @param committed whether they are in the database
   */
  void decided(List<StepRow> rows, boolean committed) {
    for (StepRow row : rows) {
      if (committed) {
        committed(row);
      }
      if (row.status() == StepStatus.COMPLETED) {
        onTheirWay.computeIfPresent(row.path(), (path, n) -> n == 1 ? null : n - 1);
      }
    }
  }

  /** Counts a row that is in the database: the next owner would read it. */
  private void committed(StepRow row) {
    String path = row.path();
    String output = row.output() == null ? "null" : row.output();
    if (row.type() == StepType.REPEAT) {
      rounds.put(path, new Round(row.attempt(), output, row.seq(), DueTime.afterAny(row.wakeIn())));
    }
    if (row.status() == StepStatus.COMPLETED) {
      put(row.type(), path, output);
    } else if (row.status() == StepStatus.CANCELLED && row.type().isWait()) {
      // If the body asks for it again in this stay, that is another attempt.
      NodeTries closed = NodeTries.NONE.atLeast(row.attempt());
      tries.merge(path, closed, (before, first) -> before.atLeast(row.attempt()));
    } else if (row.status() == StepStatus.FAILED && !row.type().isWait()) {
      ErrorInfo error = InternalJson.error(row.error());
      if (error != null) {
        lastFailure = error;
        NodeTries first = NodeTries.NONE.failing(error, row.wakeIn());
        tries.merge(path, first, (before, none) -> before.failing(error, row.wakeIn()));
      }
    }
  }

  /** Counts a result that was committed without the journal. */
  public void completed(String path, String json) {
    results.put(path, json);
  }

  /** Remembers a result that may be committed at any moment, without the journal. */
  void mayComplete(String path) {
    onTheirWay.merge(path, 1, Integer::sum);
  }

  /** The paths whose results are about to be committed. */
  public Set<String> onTheirWay() {
    return onTheirWay.keySet();
  }

  /** The times at which nodes were entered that are entered more than once. */
  public EntryTimes entries() {
    return entries;
  }

  /** The last failure, or null. */
  public @Nullable ErrorInfo lastFailure() {
    return lastFailure;
  }

  /** The number of a node's attempts that have been recorded. */
  public int attempts(String path) {
    return tries.getOrDefault(path, NodeTries.NONE).recorded();
  }

  /** The number of them that failed by themselves, since the last operator's retry. */
  public int failures(String path) {
    return tries.getOrDefault(path, NodeTries.NONE).failed();
  }

  /** Whether an attempt was begun whose end is unknown. */
  public boolean isLost(String path) {
    return tries.getOrDefault(path, NodeTries.NONE).lost();
  }

  /**
   * Refuses a node that has failed: a failure for good is a fact like a result.
   *
   * @throws StepFailure if the node has failed for good
   */
  public void refuseIfFailed(String path) throws StepFailure {
    NodeTries so = tries.getOrDefault(path, NodeTries.NONE);
    ErrorInfo error = so.error();
    if (so.isFailure() && error != null) {
      throw new StepFailure(error);
    }
  }

  /** The time until the node's next attempt is due; zero if it is, or none is planned. */
  public Duration untilDue(String path) {
    return DueTime.until(tries.getOrDefault(path, NodeTries.NONE).dueAt());
  }

  /**
   * The child that was called at a path and brought no result, before an operator's retry; or null.
   */
  public @Nullable UUID formerChild(String path) {
    return retried.formerChild(path);
  }

  /** The rounds of a repeat so far, or null. */
  public @Nullable Round round(String path) {
    return rounds.get(path);
  }

  /** Whether there has been a repeat. */
  boolean hasRounds() {
    return !rounds.isEmpty();
  }

  /** Forgets the rows below a path, except some; the places of the forgotten ones. */
  public List<Integer> forget(String round, Predicate<String> kept) {
    List<Integer> forgotten = new ArrayList<>();
    places.forEach(
        (seq, path) -> {
          if (NodePath.isBelow(round, path) && !kept.test(path)) {
            forgotten.add(seq);
            results.remove(path);
            calls.remove(path);
            tries.remove(path);
            rounds.remove(path);
          }
        });
    forgotten.forEach(places::remove);
    return forgotten;
  }
}
