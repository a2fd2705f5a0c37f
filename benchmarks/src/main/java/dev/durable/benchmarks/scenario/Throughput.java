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

/** T3: executions of three trivial steps, with a fixed number in flight. */
record Throughput(int inFlight) implements Scenario {

  static final int STEPS = 3;

  @Override
  public String id() {
    return "T3";
  }

  @Override
  public Map<String, Object> settings() {
    return Map.of("in_flight", inFlight);
  }

  @Override
  public Size size() {
    return inFlight == 100 ? Size.QUICK : Size.NORMAL;
  }

  @Override
  public boolean fits(Driver driver) {
    return driver instanceof DirectDriver;
  }

  @Override
  public List<Sample> measure(Lab lab) throws Exception {
    return samples(
        Rounds.measure(lab, Workload.trivial(STEPS), lab.sizes().executions(), inFlight));
  }

  static List<Sample> samples(Rounds rounds) {
    double rate = rounds.executionsPerSecond();
    return List.of(
        new Sample("steps_per_s", "1/s", rate * STEPS),
        new Sample("executions_per_s", "1/s", rate),
        new Sample("jvm_cpu_us_per_step", "us", rounds.cpuMicros()));
  }
}
