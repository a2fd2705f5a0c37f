package dev.durable.internal.engine.run;

import dev.durable.execution.ExecutionStatus;
import dev.durable.execution.StepExecution;
import dev.durable.execution.StepStatus;
import dev.durable.execution.StepType;
import dev.durable.internal.codec.JsonValue;
import dev.durable.internal.text.NodePath;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The waits that an operator's retry opens anew, because they were in vain or received an
 * unreadable value, and the children that may continue for them.
 */
final class RetriedWaits {

  private final RetriedCalls calls;
  private final Map<String, StepExecution> lastFacts = new HashMap<>();
  private final Map<String, StepExecution> children = new HashMap<>();
  private final Set<String> choices = new HashSet<>();
  private final Map<String, UUID> unwantedChildren = new HashMap<>();
  private final Map<String, UUID> formerChildren = new HashMap<>();
  private final Set<String> unreadable = new HashSet<>();
  private final Set<String> waitAnew = ConcurrentHashMap.newKeySet();
  private final Set<String> forgotten = new HashSet<>();

  RetriedWaits(RetriedCalls calls) {
    this.calls = calls;
  }

  // ---- while the history is read ----

  /** A row that may be of a child which is no longer needed. */
  void read(StepExecution row) {
    if (row.childId() != null && row.status() == StepStatus.CANCELLED) {
      unwantedChildren.put(row.path(), row.childId());
    }
  }

  /** A row of a result. */
  void completed(StepExecution row) {
    unreadable.remove(row.path());
    waitAnew.remove(row.path());
    forgotten.remove(row.path());
    if (row.type() == StepType.CHILD) {
      children.put(row.path(), row);
    } else if (row.type() == StepType.BRANCH) {
      choices.add(row.path());
    }
    if (row.type().isWithinStep() && !isReminder(row)) {
      // Of a branch or item it is also the last fact, and of the body that this is a part of.
      NodePath.allAbove(row.path()).forEach(scope -> lastFacts.put(scope, row));
    }
  }

  private static boolean isReminder(StepExecution row) {
    return row.type() == StepType.WAIT && NodePath.isPart(row.path());
  }

  /** The value that was received at a path could not be read. */
  void unreadable(String path) {
    unreadable.add(path);
  }

  /**
   * An operator's retry: a step, branch or item that has no result waits anew if its last wait was
   * in vain, and for a child because of which it has failed.
   *
   * @param seq the place of the retry
   * @param hasResult whether the node at a path has a result; the one of a branch is its choice,
   *     with which its case has only begun
   * @param isFact whether a body has a fact at a path
   * @param forget forgets the outcome of the wait at a path
   */
  void retried(
      int seq, Predicate<String> hasResult, Predicate<String> isFact, Consumer<String> forget) {
    waitAnew.addAll(unreadable);
    Predicate<String> isChosen = choices::contains;
    Predicate<String> isOver = hasResult.and(isChosen.negate()).or(isFact);
    candidates(seq, isFact)
        .filter(RetriedWaits::isInVain)
        .filter(fact -> NodePath.allAbove(fact.path()).stream().noneMatch(isOver))
        .toList()
        .forEach(
            fact -> {
              forget.accept(fact.path());
              forgotten.add(fact.path());
              if (fact.childId() != null) {
                formerChildren.put(fact.path(), fact.childId());
              }
            });
    formerChildren.putAll(unwantedChildren);
  }

  /** The facts that bodies got last, and the children because of which they have failed. */
  private Stream<StepExecution> candidates(int seq, Predicate<String> isFact) {
    return Stream.concat(
        lastFacts.values().stream()
            .filter(fact -> forgotten.contains(fact.path()) || !isHandled(fact, seq, isFact)),
        children.values().stream().filter(this::isReason));
  }

  private boolean isReason(StepExecution child) {
    return calls.isReason(call(child.path()), child.seq(), child.childId());
  }

  private static RetriedCalls.Call call(String path) {
    return new RetriedCalls.Call(NodePath.above(path), path);
  }

  /** Whether the body that got a fact has gone on, or the one that calls a child for each item. */
  private boolean isHandled(StepExecution fact, int seq, Predicate<String> isFact) {
    return calls.isHandled(call(fact.path()), fact.seq(), seq)
        || (isOfCallEach(fact, isFact)
            && calls.isHandled(call(fork(fact.path())), fact.seq(), seq));
  }

  private static boolean isOfCallEach(StepExecution fact, Predicate<String> isFact) {
    return fact.type() == StepType.CHILD
        && NodePath.isPart(NodePath.above(fact.path()))
        && isFact.test(new NodePath(fork(fact.path())).items().text());
  }

  private static String fork(String inItem) {
    return NodePath.whole(NodePath.above(inItem));
  }

  /** The start of a child without a wait is no wait; a sleep that is over was not in vain. */
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
    if (purpose != null && purpose.kind() == Purpose.Kind.SLEEP && result.isTimedOut()) {
      return false;
    }
    return !result.isReceived()
        || (fact.type() == StepType.CHILD
            && ChildEnd.decode(result).status() != ExecutionStatus.COMPLETED);
  }

  // ---- while bodies run ----

  /** Whether an unreadable value was known before an operator's retry; it is asked for once. */
  boolean waitsAnew(String path) {
    return waitAnew.remove(path);
  }

  /** The child that was called at a path before the retry and brought no result, or null. */
  @Nullable UUID formerChild(String path) {
    return formerChildren.get(path);
  }
}
