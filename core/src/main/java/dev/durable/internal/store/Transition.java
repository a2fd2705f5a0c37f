package dev.durable.internal.store;

import dev.durable.execution.ExecutionStatus;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * The owner gives an execution up: it ends, waits, or is parked.
 *
 * @param status its new status
 * @param output JSON of the result, or null
 * @param error JSON of the error, or null
 * @param currentStep where it stands, for people
 * @param wakeIn how long until it is due, or null
 * @param compensation JSON: why compensation began and what it has done; null leaves it as it was
 */
public record Transition(
    ExecutionStatus status,
    @Nullable String output,
    @Nullable String error,
    @Nullable String currentStep,
    @Nullable Duration wakeIn,
    @Nullable String compensation) {

  /** A transition that has nothing to do with compensation. */
  public Transition(
      ExecutionStatus status,
      @Nullable String output,
      @Nullable String error,
      @Nullable String currentStep,
      @Nullable Duration wakeIn) {
    this(status, output, error, currentStep, wakeIn, null);
  }
}
