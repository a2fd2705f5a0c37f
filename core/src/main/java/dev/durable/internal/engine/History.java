package dev.durable.internal.engine;

import dev.durable.execution.ErrorInfo;
import dev.durable.execution.StepExecution;
import dev.durable.execution.StepStatus;
import dev.durable.execution.StepType;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * What an execution has committed so far. Only its owner adds to it, also from threads that a body
 * starts.
 */
final class History {

  private final Map<String, String> results = new ConcurrentHashMap<>();
  private final Map<String, Integer> attempts = new HashMap<>();
  private final Map<String, Integer> failures = new HashMap<>();
  private final Map<String, Boolean> lost = new HashMap<>();
  private final AtomicInteger lastSeq = new AtomicInteger(-1);

  History(List<StepExecution> rows) {
    for (StepExecution row : rows) {
      lastSeq.accumulateAndGet(row.seq(), Math::max);
      read(row);
    }
  }

  private void read(StepExecution row) {
    if (row.type() == StepType.RETRY) {
      failures.clear();
      lost.clear();
      return;
    }
    attempts.merge(row.path(), 1, Integer::sum);
    ErrorInfo error = row.error();
    if (row.status() == StepStatus.COMPLETED) {
      results.put(row.path(), row.output() == null ? "null" : row.output());
    } else if (error != null && error.type().equals(ErrorInfo.WORKER_LOST)) {
      lost.put(row.path(), true);
    } else {
      failures.merge(row.path(), 1, Integer::sum);
    }
  }

  /** The place of the next row. */
  int nextSeq() {
    return lastSeq.incrementAndGet();
  }

  /** The committed result of a node as JSON, or null. */
  @Nullable String result(String path) {
    return results.get(path);
  }

  /** Remembers a result. */
  void completed(String path, String json) {
    results.put(path, json);
  }

  /** Remembers a failed attempt. */
  void failed(String path) {
    attempts.merge(path, 1, Integer::sum);
    failures.merge(path, 1, Integer::sum);
  }

  /** How many attempts of this node have been recorded. */
  int attempts(String path) {
    return attempts.getOrDefault(path, 0);
  }

  /** How many of them failed by themselves, since the last operator's retry. */
  int failures(String path) {
    return failures.getOrDefault(path, 0);
  }

  /** Whether an attempt was begun, and nobody knows how it ended. */
  boolean isLost(String path) {
    return lost.containsKey(path);
  }
}
