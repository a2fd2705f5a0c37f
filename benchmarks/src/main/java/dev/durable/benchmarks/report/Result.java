package dev.durable.benchmarks.report;

import dev.durable.benchmarks.driver.Driver;
import dev.durable.benchmarks.measure.Figures;
import dev.durable.benchmarks.measure.Sample;
import dev.durable.benchmarks.scenario.Scenario;
import java.util.Collections;
import java.util.List;
import java.util.Map;

/**
 * One metric of one driver in one scenario, over all runs.
 *
 * @param scenario the scenario's id
 * @param driver the driver's name
 * @param metric the name of the metric, such as {@code steps_per_s}
 * @param unit its unit
 * @param median of the runs
 * @param min of the runs
 * @param max of the runs
 * @param runs the number of runs
 * @param settings of the scenario, the driver and the server
 */
public record Result(
    String scenario,
    String driver,
    String metric,
    String unit,
    double median,
    double min,
    double max,
    int runs,
    Map<String, Object> settings) {

  public static Result of(
      Scenario scenario,
      Driver driver,
      Sample first,
      List<Double> values,
      Map<String, Object> settings) {
    return new Result(
        scenario.id(),
        driver.name(),
        first.metric(),
        first.unit(),
        Figures.median(values),
        Collections.min(values),
        Collections.max(values),
        values.size(),
        settings);
  }
}
