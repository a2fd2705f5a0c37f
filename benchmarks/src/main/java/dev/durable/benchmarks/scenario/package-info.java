/**
 * The scenarios, one class each; {@link dev.durable.benchmarks.scenario.Scenarios} lists all with
 * their settings.
 *
 * <p>Begin with {@link dev.durable.benchmarks.scenario.Throughput}, the simplest one.
 */
@NullMarked
package dev.durable.benchmarks.scenario;

import org.jspecify.annotations.NullMarked;
