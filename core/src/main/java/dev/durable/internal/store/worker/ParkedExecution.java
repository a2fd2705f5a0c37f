package dev.durable.internal.store.worker;

import org.jspecify.annotations.Nullable;

/**
 * An execution that was parked because no definition fitted it.
 *
 * @param moved the execution, and the definition that moved it last
 * @param compensation its compensation so far, as JSON; null if it goes forward
 */
public record ParkedExecution(LastDefinition moved, @Nullable String compensation) {}
