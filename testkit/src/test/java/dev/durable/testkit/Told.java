package dev.durable.testkit;

import dev.durable.Durable;
import dev.durable.execution.ErrorInfo;
import dev.durable.execution.Execution;
import dev.durable.execution.ExecutionStatus;
import dev.durable.execution.StepExecution;
import dev.durable.execution.StepStatus;
import dev.durable.execution.StepType;
import java.util.Comparator;
import java.util.List;
import java.util.UUID;

/** How a story ended, in comparable words. */
record Told(
    ExecutionStatus status,
    String output,
    String error,
    List<String> history,
    List<String> undone) {

  static Told dry(DryResult<?> result, String output) {
    return new Told(
        result.status(),
        output,
        words(result.error().orElse(null)),
        result.history().stream().map(row -> row + error(row.error())).sorted().toList(),
        result.compensated());
  }

  static Told real(Durable durable, UUID id) {
    Execution execution = durable.find(id).orElseThrow();
    List<StepExecution> rows = durable.steps(id);
    return new Told(
        execution.status(),
        execution.output(),
        words(execution.error()),
        rows.stream()
            .filter(row -> !isReminder(row.path()))
            .map(
                row ->
                    row.path()
                        + " "
                        + row.type().text()
                        + " "
                        + row.attempt()
                        + " "
                        + row.status().text()
                        + error(row.error()))
            .sorted()
            .toList(),
        compensated(rows));
  }

  /** The compensations in their order. */
  private static List<String> compensated(List<StepExecution> rows) {
    return rows.stream()
        .filter(row -> row.type() == StepType.COMPENSATION)
        .filter(row -> row.status() == StepStatus.COMPLETED)
        .sorted(
            Comparator.comparing(StepExecution::completedAt).thenComparingInt(StepExecution::seq))
        .map(StepExecution::path)
        .toList();
  }

  /** A dry run reminds nobody. */
  private static boolean isReminder(String path) {
    return path.matches(".*/(reminder|escalation)\\[[0-9]+]");
  }

  private static String error(ErrorInfo error) {
    return error == null ? "" : " " + words(error);
  }

  private static String words(ErrorInfo error) {
    if (error == null) {
      return "";
    }
    // Whether the wait or its step is named depends on how far the worker was.
    return error.type().equals(ErrorInfo.WORKFLOW_TIMEOUT)
        ? error.type()
        : (error.type() + " at " + error.step() + ": " + error.message())
            .replaceAll("[0-9a-f]{8}-[0-9a-f-]{27}", "<id>")
            .replaceAll("took PT[0-9.]+S", "took <time>");
  }
}
