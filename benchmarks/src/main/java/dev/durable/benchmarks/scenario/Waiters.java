package dev.durable.benchmarks.scenario;

import com.zaxxer.hikari.HikariDataSource;
import dev.durable.Durable;
import dev.durable.benchmarks.driver.Driver;
import dev.durable.benchmarks.driver.DurableDriver;
import dev.durable.benchmarks.driver.Target;
import dev.durable.benchmarks.measure.Heap;
import dev.durable.benchmarks.measure.Lab;
import dev.durable.benchmarks.measure.Quiet;
import dev.durable.benchmarks.measure.Sample;
import dev.durable.benchmarks.measure.Server;
import dev.durable.execution.ExecutionStatus;
import dev.durable.question.Question;
import dev.durable.workflow.Workflow;
import java.util.List;
import java.util.stream.IntStream;

/** W: very many executions wait for an approval: their cost while nothing happens. */
record Waiters() implements Scenario {

  private static final int TIMES = 10;
  private static final int BATCH = 1_000;

  @Override
  public String id() {
    return "W";
  }

  @Override
  public boolean fits(Driver driver) {
    return driver instanceof DurableDriver;
  }

  @Override
  public List<Sample> measure(Lab lab) throws Exception {
    Workflow<Integer, Integer> workflow =
        Workflow.define("waiter", Integer.class)
            .ask("manager", n -> Question.approval("Approve " + n + "?"), (n, answer) -> n)
            .build();
    int waiters = TIMES * lab.sizes().executions();
    try (HikariDataSource pool = lab.target().pool(Target.POOL);
        Durable durable = Durable.on(pool).migrate(true).register(workflow).startWorker()) {
      fill(durable, workflow, BATCH);
      long heap = Heap.used();
      Server.Counters before = Server.counters(lab);
      fill(durable, workflow, waiters + BATCH);
      long more = Heap.used() - heap;
      Server.Counters after = Server.counters(lab);
      double queries = Quiet.queriesPerSecond(lab);
      return List.of(
          new Sample("queries_per_s", "1/s", queries),
          new Sample("heap_bytes", "B", Math.max(0, more) / (double) waiters),
          new Sample("disk_bytes", "B", (after.disk() - before.disk()) / (double) waiters));
    }
  }

  /** Starts executions until that many wait. */
  private static void fill(Durable durable, Workflow<Integer, Integer> workflow, int wanted)
      throws InterruptedException {
    while (true) {
      long there = durable.countByStatus(q -> {}).values().stream().mapToLong(n -> n).sum();
      if (there >= wanted) {
        break;
      }
      int more = (int) Math.min(BATCH, wanted - there);
      durable.startAll(workflow, IntStream.range(0, more).boxed().toList(), (n, options) -> {});
    }
    while (durable.countByStatus(q -> {}).getOrDefault(ExecutionStatus.WAITING, 0L) < wanted) {
      Thread.sleep(50);
    }
  }
}
