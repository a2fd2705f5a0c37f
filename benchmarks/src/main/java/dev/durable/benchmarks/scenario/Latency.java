package dev.durable.benchmarks.scenario;

import dev.durable.benchmarks.driver.DirectDriver;
import dev.durable.benchmarks.driver.Driver;
import dev.durable.benchmarks.driver.Session;
import dev.durable.benchmarks.driver.Workload;
import dev.durable.benchmarks.measure.Figures;
import dev.durable.benchmarks.measure.Lab;
import dev.durable.benchmarks.measure.Load;
import dev.durable.benchmarks.measure.Sample;
import dev.durable.benchmarks.measure.Server;
import dev.durable.benchmarks.measure.Sizes;
import java.util.ArrayList;
import java.util.List;

/**
 * L10: one execution at a time, ten steps: the time from the begin of a step to the begin of the
 * next, which is one commit and the overhead of the engine.
 */
record Latency() implements Scenario {

  static final int STEPS = 10;
  private static final int WARM_UP_IN_FLIGHT = 50;

  @Override
  public String id() {
    return "L10";
  }

  @Override
  public boolean fits(Driver driver) {
    return driver instanceof DirectDriver;
  }

  @Override
  public List<Sample> measure(Lab lab) throws Exception {
    List<Double> millis = new ArrayList<>();
    try (Session session = lab.open(Workload.trivial(STEPS))) {
      Sizes sizes = lab.sizes();
      Load.warmUp(session, STEPS, WARM_UP_IN_FLIGHT, sizes);
      run(session, sizes.singles(), 2_000_000, new ArrayList<>());
      Server.checkpoint(lab.target());
      run(session, sizes.singles(), 1_000_000, millis);
    }
    return List.of(
        new Sample("step_p50_ms", "ms", Figures.percentile(millis, 50)),
        new Sample("step_p99_ms", "ms", Figures.percentile(millis, 99)));
  }

  private static void run(Session session, int executions, int from, List<Double> millis)
      throws Exception {
    for (int i = 0; i < executions; i++) {
      long[] begun = new long[STEPS];
      int[] count = new int[1];
      session.execute(from + i, () -> begun[count[0]++] = System.nanoTime());
      for (int step = 1; step < STEPS; step++) {
        millis.add((begun[step] - begun[step - 1]) / 1e6);
      }
    }
  }
}
