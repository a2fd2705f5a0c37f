/**
 * {@code durable schedules} and its subcommands: what ticks, what has become of it, and what an
 * operator does about it.
 *
 * <p>Begin with {@link dev.durable.cli.schedule.SchedulesCommand}, which lists them; {@link
 * dev.durable.cli.schedule.ScheduleCommand} is what the subcommands about one schedule share.
 */
@NullMarked
package dev.durable.cli.schedule;

import org.jspecify.annotations.NullMarked;
