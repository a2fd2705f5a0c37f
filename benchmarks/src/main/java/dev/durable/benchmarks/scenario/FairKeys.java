package dev.durable.benchmarks.scenario;

import com.zaxxer.hikari.HikariDataSource;
import dev.durable.Durable;
import dev.durable.benchmarks.driver.Driver;
import dev.durable.benchmarks.driver.DurableDriver;
import dev.durable.benchmarks.driver.Target;
import dev.durable.benchmarks.measure.Figures;
import dev.durable.benchmarks.measure.Lab;
import dev.durable.benchmarks.measure.Sample;
import dev.durable.benchmarks.measure.Server;
import dev.durable.execution.ExecutionHandle;
import dev.durable.workflow.Workflow;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;

/**
 * Z: a hundred keys take turns in a queue that runs two executions of each. All but one have a
 * steady small load: the time from when they are due until their step begins, by the clock that
 * this JVM shares with the database, while the last key has nothing to do, and while it has a long
 * backlog.
 */
record FairKeys() implements Scenario {

  private static final String QUEUE = "tenants";
  private static final int KEYS = 100;
  private static final int PER_KEY = 2;
  private static final int BACKLOG = 10;
  private static final int BATCH = 1_000;
  private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(10);
  private static final Duration WORK = Duration.ofMillis(10);
  private static final Duration PATIENCE = Duration.ofMinutes(2);

  /** The number of an execution of the key with the backlog: nothing is noted of it. */
  private static final int OF_BACKLOG = -1;

  @Override
  public String id() {
    return "Z";
  }

  @Override
  public boolean fits(Driver driver) {
    return driver instanceof DurableDriver;
  }

  @Override
  public List<Sample> measure(Lab lab) throws Exception {
    Begins begins = new Begins();
    Workflow<Integer, Integer> job =
        Workflow.define("job", Integer.class, with -> with.queue(QUEUE))
            .step("work", begins::note)
            .build();
    try (HikariDataSource pool = lab.target().pool(Target.POOL);
        Durable durable =
            Durable.on(pool)
                .migrate(true)
                .register(job)
                .worker(w -> w.queue(QUEUE, q -> q.perKey(PER_KEY).fair()))
                .startWorker()) {
      Keys keys = new Keys(lab.target(), durable, job, begins);
      int starts = lab.sizes().executions() / 4;
      keys.load(starts); // warms up
      Server.checkpoint(lab.target());
      List<Double> alone = keys.load(starts);
      fill(durable, job, BACKLOG * lab.sizes().executions());
      Server.checkpoint(lab.target());
      keys.load(starts / 2); // so that the statistics know the backlog
      int before = begins.ofBacklog.get();
      long begin = System.nanoTime();
      List<Double> beside = keys.load(starts);
      double seconds = (System.nanoTime() - begin) / 1e9;
      double p99 = Figures.percentile(beside, 99);
      return List.of(
          new Sample("alone_p50_ms", "ms", Figures.percentile(alone, 50)),
          new Sample("alone_p99_ms", "ms", Figures.percentile(alone, 99)),
          new Sample("beside_p50_ms", "ms", Figures.percentile(beside, 50)),
          new Sample("beside_p99_ms", "ms", p99),
          new Sample("p99_ratio", "", p99 / Figures.percentile(alone, 99)),
          new Sample("backlog_per_s", "1/s", (begins.ofBacklog.get() - before) / seconds));
    }
  }

  private static void fill(Durable durable, Workflow<Integer, Integer> job, int executions) {
    for (int done = 0; done < executions; done += BATCH) {
      List<Integer> inputs =
          IntStream.range(done, Math.min(executions, done + BATCH))
              .map(n -> OF_BACKLOG)
              .boxed()
              .toList();
      durable.startAll(job, inputs, (n, options) -> options.limitKey("backlog"));
    }
  }

  /** The keys with the steady load. */
  private record Keys(
      Target target, Durable durable, Workflow<Integer, Integer> job, Begins begins) {

    /** Starts so many, one after the other; how long each was due before it began. */
    List<Double> load(int starts) throws Exception {
      begins.micros.clear();
      List<ExecutionHandle<Integer>> handles = new ArrayList<>();
      Instant since = Instant.now();
      long begin = System.nanoTime();
      for (int i = 0; i < starts; i++) {
        String key = "key-" + i % (KEYS - 1);
        handles.add(durable.start(job, i, options -> options.limitKey(key)));
        TimeUnit.NANOSECONDS.sleep(begin + (i + 1) * PAUSE_NANOS - System.nanoTime());
      }
      for (ExecutionHandle<Integer> handle : handles) {
        handle.result(PATIENCE);
      }
      return waits(since);
    }

    private List<Double> waits(Instant since) throws SQLException {
      String sql =
          """
          select input::text::int, (extract(epoch from inserted_at) * 1000000)::bigint
          from durable.workflow_executions
          where limit_key like 'key-%%' and inserted_at >= '%s'
          """
              .formatted(since);
      List<Double> waits = new ArrayList<>();
      try (Connection connection = target.connect();
          Statement statement = connection.createStatement();
          ResultSet row = statement.executeQuery(sql)) {
        while (row.next()) {
          long begun = Objects.requireNonNull(begins.micros.get(row.getInt(1)));
          waits.add((begun - row.getLong(2)) / 1e3);
        }
      }
      return waits;
    }
  }

  /** When the executions have begun. */
  private static final class Begins {

    private final Map<Integer, Long> micros = new ConcurrentHashMap<>();
    private final AtomicInteger ofBacklog = new AtomicInteger();

    int note(int number) throws InterruptedException {
      if (number == OF_BACKLOG) {
        ofBacklog.incrementAndGet();
      } else {
        micros.put(number, ChronoUnit.MICROS.between(Instant.EPOCH, Instant.now()));
      }
      Thread.sleep(WORK);
      return number;
    }
  }
}
