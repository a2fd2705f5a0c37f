package dev.durable.cli.demo;

import dev.durable.execution.ExecutionStatus;
import java.util.Map;

/**
 * How many orders are where.
 *
 * @param byStatus none if a status is missing
 */
record Counts(Map<ExecutionStatus, Long> byStatus) {

  int of(ExecutionStatus status) {
    return byStatus.getOrDefault(status, 0L).intValue();
  }

  int total() {
    return byStatus.values().stream().mapToInt(Long::intValue).sum();
  }

  /** Those that the engine will not touch again by itself. */
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
