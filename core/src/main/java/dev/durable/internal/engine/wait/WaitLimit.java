package dev.durable.internal.engine.wait;

import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * The limit of a wait.
 *
 * @param in the longest time from its beginning, or null
 * @param until a point in time, or null
 */
public record WaitLimit(@Nullable Duration in, @Nullable Instant until) {}
