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
import org.jspecify.annotations.Nullable;

/**
 * The waits that an operator's retry opens anew, because they were in vain or received an
 * unreadable value, and the children that may continue for them.
 */
final class RetriedWaits {

  private final Map<String, StepExecution> lastFacts = new HashMap<>();
  private final Map<String, UUID> unwantedChildren = new HashMap<>();
  private final Map<String, UUID> formerChildren = new HashMap<>();
  private final Set<String> unreadable = new HashSet<>();
  private final Set<String> waitAnew = ConcurrentHashMap.newKeySet();

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
   * An operator's retry: a step, branch or item waits anew if its last wait was in vain and it has
   * no result.
   *
   * @param hasResult whether the step, branch or item at a path has a result
   * @param forget forgets the outcome of the wait at a path
   */
  void retried(Predicate<String> hasResult, Consumer<String> forget) {
    waitAnew.addAll(unreadable);
    lastFacts.forEach(
        (scope, fact) -> {
          if (isInVain(fact) && NodePath.allAbove(fact.path()).stream().noneMatch(hasResult)) {
            forget.accept(fact.path());
            if (fact.childId() != null) {
              formerChildren.put(fact.path(), fact.childId());
            }
          }
        });
    formerChildren.putAll(unwantedChildren);
  }

  /** The start of a child without a wait is no wait. */
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
