package dev.durable.execution;

import org.jspecify.annotations.Nullable;

/**
 * What became of undoing one step.
 *
 * @param step the path of the step that was undone
 * @param handler the name of its compensation
 * @param status {@link StepStatus#COMPLETED} or {@link StepStatus#FAILED}
 * @param error why it failed, or null
 */
public record CompensationResult(
    String step, String handler, StepStatus status, @Nullable ErrorInfo error) {}
