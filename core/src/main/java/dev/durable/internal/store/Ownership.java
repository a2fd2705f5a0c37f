package dev.durable.internal.store;

import java.util.UUID;

/** An execution and the fencing token under which its owner writes. */
public record Ownership(UUID id, long token) {}
