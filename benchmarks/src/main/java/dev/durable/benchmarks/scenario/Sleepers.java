package dev.durable.benchmarks.scenario;

import static java.time.Duration.ofMinutes;
import static java.time.Duration.ofSeconds;

import com.zaxxer.hikari.HikariDataSource;
import dev.durable.Durable;
import dev.durable.benchmarks.driver.Driver;
import dev.durable.benchmarks.driver.DurableDriver;
import dev.durable.benchmarks.driver.Target;
import dev.durable.benchmarks.measure.Figures;
import dev.durable.benchmarks.measure.Heap;
import dev.durable.benchmarks.measure.Lab;
import dev.durable.benchmarks.measure.Quiet;
import dev.durable.benchmarks.measure.Sample;
import dev.durable.benchmarks.measure.Server;
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
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.stream.IntStream;

/**
 * S: many executions sleep for ten seconds: the delay of the next step, by the clock that this JVM
 * shares with the database, and the cost while all of them sleep.
 *
 * @param due whether all become due as fast as they were started, or spread over time
 */
record Sleepers(Due due) implements Scenario {

  private static final int SECONDS = 10;
  private static final int SLICES = 100;
  private static final int WARM_UP_ROUNDS = 2;

  /** The times at which executions that sleep equally long become due. */
  enum Due {
    /** As fast as they were started. */
    AT_ONCE,
    /** Spread over as long as they sleep. */
    SPREAD
  }

  @Override
  public String id() {
    return "S";
  }

  @Override
  public Map<String, Object> settings() {
    return Map.of("due", due);
  }

  @Override
  public boolean fits(Driver driver) {
    return driver instanceof DurableDriver;
  }

  @Override
  public List<Sample> measure(Lab lab) throws Exception {
    int sleepers = lab.sizes().executions();
    int seconds = Math.min(SECONDS, 2 * lab.sizes().idleSeconds());
    AtomicLongArray begun = new AtomicLongArray(sleepers);
    Workflow<Integer, Integer> nap = workflow("nap", 1, begun);
    Workflow<Integer, Integer> sleep = workflow("sleeper", seconds, begun);
    Workflow<Integer, Integer> hibernate = workflow("long_sleeper", 3_600, begun);
    List<Sample> samples = new ArrayList<>();
    try (HikariDataSource pool = lab.target().pool(Target.POOL);
        Durable durable =
            Durable.on(pool).migrate(true).register(nap, sleep, hibernate).startWorker()) {
      for (int i = 0; i < WARM_UP_ROUNDS; i++) {
        awaitAll(start(durable, nap, 0, sleepers));
      }
      Server.checkpoint(lab.target());
      awaitAll(
          due == Due.SPREAD
              ? startOver(seconds, durable, sleep, sleepers)
              : start(durable, sleep, 0, sleepers));
      if (due == Due.AT_ONCE) {
        samples.addAll(asleep(lab, durable, hibernate, sleepers));
      }
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
      Durable durable, Workflow<Integer, Integer> workflow, int from, int to) {
    return durable.startAll(
        workflow, IntStream.range(from, to).boxed().toList(), (n, options) -> {});
  }

  private static List<ExecutionHandle<Integer>> startOver(
      int seconds, Durable durable, Workflow<Integer, Integer> workflow, int sleepers)
      throws InterruptedException {
    List<ExecutionHandle<Integer>> handles = new ArrayList<>();
    long begin = System.nanoTime();
    for (int i = 0; i < SLICES; i++) {
      handles.addAll(start(durable, workflow, sleepers * i / SLICES, sleepers * (i + 1) / SLICES));
      long next = begin + seconds * 1_000_000_000L * (i + 1) / SLICES;
      TimeUnit.NANOSECONDS.sleep(next - System.nanoTime());
    }
    return handles;
  }

  private static void awaitAll(List<ExecutionHandle<Integer>> handles) throws Exception {
    for (ExecutionHandle<Integer> handle : handles) {
      handle.result(ofMinutes(2));
    }
  }

  private static List<Sample> asleep(
      Lab lab, Durable durable, Workflow<Integer, Integer> workflow, int sleepers)
      throws Exception {
    long heap = Heap.used();
    start(durable, workflow, 0, sleepers);
    while (durable.countByStatus(q -> {}).getOrDefault(ExecutionStatus.WAITING, 0L) < sleepers) {
      Thread.sleep(20);
    }
    long more = Heap.used() - heap;
    return List.of(
        new Sample("queries_per_s", "1/s", Quiet.queriesPerSecond(lab)),
        new Sample("heap_bytes", "B", Math.max(0, more) / (double) sleepers));
  }

  private static List<Double> lateness(Target target, AtomicLongArray begun) throws SQLException {
    String sql =
        """
        select e.input::text::int, (extract(epoch from s.wake_at) * 1000000)::bigint
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
