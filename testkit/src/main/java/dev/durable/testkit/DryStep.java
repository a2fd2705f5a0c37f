package dev.durable.testkit;

import dev.durable.execution.ErrorInfo;
import dev.durable.execution.StepStatus;
import dev.durable.execution.StepType;
import org.jspecify.annotations.Nullable;

/**
 * One row of a dry run's history; the engine would write the same.
 *
 * @param path the path in the execution, as in {@code send[17]/mail}
 * @param type its kind
 * @param attempt the number of the attempt, from 1
 * @param status how it ended, or {@link StepStatus#WAITING}
 * @param output the result as JSON, if it has completed
 * @param error why it failed, if it did
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
