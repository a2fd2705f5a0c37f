package dev.durable.benchmarks;

import dev.durable.benchmarks.BenchOptions.Size;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;

/**
 * Q1 and Q3: executions are enqueued first and then drained by some nodes, each in its own JVM. The
 * clock runs from the first step that begins until the last execution has ended.
 */
record Drain(String id, int steps, int nodes, int slots) implements Scenario {

  /** One step, one node with 50 slots. */
  static Drain q1() {
    return new Drain("Q1", 1, 1, 50);
  }

  /** T3's work. */
  static Drain q3(int nodes) {
    return new Drain("Q3", Throughput.STEPS, nodes, 100);
  }

  @Override
  public Map<String, Object> settings() {
    return Map.of("nodes", nodes, "slots", slots);
  }

  @Override
  public Size size() {
    return steps == 1 || nodes == 2 ? Size.QUICK : Size.NORMAL;
  }

  @Override
  public boolean fits(Driver driver) {
    return driver instanceof QueueDriver && (steps == 1 || !(driver instanceof DbSchedulerDriver));
  }

  @Override
  public List<Sample> measure(Lab lab) throws Exception {
    Workload workload = Workload.trivial(steps).slots(slots);
    Backlog backlog = new Backlog(lab, workload);
    List<WorkerProcess> workers = new ArrayList<>();
    try {
      for (int i = 0; i < nodes; i++) {
        workers.add(
            new WorkerProcess(new Worker.Job(lab.driver().name(), lab.target(), workload, null)));
      }
      warmUp(lab.sizes(), backlog, workers);
      List<Round> rounds = new ArrayList<>();
      for (int i = 0; i < lab.sizes().rounds(); i++) {
        rounds.add(round(lab, backlog, workers));
      }
      return samples(rounds);
    } finally {
      workers.forEach(WorkerProcess::close);
    }
  }

  /** One node first: it makes the tables. */
  private void warmUp(Sizes sizes, Backlog backlog, List<WorkerProcess> workers) throws Exception {
    WorkerProcess.tell(workers.subList(0, 1), "open");
    WorkerProcess.tell(workers.subList(1, workers.size()), "open");
    backlog.fill(sizes.warmUp(steps), sizes.maxSeconds());
    backlog.awaitEmpty();
    WorkerProcess.tell(workers, "close");
  }

  private Round round(Lab lab, Backlog backlog, List<WorkerProcess> workers) throws Exception {
    int executions = backlog.fill(lab.sizes().executions(), lab.sizes().maxSeconds());
    Server.checkpoint(lab.target());
    WorkerProcess.tell(workers, "open");
    long end = backlog.awaitEmpty();
    return Round.of(executions, end, WorkerProcess.tell(workers, "close"));
  }

  private List<Sample> samples(List<Round> rounds) throws IOException {
    double rate = Figures.median(rounds.stream().map(Round::perSecond).toList());
    List<Sample> samples = new ArrayList<>();
    samples.add(new Sample("executions_per_s", "1/s", rate));
    samples.add(new Sample("steps_per_s", "1/s", rate * steps));
    if (nodes > 1) {
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
   * @param perSecond executions
   * @param shares each node's share of the steps, in percent
   */
  private record Round(double perSecond, List<Double> shares) {

    static Round of(int executions, long end, List<Worker.Count> counts) {
      long begin =
          counts.stream()
              .filter(count -> count.steps() > 0)
              .mapToLong(Worker.Count::firstNanos)
              .min()
              .orElseThrow();
      double all = counts.stream().mapToLong(Worker.Count::steps).sum();
      return new Round(
          executions / ((end - begin) / 1e9),
          counts.stream().map(count -> 100 * count.steps() / all).toList());
    }
  }
}
