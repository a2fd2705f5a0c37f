package dev.durable.internal.store.journal;

import org.jspecify.annotations.Nullable;

/**
 * What the row of an effect says about its being undone.
 *
 * @param compensation the name that its body gave to the compensation
 * @param input what the body got, as JSON; null if another such row of that body has it, or if it
 *     is the execution's input
 */
public record RecordedUndo(String compensation, @Nullable String input) {}
