package dev.durable.internal.engine;

import dev.durable.execution.ErrorInfo;
import dev.durable.execution.ExecutionStatus;
import dev.durable.execution.StepExecution;
import dev.durable.execution.StepStatus;
import dev.durable.execution.StepType;
import dev.durable.internal.store.HistoryRow;
import dev.durable.internal.store.InternalJson;
import dev.durable.internal.store.StepRow;
import dev.durable.internal.text.NodePath;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * What an execution has done so far, as far as it is committed: the next owner would read the same.
 * Beside that stands what is on its way to the database. Used by all threads of a run.
 */
final class History {

  private final Map<String, String> results = new ConcurrentHashMap<>();
  private final Map<String, Call> calls = new ConcurrentHashMap<>();
  private final Map<String, Tries> tries = new ConcurrentHashMap<>();
  private final Map<String, Round> rounds = new ConcurrentHashMap<>();
  private final Map<String, Integer> onTheirWay = new ConcurrentHashMap<>();
  private final Map<Integer, String> places = new ConcurrentHashMap<>();
  private final Map<String, StepExecution> lastFacts = new HashMap<>();
  private final Map<String, UUID> unwantedChildren = new HashMap<>();
  private final Map<String, UUID> formerChildren = new HashMap<>();
  private final EntryTimes entries = new EntryTimes();
  private final Set<String> unreadable = new HashSet<>();
  private final Set<String> waitAnew = ConcurrentHashMap.newKeySet();
  private final AtomicInteger lastSeq = new AtomicInteger(-1);
  private volatile boolean resumed;
  private volatile @Nullable ErrorInfo lastFailure;

  /**
   * The attempts of a node so far.
   *
   * @param recorded how many there are in the history
   * @param failed how many of them failed by themselves, since the last operator's retry
   * @param lost whether nobody knows how one of them ended
   * @param dueAt when the next one is due by {@link System#nanoTime}; null if none is to come
   * @param error why the last one failed
   */
  private record Tries(
      int recorded, int failed, boolean lost, @Nullable Long dueAt, @Nullable ErrorInfo error) {
    static final Tries NONE = new Tries(0, 0, false, null, null);

    /** One more that failed by itself. */
    Tries failing(ErrorInfo reason, @Nullable Duration wait) {
      return new Tries(recorded + 1, failed + 1, lost, DueTime.afterAny(wait), reason);
    }

    /** That many are in the history, or more. */
    Tries atLeast(int attempts) {
      return new Tries(Math.max(recorded, attempts), failed, lost, dueAt, error);
    }

    /** An operator's retry: what failed counts no longer. */
    Tries forgiven() {
      return new Tries(recorded, 0, false, null, null);
    }
  }

  /**
   * Something that a body did.
   *
   * @param type what its row stands for
   * @param json what is known of it
   */
  record Call(StepType type, String json) {}

  /**
   * The rounds of a repeat so far.
   *
   * @param number how many are over
   * @param data what the last one returned, as JSON
   * @param seq the place of the repeat's row
   * @param dueAt when the next one is due by {@link System#nanoTime}
   */
  record Round(int number, String data, int seq, @Nullable Long dueAt) {}

  History(List<HistoryRow> rows) {
    this.resumed = !rows.isEmpty();
    for (HistoryRow recorded : rows) {
      lastSeq.accumulateAndGet(recorded.row().seq(), Math::max);
      read(recorded.row(), recorded.wakeIn());
    }
  }

  private void read(StepExecution row, @Nullable Duration wakeIn) {
    if (row.type() == StepType.RETRY) {
      tries.replaceAll((path, before) -> before.forgiven());
      waitAnew.addAll(unreadable);
      waitAgain();
      formerChildren.putAll(unwantedChildren);
      return;
    }
    if (row.childId() != null && row.status() == StepStatus.CANCELLED) {
      unwantedChildren.put(row.path(), row.childId());
    }
    entries.read(row);
    String path = row.path();
    String output = row.output() == null ? "null" : row.output();
    place(row.seq(), path);
    ErrorInfo error = row.error();
    if (error != null && row.status() == StepStatus.FAILED) {
      lastFailure = error;
    }
    Tries before = tries.getOrDefault(path, Tries.NONE);
    if (row.type() == StepType.REPEAT) {
      rounds.put(path, new Round(row.attempt(), output, row.seq(), DueTime.afterAny(wakeIn)));
    }
    int recorded = before.recorded + 1;
    if (row.type().isWait()) {
      // A reminder has one row, however often it was tried.
      recorded = Math.max(recorded, row.attempt());
    }
    Tries more = new Tries(recorded, before.failed, before.lost, before.dueAt, before.error);
    if (row.status() == StepStatus.COMPLETED) {
      put(row.type(), path, output);
      unreadable.remove(path);
      waitAnew.remove(path);
      if (row.type().isWithinStep() && !NodePath.isPart(path)) {
        lastFacts.put(NodePath.step(path), row);
      }
    } else if (error != null && error.type().equals(ErrorInfo.UNREADABLE)) {
      unreadable.add(path);
    } else if (error != null && error.type().equals(ErrorInfo.WORKER_LOST)) {
      more = new Tries(more.recorded, more.failed, true, before.dueAt, before.error);
    } else if (error != null && row.status() == StepStatus.FAILED) {
      more = before.failing(error, wakeIn);
    }
    tries.put(path, more);
  }

  /**
   * An operator's retry: a step waits anew if nothing came of its last wait, and nothing has been
   * built on that.
   */
  private void waitAgain() {
    lastFacts.forEach(
        (step, fact) -> {
          if (!results.containsKey(step) && isInVain(fact)) {
            calls.remove(fact.path());
            if (fact.childId() != null) {
              formerChildren.put(fact.path(), fact.childId());
            }
          }
        });
  }

