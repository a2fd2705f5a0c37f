package dev.durable.internal.store;

import dev.durable.execution.StepExecution;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * A row of history, read by the one who goes on from it.
 *
 * @param row what happened
 * @param wakeIn how long until what follows is due by the database clock, not positive if it is;
 *     null if nothing follows by itself
 */
public record Recorded(StepExecution row, @Nullable Duration wakeIn) {}
