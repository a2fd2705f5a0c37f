package dev.durable.internal.store.journal;

import dev.durable.execution.ExecutionStatus;
import org.jspecify.annotations.Nullable;

/**
 * How an execution leaves its owner: ended, waiting or parked.
 *
 * @param status its new status
 * @param output JSON of the result, or null
 * @param error JSON of the error, or null
 * @param currentStep the step that it is in, for people
 * @param wake when it becomes due
 * @param compensation JSON: why compensation began, and its results; null leaves it as it was
 */
public record Transition(
    ExecutionStatus status,
    @Nullable String output,
    @Nullable String error,
    @Nullable String currentStep,
    WakeCondition wake,
    @Nullable String compensation) {

  /** A transition without compensation. */
  public Transition(
      ExecutionStatus status,
      @Nullable String output,
      @Nullable String error,
      @Nullable String currentStep,
      WakeCondition wake) {
    this(status, output, error, currentStep, wake, null);
  }

  /** Whether its open waits end. */
  boolean endsWaits() {
    return status.isFinal() || status == ExecutionStatus.COMPENSATING;
  }

  /** Whether its running children end. */
  boolean endsChildren() {
    return switch (status) {
      case FAILED, CANCELLED, COMPENSATING, COMPENSATED, COMPENSATION_FAILED -> true;
      case PENDING, RUNNING, WAITING, COMPLETED, PARKED -> false;
    };
  }
}
