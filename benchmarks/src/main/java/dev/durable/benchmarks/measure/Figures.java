package dev.durable.benchmarks.measure;

import java.util.Collection;

/** Medians and percentiles. */
public final class Figures {

  private Figures() {}

  public static double median(Collection<Double> values) {
    return percentile(values, 50);
  }

  /** The value that so many percent do not exceed; interpolates between two values. */
  public static double percentile(Collection<Double> values, double percent) {
    double[] sorted = values.stream().mapToDouble(Double::doubleValue).sorted().toArray();
    if (sorted.length == 0) {
      throw new IllegalArgumentException("no values");
    }
    double at = percent / 100 * (sorted.length - 1);
    int low = (int) Math.floor(at);
    int high = (int) Math.ceil(at);
    return sorted[low] + (at - low) * (sorted[high] - sorted[low]);
  }
}
