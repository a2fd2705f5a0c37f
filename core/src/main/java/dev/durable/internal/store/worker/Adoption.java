package dev.durable.internal.store.worker;

import dev.durable.internal.store.journal.Ownership;

/**
 * An execution that will continue with another definition than the one that moved it last.
 *
 * @param owner the execution and its token
 * @param fingerprint the hash of the definition that fits
 */
public record Adoption(Ownership owner, String fingerprint) {}
