package dev.durable.cli.demo;

import dev.durable.Durable;
import dev.durable.execution.Execution;
import dev.durable.execution.StepExecution;
import dev.durable.execution.StepStatus;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The executions and steps of a run, as the database has them.
 *
 * @param executions its orders
 * @param steps all their attempts, in order
 */
record RunHistory(List<Execution> executions, List<StepExecution> steps) {

  static RunHistory of(DemoRun run, Durable durable) {
    List<Execution> executions = run.executions(durable);
    List<StepExecution> steps = new ArrayList<>();
    for (Execution execution : executions) {
      steps.addAll(durable.steps(execution.id()));
    }
    return new RunHistory(executions, steps);
  }

  /** The time of the first commit of each step's result. */
  Map<StepKey, Instant> committed() {
    Map<StepKey, Instant> committed = new HashMap<>();
    for (StepExecution step : steps) {
      if (step.status() == StepStatus.COMPLETED && step.completedAt() != null) {
        committed.merge(
            new StepKey(step.executionId(), step.path()),
            step.completedAt(),
            (one, other) -> one.isBefore(other) ? one : other);
      }
    }
    return committed;
  }
}
