package dev.durable.benchmarks.scenario;

import dev.durable.benchmarks.driver.DirectDriver;
import dev.durable.benchmarks.driver.Driver;
import dev.durable.benchmarks.driver.LimitDriver;
import dev.durable.benchmarks.driver.Session;
import dev.durable.benchmarks.driver.Workload;
import dev.durable.benchmarks.measure.Lab;
import dev.durable.benchmarks.measure.Load;
import dev.durable.benchmarks.measure.ProcessCpu;
import dev.durable.benchmarks.measure.Quiet;
import dev.durable.benchmarks.measure.Sample;
import java.util.List;

/** I: a worker with nothing to do. */
record Idle() implements Scenario {

  private static final int WARM_UP = 100;

  @Override
  public String id() {
    return "I";
  }

  /** The limit has no idle worker. */
  @Override
  public boolean fits(Driver driver) {
    return driver instanceof DirectDriver && !(driver instanceof LimitDriver);
  }

  @Override
  public List<Sample> measure(Lab lab) throws Exception {
    try (Session session = lab.open(Workload.trivial(Throughput.STEPS))) {
      Load.executions(session, WARM_UP, 1, lab.sizes().maxSeconds());
      Quiet.untilQuiet(lab);
      return watch(lab);
    }
  }

  private static List<Sample> watch(Lab lab) throws Exception {
    try (Quiet quiet = Quiet.watch(lab)) {
      long cpu = ProcessCpu.nanos();
      Thread.sleep(1_000L * lab.sizes().idleSeconds());
      double busy = (ProcessCpu.nanos() - cpu) / 1e9;
      return List.of(
          new Sample("queries_per_s", "1/s", quiet.queriesPerSecond()),
          new Sample("cpu_percent", "%", 100 * busy / quiet.seconds()));
    }
  }
}
