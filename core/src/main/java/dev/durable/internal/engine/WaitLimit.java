package dev.durable.internal.engine;

import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * The limit of a wait.
 *
 * @param in the longest time from its beginning, or null
 * @param until a point in time, or null
 */
record WaitLimit(@Nullable Duration in, @Nullable Instant until) {}
