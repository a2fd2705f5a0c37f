package dev.durable.internal.store;

import dev.durable.execution.ExecutionStatus;
import org.jspecify.annotations.Nullable;

/**
 * The owner gives an execution up: it ends, waits, or is parked.
 *
 * @param status its new status
 * @param output JSON of the result, or null
 * @param error JSON of the error, or null
 * @param currentStep where it stands, for people
 * @param wake what lets it go on
 * @param compensation JSON: why compensation began and what it has done; null leaves it as it was
 */
public record Transition(
    ExecutionStatus status,
    @Nullable String output,
    @Nullable String error,
    @Nullable String currentStep,
    WakeCondition wake,
    @Nullable String compensation) {

  /** A transition that has nothing to do with compensation. */
  public Transition(
      ExecutionStatus status,
      @Nullable String output,
      @Nullable String error,
      @Nullable String currentStep,
      WakeCondition wake) {
    this(status, output, error, currentStep, wake, null);
  }

  /** Whether it waits for nothing from now on. */
  boolean endsWaits() {
    return status.isFinal() || status == ExecutionStatus.COMPENSATING;
  }

  /** Whether it leaves nothing to do for children that are still under way. */
  boolean endsChildren() {
    return switch (status) {
      case FAILED, CANCELLED, COMPENSATING, COMPENSATED, COMPENSATION_FAILED -> true;
      case PENDING, RUNNING, WAITING, COMPLETED, PARKED -> false;
    };
  }
}
