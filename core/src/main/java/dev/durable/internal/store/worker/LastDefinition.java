package dev.durable.internal.store.worker;

import dev.durable.internal.store.journal.Ownership;
import org.jspecify.annotations.Nullable;

/**
 * An execution and the definition that moved it last.
 *
 * @param owner the execution and its token
 * @param workflow the workflow's name
 * @param version the definition's version
 * @param fingerprint the definition's hash, or null if that is not known
 */
public record LastDefinition(
    Ownership owner, String workflow, int version, @Nullable String fingerprint) {}
