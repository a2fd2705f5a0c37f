/**
 * Serves schedules: when they tick, which of their ticks start an execution, and what that is.
 * Start reading at {@code Scheduler}.
 */
@NullMarked
package dev.durable.internal.schedule;

import org.jspecify.annotations.NullMarked;
