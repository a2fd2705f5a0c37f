/**
 * The tools of the scenarios: load, clocks, counters and sizes.
 *
 * <p>Begin with {@link dev.durable.benchmarks.measure.Lab}, which each scenario is given, and
 * {@link dev.durable.benchmarks.measure.Sample}, which it returns.
 */
@NullMarked
package dev.durable.benchmarks.measure;

import org.jspecify.annotations.NullMarked;
