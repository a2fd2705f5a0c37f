package dev.durable.benchmarks.scenario;

import dev.durable.benchmarks.driver.DirectDriver;
import dev.durable.benchmarks.driver.Driver;
import dev.durable.benchmarks.driver.Workload;
import dev.durable.benchmarks.measure.Lab;
import dev.durable.benchmarks.measure.Rounds;
import dev.durable.benchmarks.measure.Sample;
import dev.durable.benchmarks.measure.Size;
import java.util.List;
import java.util.Map;

/** B: executions of three steps whose results are large. */
record LargeResults(int bytes) implements Scenario {

  private static final int IN_FLIGHT = 16;
  private static final int BYTES_PER_ROUND = 100_000_000;

  @Override
  public String id() {
    return "B";
  }

  @Override
  public Map<String, Object> settings() {
    return Map.of("bytes", bytes);
  }

  @Override
  public Size size() {
    return bytes == 1_000 ? Size.QUICK : Size.NORMAL;
  }

  @Override
  public boolean fits(Driver driver) {
    return driver instanceof DirectDriver;
  }

  @Override
  public List<Sample> measure(Lab lab) throws Exception {
    int steps = Throughput.STEPS;
    int executions = Math.min(lab.sizes().executions(), BYTES_PER_ROUND / bytes / steps);
    Rounds rounds =
        Rounds.measure(lab, Workload.trivial(steps).bytes(bytes), executions, IN_FLIGHT);
    double rate = rounds.executionsPerSecond() * steps;
    return List.of(
        new Sample("steps_per_s", "1/s", rate), new Sample("mb_per_s", "MB/s", rate * bytes / 1e6));
  }
}
