package dev.durable.benchmarks;

import static java.time.Duration.ofMinutes;
import static java.time.Duration.ofSeconds;

import com.zaxxer.hikari.HikariDataSource;
import dev.durable.Durable;
import dev.durable.execution.ExecutionHandle;
import dev.durable.execution.ExecutionStatus;
import dev.durable.workflow.Workflow;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.stream.IntStream;

/**
 * S: many executions sleep for ten seconds, and become due as fast as they were started: how late
 * the next step begins, by the clock that the database shares with us; and what they cost while all
 * of them sleep.
 */
record Sleepers() implements Scenario {

  private static final int SECONDS = 10;
  private static final int WARM_UP_ROUNDS = 2;

  @Override
  public String id() {
    return "S";
  }

  @Override
  public boolean fits(Driver driver) {
    return driver instanceof DurableDriver;
  }

  @Override
  public List<Sample> measure(Lab lab) throws Exception {
    int sleepers = lab.sizes().executions();
    AtomicLongArray begun = new AtomicLongArray(sleepers);
    Workflow<Integer, Integer> nap = workflow("nap", 1, begun);
    Workflow<Integer, Integer> sleep =
        workflow("sleeper", Math.min(SECONDS, 2 * lab.sizes().idleSeconds()), begun);
    List<Sample> samples = new ArrayList<>();
    try (HikariDataSource pool = lab.target().pool(Target.POOL);
        Durable durable = Durable.on(pool).migrate(true).register(nap, sleep).start()) {
      for (int i = 0; i < WARM_UP_ROUNDS; i++) {
        awaitAll(start(durable, nap, sleepers));
      }
      Server.checkpoint(lab.target());
      long heap = Heap.used();
      List<ExecutionHandle<Integer>> handles = start(durable, sleep, sleepers);
      samples.addAll(asleep(lab, durable, sleepers, heap));
      awaitAll(handles);
    }
    List<Double> late = lateness(lab.target(), begun);
    samples.addAll(
        0,
        List.of(
            new Sample("late_p50_ms", "ms", Figures.percentile(late, 50)),
            new Sample("late_p99_ms", "ms", Figures.percentile(late, 99)),
            new Sample("late_max_ms", "ms", Figures.percentile(late, 100))));
    return samples;
  }

  private static Workflow<Integer, Integer> workflow(
      String name, int seconds, AtomicLongArray begun) {
    return Workflow.define(name, Integer.class)
        .sleep("rest", ofSeconds(seconds))
        .step(
            "next",
            n -> {
              begun.set(n, micros(Instant.now()));
              return n;
            })
        .build();
  }

  private static List<ExecutionHandle<Integer>> start(
      Durable durable, Workflow<Integer, Integer> workflow, int sleepers) {
    return durable.startAll(
        workflow, IntStream.range(0, sleepers).boxed().toList(), (n, options) -> options);
  }

  private static void awaitAll(List<ExecutionHandle<Integer>> handles) throws Exception {
    for (ExecutionHandle<Integer> handle : handles) {
      handle.result(ofMinutes(2));
    }
  }

  /** Half of the time that they sleep is left for it. */
  private static List<Sample> asleep(Lab lab, Durable durable, int sleepers, long heap)
      throws Exception {
    while (durable.countByStatus(q -> q).getOrDefault(ExecutionStatus.WAITING, 0L) < sleepers) {
      Thread.sleep(20);
    }
    long more = Heap.used() - heap;
    try (Quiet quiet = Quiet.watch(lab)) {
      Thread.sleep(500L * Math.min(SECONDS, lab.sizes().idleSeconds()));
      return List.of(
          new Sample("queries_per_s", "1/s", quiet.queriesPerSecond()),
          new Sample("heap_bytes", "B", Math.max(0, more) / (double) sleepers));
    }
  }

  private static List<Double> lateness(Target target, AtomicLongArray begun) throws SQLException {
    String sql =
        """
        select e.input::int, (extract(epoch from s.wake_at) * 1000000)::bigint
        from durable.workflow_executions e
        join durable.step_executions s on s.workflow_id = e.id
        where e.workflow_name = 'sleeper' and s.path = 'rest/rest'
        """;
    List<Double> late = new ArrayList<>();
    try (Connection connection = target.connect();
        Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(sql)) {
      while (row.next()) {
        late.add((begun.get(row.getInt(1)) - row.getLong(2)) / 1e3);
      }
    }
    return late;
  }

  private static long micros(Instant time) {
    return ChronoUnit.MICROS.between(Instant.EPOCH, time);
  }
}
