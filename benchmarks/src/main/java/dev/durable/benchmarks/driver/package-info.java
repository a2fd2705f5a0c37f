/**
 * The engines that are measured, and the limit that no engine can pass, behind one interface.
 *
 * <p>Begin with {@link dev.durable.benchmarks.driver.Driver}; {@link
 * dev.durable.benchmarks.driver.Drivers} lists all. A driver that implements {@link
 * dev.durable.benchmarks.driver.DirectDriver} starts executions itself, a {@link
 * dev.durable.benchmarks.driver.QueueDriver} takes them from a queue.
 */
@NullMarked
package dev.durable.benchmarks.driver;

import org.jspecify.annotations.NullMarked;
