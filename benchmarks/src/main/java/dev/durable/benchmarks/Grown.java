package dev.durable.benchmarks;

import dev.durable.benchmarks.BenchOptions.Size;
import java.util.List;
import java.util.Map;

/** G: T3 on tables that hold millions of finished executions. */
record Grown(int millions) implements Scenario {

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

  /** The history is written into our own tables. */
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
