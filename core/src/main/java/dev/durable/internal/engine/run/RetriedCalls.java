package dev.durable.internal.engine.run;

import dev.durable.execution.StepExecution;
import dev.durable.execution.StepStatus;
import dev.durable.execution.StepType;
import dev.durable.internal.store.worker.HistoryRow;
import dev.durable.internal.text.NodePath;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.NavigableSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * The calls that bodies had made before an operator's retry. They show whether a body had handled a
 * failure: then it made another call after it, and did not fail because of it. Used by all threads
 * of a run.
 */
public final class RetriedCalls {

  private final NavigableMap<String, Integer> begun = new TreeMap<>();
  private final Map<String, NavigableMap<Integer, List<String>>> reasons = new HashMap<>();
  private final NavigableSet<Integer> retries = new TreeSet<>();
  private final Map<Call, NavigableSet<Integer>> others = new ConcurrentHashMap<>();

  /**
   * A call of a body.
   *
   * @param scope the path of the body, branch or item that makes it
   * @param path the path of the effect, wait, child or fork
   */
  public record Call(String scope, String path) {}

  /** Reads a row of an earlier stay, in the order of the history. */
  void read(HistoryRow recorded) {
    StepExecution row = recorded.row();
    if (row.status() == StepStatus.FAILED) {
      reasons
          .computeIfAbsent(row.path(), scope -> new TreeMap<>())
          .put(row.seq(), recorded.calls());
    }
  }

  /** Reads an operator's retry at a place, after these rows. */
  void retried(int seq, List<HistoryRow> before) {
    retries.add(seq);
    before.stream()
        .map(HistoryRow::row)
        .filter(RetriedCalls::isCall)
        .forEach(row -> begun.putIfAbsent(row.path(), row.seq()));
  }

  private static boolean isCall(StepExecution row) {
    return row.type().isWithinStep()
        && row.type() != StepType.PROGRESS
        && !(row.type() == StepType.WAIT && NodePath.isPart(row.path()));
  }

  /**
   * Whether a body had handled the failure of a call, and gone on.
   *
   * @param failedAt the place of the failure
   * @param retriedAt the place of the first retry after it
   */
  boolean isHandled(Call call, int failedAt, int retriedAt) {
    if (isReason(call, failedAt, null)) {
      return false;
    }
    Integer next = others.computeIfAbsent(call, this::others).higher(failedAt);
    return (next != null && next < retriedAt) || hasFailedElsewhere(call, failedAt, retriedAt);
  }

  /**
   * Whether the body, or one that it is a part of, has last failed because of another call of the
   * same scope: that may be an effect that has left no row.
   */
  private boolean hasFailedElsewhere(Call call, int failedAt, int retriedAt) {
    int begin = retryBefore(failedAt);
    return NodePath.allAbove(call.path).stream()
        .map(body -> reasons.getOrDefault(body, Collections.emptyNavigableMap()))
        .map(failures -> failures.lowerEntry(retriedAt))
        .filter(last -> last != null && last.getKey() > begin)
        .flatMap(last -> last.getValue().stream())
        .anyMatch(
            reason ->
                NodePath.isWithin(call.scope, reason) && !NodePath.isWithin(call.path, reason));
  }

  /**
   * The place of the last retry before another place. A body that ran long has its place from its
   * begin, so before those of the calls that it made.
   */
  private int retryBefore(int seq) {
    Integer retry = retries.lower(seq);
    return retry == null ? -1 : retry;
  }

  /** The places at which a body has begun its other calls. */
  private NavigableSet<Integer> others(Call call) {
    Map<String, Integer> first = new HashMap<>();
    String below = call.scope + "/";
    begun.tailMap(below).entrySet().stream()
        .takeWhile(each -> each.getKey().startsWith(below))
        .filter(each -> !NodePath.isWithin(call.path, each.getKey()))
        .forEach(each -> first.merge(name(below, each.getKey()), each.getValue(), Math::min));
    return new TreeSet<>(first.values());
  }

  /** The name of the call of a body to which a path belongs. */
  private static String name(String below, String path) {
    int end = below.length();
    while (end < path.length() && path.charAt(end) != '/' && path.charAt(end) != '[') {
      end++;
    }
    return path.substring(below.length(), end);
  }

  /**
   * Whether a body has failed because of a call that had failed.
   *
   * @param child the child that was called; null if it was none
   */
  boolean isReason(Call call, int failedAt, @Nullable UUID child) {
    String id = child == null ? null : child.toString();
    NavigableMap<Integer, List<String>> later = reasons.get(call.scope);
    return later != null
        && later.tailMap(retryBefore(failedAt)).values().stream()
            .flatMap(List::stream)
            .anyMatch(reason -> NodePath.isWithin(call.path, reason) || reason.equals(id));
  }
}
