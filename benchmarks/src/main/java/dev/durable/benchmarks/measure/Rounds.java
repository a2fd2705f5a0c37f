package dev.durable.benchmarks.measure;

import dev.durable.benchmarks.driver.Session;
import dev.durable.benchmarks.driver.Workload;
import java.util.ArrayList;
import java.util.List;

/**
 * The measured rounds of a throughput scenario.
 *
 * @param executionsPerSecond the median round's
 * @param cpuMicros the JVM's processor time for each step
 */
public record Rounds(double executionsPerSecond, double cpuMicros) {

  /** Warms up, and measures with that many executions in flight. */
  public static Rounds measure(Lab lab, Workload workload, int executions, int inFlight)
      throws Exception {
    Sizes sizes = lab.sizes();
    try (Session session = lab.open(workload)) {
      Load.warmUp(session, workload.steps(), inFlight, sizes);
      Server.checkpoint(lab.target());
      List<Double> rates = new ArrayList<>();
      long done = 0;
      long cpu = ProcessCpu.nanos();
      for (int i = 0; i < sizes.rounds(); i++) {
        Load.Done round = Load.executions(session, executions, inFlight, sizes.maxSeconds());
        rates.add(round.perSecond());
        done += round.count();
      }
      double micros = (ProcessCpu.nanos() - cpu) / 1e3;
      return new Rounds(Figures.median(rates), micros / (done * workload.steps()));
    }
  }
}
