package dev.durable.benchmarks.scenario;

import dev.durable.benchmarks.driver.Driver;
import dev.durable.benchmarks.driver.DurableDriver;
import dev.durable.benchmarks.driver.LimitDriver;
import dev.durable.benchmarks.driver.Workload;
import dev.durable.benchmarks.measure.Lab;
import dev.durable.benchmarks.measure.Rounds;
import dev.durable.benchmarks.measure.Sample;
import dev.durable.benchmarks.measure.Size;
import java.util.List;
import java.util.Map;

/** G: T3 on tables that hold millions of finished executions. */
record GrownTables(int millions) implements Scenario {

  private static final int IN_FLIGHT = 100;

  @Override
  public String id() {
    return "G";
  }

  @Override
  public Map<String, Object> settings() {
    return Map.of("finished_millions", millions);
  }

  @Override
  public Size size() {
    return switch (millions) {
      case 0 -> Size.NORMAL;
      case 1 -> Size.QUICK;
      default -> Size.HUGE;
    };
  }

  @Override
  public int historyMillions() {
    return millions;
  }

  /** The finished executions are in Durable's own tables. */
  @Override
  public boolean fits(Driver driver) {
    return driver instanceof DurableDriver || driver instanceof LimitDriver;
  }

  @Override
  public List<Sample> measure(Lab lab) throws Exception {
    Workload workload = Workload.trivial(Throughput.STEPS);
    return Throughput.samples(Rounds.measure(lab, workload, lab.sizes().executions(), IN_FLIGHT));
  }
}
