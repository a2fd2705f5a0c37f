package dev.durable.benchmarks.scenario;

import dev.durable.benchmarks.driver.Driver;
import dev.durable.benchmarks.driver.DurableDriver;
import dev.durable.benchmarks.driver.Target;
import dev.durable.benchmarks.driver.Workload;
import dev.durable.benchmarks.measure.Backlog;
import dev.durable.benchmarks.measure.Lab;
import dev.durable.benchmarks.measure.Sample;
import dev.durable.benchmarks.process.QueueWorker;
import dev.durable.benchmarks.process.StepLog;
import dev.durable.benchmarks.process.WorkerProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** R: one of two busy workers is killed; the other has to finish all executions. */
record Crash() implements Scenario {

  private static final int STEPS = 10;
  private static final int STEP_MILLIS = 200;
  private static final int MOST_IN_FLIGHT = 1_000;

  @Override
  public String id() {
    return "R";
  }

  @Override
  public Map<String, Object> settings() {
    return Map.of("in_flight", MOST_IN_FLIGHT, "steps", STEPS, "step_ms", STEP_MILLIS);
  }

  /** No other driver takes over from a dead process without a server or a restart. */
  @Override
  public boolean fits(Driver driver) {
    return driver instanceof DurableDriver;
  }

  @Override
  public List<Sample> measure(Lab lab) throws Exception {
    int executions = Math.min(MOST_IN_FLIGHT, lab.sizes().executions());
    Workload workload = Workload.trivial(STEPS).slots(executions / 2).pause(STEP_MILLIS);
    Backlog backlog = new Backlog(lab, workload);
    Path folder = Files.createTempDirectory("durable-bench-");
    Path victimsLog = folder.resolve("victim");
    Path survivorsLog = folder.resolve("survivor");
    try (WorkerProcess victim = worker(lab, workload, victimsLog);
        WorkerProcess survivor = worker(lab, workload, survivorsLog)) {
      List<WorkerProcess> both = List.of(victim, survivor);
      WorkerProcess.tell(List.of(victim), "open");
      WorkerProcess.tell(both.subList(1, 2), "open");
      WorkerProcess.tell(both, "close");
      backlog.fill(executions, lab.sizes().maxSeconds());
      WorkerProcess.tell(both, "open");
      awaitAllBegun(both, executions);
      long inFlight = backlog.unfinished();
      victim.kill();
      long killed = System.nanoTime();
      Set<String> committed = committed(lab.target());
      long end = backlog.awaitEmpty();
      return samples(
          (end - killed) / 1e9,
          inFlight,
          StepLog.read(victimsLog),
          StepLog.read(survivorsLog).stream().filter(line -> line.nanos() > killed).toList(),
          committed);
    } finally {
      Files.deleteIfExists(victimsLog);
      Files.deleteIfExists(survivorsLog);
      Files.deleteIfExists(folder);
    }
  }

  private static List<Sample> samples(
      double seconds,
      long inFlight,
      List<StepLog.Line> victims,
      List<StepLog.Line> survivors,
      Set<String> committed) {
    Set<String> before = new HashSet<>(victims.stream().map(StepLog.Line::name).toList());
    long twice = survivors.stream().filter(line -> before.contains(line.name())).count();
    long wrong = survivors.stream().filter(line -> committed.contains(line.name())).count();
    return List.of(
        new Sample("all_done_s", "s", seconds),
        new Sample("in_flight_when_killed", "", inFlight),
        new Sample("steps_run_twice", "", twice),
        new Sample("committed_steps_run_twice", "", wrong));
  }

  private static WorkerProcess worker(Lab lab, Workload workload, Path log) throws IOException {
    return new WorkerProcess(
        new QueueWorker.Job(lab.driver().name(), lab.target(), workload, log.toString()));
  }

  /** Returns when each execution is at its second or third step. */
  private static void awaitAllBegun(List<WorkerProcess> both, int executions)
      throws IOException, InterruptedException {
    long steps = 0;
    while (steps < 2L * executions) {
      Thread.sleep(5);
      steps = WorkerProcess.tell(both, "count").stream().mapToLong(QueueWorker.Count::steps).sum();
    }
  }

  private static Set<String> committed(Target target) throws SQLException {
    Set<String> names = new HashSet<>();
    try (Connection connection = target.connect();
        Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(DurableDriver.committedSteps())) {
      while (row.next()) {
        names.add(row.getString(1));
      }
    }
    return names;
  }
}
