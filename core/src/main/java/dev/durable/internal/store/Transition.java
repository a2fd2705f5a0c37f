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
 */
public record Transition(
    ExecutionStatus status,
    @Nullable String output,
    @Nullable String error,
    @Nullable String currentStep,
    @Nullable Duration wakeIn) {}
