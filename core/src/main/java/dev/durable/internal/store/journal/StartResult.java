package dev.durable.internal.store.journal;

import java.util.UUID;

/**
 * The result of a start.
 *
 * @param id the execution that now has the key: the new one, or the one that was already there
 * @param added whether it is the new one
 * @param owned whether the new one belongs to the worker that started it
 */
public record StartResult(UUID id, boolean added, boolean owned) {}
