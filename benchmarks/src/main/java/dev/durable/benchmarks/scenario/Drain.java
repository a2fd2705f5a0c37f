package dev.durable.benchmarks.scenario;

import dev.durable.benchmarks.driver.DbSchedulerDriver;
import dev.durable.benchmarks.driver.Driver;
import dev.durable.benchmarks.driver.DurableDriver;
import dev.durable.benchmarks.driver.QueueDriver;
import dev.durable.benchmarks.driver.Workload;
import dev.durable.benchmarks.driver.Workload.Limits;
import dev.durable.benchmarks.measure.Backlog;
import dev.durable.benchmarks.measure.Figures;
import dev.durable.benchmarks.measure.Lab;
import dev.durable.benchmarks.measure.Load;
import dev.durable.benchmarks.measure.Sample;
import dev.durable.benchmarks.measure.Server;
import dev.durable.benchmarks.measure.Size;
import dev.durable.benchmarks.measure.Sizes;
import dev.durable.benchmarks.process.QueueWorker;
import dev.durable.benchmarks.process.WorkerProcess;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;

/**
 * Q1 and Q3: executions are enqueued first, then drained by workers in JVMs of their own. The clock
 * runs from the begin of the first step to the end of the last execution.
 *
 * @param limits the limits of the queue; they keep the workers back from nothing
 */
record Drain(String id, int steps, int workers, int slots, Limits limits) implements Scenario {

  /** One step, one worker with 50 slots. */
  static Drain q1(Limits limits) {
    return new Drain("Q1", 1, 1, 50, limits);
  }

  /** T3's work. */
  static Drain q3(int workers) {
    return new Drain("Q3", Throughput.STEPS, workers, 100, Limits.NONE);
  }

  @Override
  public Map<String, Object> settings() {
    return limits == Limits.NONE
        ? Map.of("workers", workers, "slots", slots)
        : Map.of("workers", workers, "slots", slots, "limits", limits);
  }

  @Override
  public Size size() {
    return (steps == 1 && limits != Limits.GLOBAL) || workers == 2 ? Size.QUICK : Size.NORMAL;
  }

  @Override
  public boolean fits(Driver driver) {
    return limits == Limits.NONE
        ? driver instanceof QueueDriver && (steps == 1 || !(driver instanceof DbSchedulerDriver))
        : driver instanceof DurableDriver;
  }

  @Override
  public List<Sample> measure(Lab lab) throws Exception {
    Workload workload = Workload.trivial(steps).slots(slots).limits(limits);
    Backlog backlog = new Backlog(lab, workload);
    List<WorkerProcess> processes = new ArrayList<>();
    try {
      for (int i = 0; i < workers; i++) {
        processes.add(
            new WorkerProcess(
                new QueueWorker.Job(lab.driver().name(), lab.target(), workload, null)));
      }
      warmUp(lab.sizes(), backlog, processes);
      List<Round> rounds = new ArrayList<>();
      for (int i = 0; i < lab.sizes().rounds(); i++) {
        rounds.add(round(lab, backlog, processes));
      }
      return samples(rounds);
    } finally {
      processes.forEach(WorkerProcess::close);
    }
  }

  /**
   * Opens one worker first: it creates the tables. Fills and drains until the workers' JVMs compile
   * almost nothing more.
   */
  private void warmUp(Sizes sizes, Backlog backlog, List<WorkerProcess> processes)
      throws Exception {
    WorkerProcess.tell(processes.subList(0, 1), "open");
    WorkerProcess.tell(processes.subList(1, processes.size()), "open");
    Load.warmUp(
        sizes,
        () -> compileMillis(processes),
        () -> {
          long begin = System.nanoTime();
          int executions = backlog.fill(sizes.warmUp(steps), sizes.maxSeconds());
          return new Load.Done(executions, (backlog.awaitEmpty() - begin) / 1e9);
        });
    WorkerProcess.tell(processes, "close");
  }

  /** The time that the compilers of a worker's JVM have worked, on average. */
  private static long compileMillis(List<WorkerProcess> processes) throws IOException {
    return WorkerProcess.tell(processes, "count").stream()
            .mapToLong(QueueWorker.Count::compileMillis)
            .sum()
        / processes.size();
  }

  private Round round(Lab lab, Backlog backlog, List<WorkerProcess> processes) throws Exception {
    int executions = backlog.fill(lab.sizes().executions(), lab.sizes().maxSeconds());
    Server.checkpoint(lab.target());
    WorkerProcess.tell(processes, "open");
    long end = backlog.awaitEmpty();
    return Round.of(executions, end, WorkerProcess.tell(processes, "close"));
  }

  private List<Sample> samples(List<Round> rounds) throws IOException {
    double rate = Figures.median(rounds.stream().map(Round::perSecond).toList());
    List<Sample> samples = new ArrayList<>();
    samples.add(new Sample("executions_per_s", "1/s", rate));
    samples.add(new Sample("steps_per_s", "1/s", rate * steps));
    if (workers > 1) {
      samples.add(new Sample("smallest_share", "%", share(rounds, Comparator.naturalOrder())));
      samples.add(new Sample("largest_share", "%", share(rounds, Comparator.reverseOrder())));
    }
    return samples;
  }

  private static double share(List<Round> rounds, Comparator<Double> order) {
    return Figures.median(
        rounds.stream()
            .map(round -> round.shares().stream().sorted(order).toList().getFirst())
            .toList());
  }

  /**
   * One drained backlog.
   *
   * @param perSecond the executions per second
   * @param shares each worker's share of the steps, in percent
   */
  private record Round(double perSecond, List<Double> shares) {

    static Round of(int executions, long end, List<QueueWorker.Count> counts) {
      long begin =
          counts.stream()
              .filter(count -> count.steps() > 0)
              .mapToLong(QueueWorker.Count::firstNanos)
              .min()
              .orElseThrow();
      double all = counts.stream().mapToLong(QueueWorker.Count::steps).sum();
      return new Round(
          executions / ((end - begin) / 1e9),
          counts.stream().map(count -> 100 * count.steps() / all).toList());
    }
  }
}
