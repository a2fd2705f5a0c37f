package dev.durable.cli.demo;

import dev.durable.execution.Execution;
import dev.durable.execution.ExecutionStatus;
import java.time.Duration;
import java.util.List;
import java.util.Locale;

/**
 * The result of a run.
 *
 * @param orders the number of orders
 * @param completed the number of confirmed orders
 * @param failed orders that ended in another way
 * @param rejected orders that the shop's rules refused
 * @param stuck orders that need a person
 * @param steps the times of the steps
 * @param audit the comparison of ledger and database
 * @param time the time that this worker took
 */
record DemoReport(
    int orders,
    int completed,
    List<Execution> failed,
    List<Execution> rejected,
    List<Execution> stuck,
    List<StepTimes> steps,
    Audit audit,
    Duration time) {

  static DemoReport of(RunHistory history, Audit audit, Duration time) {
    List<Execution> all = history.executions();
    return new DemoReport(
        all.size(),
        (int) all.stream().filter(e -> e.status() == ExecutionStatus.COMPLETED).count(),
        all.stream().filter(e -> isLost(e) && !isRejected(e)).toList(),
        all.stream().filter(e -> isLost(e) && isRejected(e)).toList(),
        all.stream().filter(e -> e.status() == ExecutionStatus.PARKED).toList(),
        StepTimes.of(history.steps()),
        audit,
        time);
  }

  int retries() {
    return steps.stream().mapToInt(StepTimes::retries).sum();
  }

  /** Whether Durable kept its promises. */
  boolean isGood() {
    return stuck.isEmpty() && audit.committedStepsRepeated() == 0;
  }

  String json() {
    return String.format(
        Locale.ROOT,
        "{\"orders\":%d,\"completed\":%d,\"failed\":%d,\"rejected\":%d,\"retries\":%d,"
            + "\"bodiesRunTwice\":%d,\"committedStepsRepeated\":%d,\"seconds\":%.1f}",
        orders,
        completed,
        failed.size() + stuck.size(),
        rejected.size(),
        retries(),
        audit.bodiesRunTwice(),
        audit.committedStepsRepeated(),
        time.toMillis() / 1000.0);
  }

  private static boolean isLost(Execution execution) {
    return execution.status() == ExecutionStatus.FAILED
        || execution.status() == ExecutionStatus.CANCELLED;
  }

  private static boolean isRejected(Execution execution) {
    return execution.error() != null && "validate".equals(execution.error().step());
  }
}
