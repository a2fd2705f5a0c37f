package dev.durable.benchmarks;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** T3: executions of three trivial steps, with a number of them in flight. */
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
  public List<Sample> measure(Lab lab) throws Exception {
    List<Double> rates = new ArrayList<>();
    double micros;
    try (Session session = lab.driver().open(lab.target(), STEPS)) {
      Load.seconds(session, lab.sizes().warmUp(), inFlight);
      Server.checkpoint(lab.target());
      long cpu = ProcessCpu.nanos();
      for (int i = 0; i < lab.sizes().rounds(); i++) {
        int executions = lab.sizes().executions();
        rates.add(executions / Load.seconds(session, executions, inFlight));
      }
      micros = (ProcessCpu.nanos() - cpu) / 1e3;
    }
    double rate = Figures.median(rates);
    int steps = lab.sizes().rounds() * lab.sizes().executions() * STEPS;
    return List.of(
        new Sample("steps_per_s", "1/s", rate * STEPS),
        new Sample("executions_per_s", "1/s", rate),
        new Sample("jvm_cpu_us_per_step", "us", micros / steps));
  }
}
