package dev.durable.internal.store;

import org.jspecify.annotations.Nullable;

/**
 * An execution that no definition fitted.
 *
 * @param moved which one
 * @param compensation how far it has been undone, as JSON; null if it is to go forward
 */
public record ParkedExecution(LastDefinition moved, @Nullable String compensation) {}
