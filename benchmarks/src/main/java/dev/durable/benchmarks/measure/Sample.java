package dev.durable.benchmarks.measure;

/**
 * One measured value.
 *
 * @param metric such as {@code steps_per_s}
 * @param unit such as {@code 1/s}
 * @param value the value
 */
public record Sample(String metric, String unit, double value) {}
