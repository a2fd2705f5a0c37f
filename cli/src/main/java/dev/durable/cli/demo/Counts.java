package dev.durable.cli.demo;

import dev.durable.execution.ExecutionStatus;
import java.util.Map;

/**
 * The number of orders in each status.
 *
 * @param byStatus the numbers; a missing status has none
 */
record Counts(Map<ExecutionStatus, Long> byStatus) {

  int of(ExecutionStatus status) {
    return byStatus.getOrDefault(status, 0L).intValue();
  }

  int total() {
    return byStatus.values().stream().mapToInt(Long::intValue).sum();
  }

  /** Orders that the engine will not continue by itself. */
  int done() {
    return of(ExecutionStatus.COMPLETED)
        + of(ExecutionStatus.FAILED)
        + of(ExecutionStatus.CANCELLED)
        + of(ExecutionStatus.PARKED);
  }

  int inFlight() {
    return of(ExecutionStatus.RUNNING) + of(ExecutionStatus.WAITING);
  }
}
