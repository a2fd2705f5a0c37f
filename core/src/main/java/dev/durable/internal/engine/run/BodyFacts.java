package dev.durable.internal.engine.run;

import dev.durable.execution.ErrorInfo;
import dev.durable.execution.StepExecution;
import dev.durable.execution.StepStatus;
import dev.durable.execution.StepType;
import dev.durable.internal.store.journal.StepRow;
import dev.durable.internal.store.worker.HistoryRow;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentNavigableMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The committed facts of an execution's bodies: effects, waits that are over, and children. Used by
 * all threads of a run.
 */
public final class BodyFacts {

  private final ConcurrentNavigableMap<String, Fact> facts = new ConcurrentSkipListMap<>();
  private final RetriedCalls calls = new RetriedCalls();
  private final RetriedWaits retried = new RetriedWaits(calls);
  private final RetriedFailures failures = new RetriedFailures(calls);

  /**
   * A fact of a body: an effect, a wait or a child.
   *
   * @param type the type of its row
   * @param json the output of its row
   */
  public record Fact(StepType type, String json) {}

  // ---- from the history ----

  /** Reads a row of an earlier stay, in the order of the history. */
  void read(HistoryRow recorded) {
    StepExecution row = recorded.row();
    calls.read(recorded);
    failures.read(recorded);
    retried.read(row);
    ErrorInfo error = row.error();
    if (row.status() == StepStatus.COMPLETED) {
      put(row.type(), row.path(), row.output());
      retried.completed(row);
    } else if (error != null && error.type().equals(ErrorInfo.UNREADABLE)) {
      retried.unreadable(row.path());
    }
  }

  /**
   * Reads an operator's retry.
   *
   * @param seq its place
   * @param before the rows before it
   * @param hasResult whether the step at a path has a result
   */
  void retried(int seq, List<HistoryRow> before, Predicate<String> hasResult) {
    calls.retried(seq, before);
    failures.retried(seq);
    retried.retried(seq, hasResult, facts::containsKey, facts::remove);
  }

  /** Counts a row that is in the database. */
  void committed(StepRow row) {
    failures.committed(row);
    if (row.status() == StepStatus.COMPLETED) {
      put(row.type(), row.path(), row.output());
    }
  }

  private void put(StepType type, String path, @Nullable String output) {
    if (type.isWithinStep()) {
      facts.put(path, new Fact(type, output == null ? "null" : output));
    }
  }

  /** Forgets the fact at a path. */
  void forget(String path) {
    facts.remove(path);
    failures.forget(path);
  }

  // ---- while bodies run ----

  /** The fact at a path, or null. */
  public @Nullable Fact at(String path) {
    return facts.get(path);
  }

  /** The output of the fact at a path, as JSON; or null. */
  public @Nullable String json(String path) {
    Fact fact = facts.get(path);
    return fact == null ? null : fact.json;
  }

  /** The first path below another one that begins with these characters; null if there is none. */
  public @Nullable String firstWithin(String prefix) {
    String first = facts.ceilingKey(prefix);
    return first != null && first.startsWith(prefix) ? first : null;
  }

  /**
   * A failure at a path from before an operator's retry that its body had handled, and gone on
   * from; or null.
   *
   * @param call the call of the body in which it failed
   */
  public @Nullable ErrorInfo handledFailure(String path, RetriedCalls.Call call) {
    return failures.handled(path, call);
  }

  /** The paths of all facts. */
  public Set<String> paths() {
    return facts.keySet();
  }

  /**
   * Sets an unreadable value of a wait aside. False if the value was not known to be unreadable
   * before an operator's retry.
   */
  public boolean waitsAnew(String path) {
    if (!retried.waitsAnew(path)) {
      return false;
    }
    facts.remove(path);
    return true;
  }

  /**
   * The child that was called at a path and brought no result, before an operator's retry; or null.
   */
  public @Nullable UUID formerChild(String path) {
    return retried.formerChild(path);
  }
}
