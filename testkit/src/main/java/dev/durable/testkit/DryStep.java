package dev.durable.testkit;

import dev.durable.execution.ErrorInfo;
import dev.durable.execution.StepStatus;
import dev.durable.execution.StepType;
import org.jspecify.annotations.Nullable;

/**
 * One row of a dry run's history. The engine would write one of the same path, kind, attempt and
 * status; its output is the same for steps and effects only.
 *
 * @param path the path in the execution, as in {@code send[17]/mail}
 * @param type its kind
 * @param attempt the number of the attempt, from 1
 * @param status how it ended, or {@link StepStatus#WAITING}
 * @param output the result as JSON, if it has completed
 * @param error why it failed, if it did; if it has completed, the failure that was handled
 */
public record DryStep(
    String path,
    StepType type,
    int attempt,
    StepStatus status,
    @Nullable String output,
    @Nullable ErrorInfo error) {

  /** As in {@code charge step 1 completed}. */
  @Override
  public String toString() {
    return path + " " + type.text() + " " + attempt + " " + status.text();
  }
}
