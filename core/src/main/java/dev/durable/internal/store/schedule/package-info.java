/** Schedules, their ticks and their backfills. Start reading at {@code TickStore}. */
@NullMarked
package dev.durable.internal.store.schedule;

import org.jspecify.annotations.NullMarked;