  /**
   * What a wait received cannot be read. False if that was not known before an operator's retry;
   * else it is set aside.
   */
  boolean waitsAnew(String path) {
    if (!waitAnew.remove(path)) {
      return false;
    }
    calls.remove(path);
    return true;
  }

  /** What a body does has the name of no node, whatever it is called. */
  private void put(StepType type, String path, String output) {
    if (type.isWithinStep()) {
      calls.put(path, new Call(type, output));
    } else {
      results.put(path, output);
    }
  }

  /** That a child was started, without a wait, is no wait. */
  private static boolean isInVain(StepExecution fact) {
    String json = fact.output();
    if (!fact.type().isWait() || json == null || !json.startsWith("{")) {
      return false;
    }
    Purpose purpose = Purpose.in(fact.type(), json);
    if (purpose != null && purpose.kind() == Purpose.Kind.START) {
      return false;
    }
    WaitResult result = WaitResult.decode(JsonValue.of(json));
    return !result.isReceived()
        || (fact.type() == StepType.CHILD
            && ChildEnd.decode(result).status() != ExecutionStatus.COMPLETED);
  }

  /** Whether a part of it was done before the present walk began. */
  boolean isResumed() {
    return resumed;
  }

  /** What has been done so far will be walked again. */
  void resumes() {
    resumed = true;
  }

  /** The place of the next row. */
  int nextSeq(String path) {
    int seq = lastSeq.incrementAndGet();
    place(seq, path);
    return seq;
  }

  /** Only what is part of a round can be forgotten. */
  private void place(int seq, String path) {
    if (path.indexOf('[') >= 0) {
      places.put(seq, path);
    }
  }

  /** The result of a node as JSON, or null. */
  @Nullable String result(String path) {
    return results.get(path);
  }

  /** What is known of something that a body did, as JSON; or null. */
  @Nullable String callResult(String path) {
    Call call = calls.get(path);
    return call == null ? null : call.json;
  }

  /** Something that a body did, or null. */
  @Nullable Call call(String path) {
    return calls.get(path);
  }

  /** The paths of nodes that have results. */
  Set<String> completed() {
    return results.keySet();
  }

  /** The paths of what bodies did. */
  Set<String> called() {
    return calls.keySet();
  }

  /** Rows that may be committed at any moment: what they say does not count yet. */
  void offered(List<StepRow> rows) {
    for (StepRow row : rows) {
      if (row.status() == StepStatus.COMPLETED) {
        onTheirWay.merge(row.path(), 1, Integer::sum);
      }
    }
  }

  /**
   * The fate of rows that were offered is known.
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

  /** A row is in the database: from here on this is what the next owner would read. */
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
      Tries closed = Tries.NONE.atLeast(row.attempt());
      tries.merge(path, closed, (before, first) -> before.atLeast(row.attempt()));
    } else if (row.status() == StepStatus.FAILED && !row.type().isWait()) {
      ErrorInfo error = InternalJson.error(row.error());
      if (error != null) {
        lastFailure = error;
        tries.merge(
            path, more(Tries.NONE, row, error), (before, first) -> more(before, row, error));
      }
    }
  }

  private static Tries more(Tries before, StepRow row, ErrorInfo error) {
    return error.type().equals(ErrorInfo.WORKER_LOST)
        ? new Tries(before.recorded + 1, before.failed, true, before.dueAt, before.error)
        : before.failing(error, row.wakeIn());
  }

  /** A result that was committed without the journal. */
  void completed(String path, String json) {
    results.put(path, json);
  }

  /** A result that may be committed at any time, without the journal. */
  void mayComplete(String path) {
    onTheirWay.merge(path, 1, Integer::sum);
  }

  /** The paths whose results are about to be committed. */
  Set<String> onTheirWay() {
    return onTheirWay.keySet();
  }

  /** When what is done once more was begun. */
  EntryTimes entries() {
    return entries;
  }

  /** What failed last, or null. */
  @Nullable ErrorInfo lastFailure() {
    return lastFailure;
  }

  /** How many attempts of this node have been recorded. */
  int attempts(String path) {
    return tries.getOrDefault(path, Tries.NONE).recorded;
  }

  /** How many of them failed by themselves, since the last operator's retry. */
  int failures(String path) {
    return tries.getOrDefault(path, Tries.NONE).failed;
  }

  /** Whether an attempt was begun, and nobody knows how it ended. */
  boolean isLost(String path) {
    return tries.getOrDefault(path, Tries.NONE).lost;
  }

  /**
   * A failure for good is a fact like a result.
   *
   * @throws StepFailure if the node has failed for good
   */
  void refuseIfFailed(String path) throws StepFailure {
    Tries so = tries.getOrDefault(path, Tries.NONE);
    if (so.dueAt == null && so.failed > 0 && so.error != null) {
      throw new StepFailure(so.error);
    }
  }

  /** How long until the node's next attempt is due; zero if it is, or none is planned. */
  Duration untilDue(String path) {
    return DueTime.until(tries.getOrDefault(path, Tries.NONE).dueAt);
  }

  /**
   * The child that was called at a path and brought no result, before an operator's retry; or null.
   */
  @Nullable UUID formerChild(String path) {
    return formerChildren.get(path);
  }

  /** The rounds of a repeat so far, or null. */
  @Nullable Round round(String path) {
    return rounds.get(path);
  }

  /** Whether there has been a repeat. */
  boolean hasRounds() {
    return !rounds.isEmpty();
  }

  /** Forgets what stands below a path, but for some; the places of what is forgotten. */
  List<Integer> forget(String round, Predicate<String> kept) {
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
