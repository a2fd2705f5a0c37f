package dev.durable.benchmarks.scenario;

import com.zaxxer.hikari.HikariDataSource;
import dev.durable.Durable;
import dev.durable.benchmarks.driver.Driver;
import dev.durable.benchmarks.driver.DurableDriver;
import dev.durable.benchmarks.driver.Target;
import dev.durable.benchmarks.measure.Figures;
import dev.durable.benchmarks.measure.Lab;
import dev.durable.benchmarks.measure.Load;
import dev.durable.benchmarks.measure.Sample;
import dev.durable.benchmarks.measure.Server;
import dev.durable.schedule.Schedule;
import dev.durable.workflow.Workflow;
import java.io.IOException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;

/**
 * K: many schedules tick at the same time: the delay until the last execution is started and its
 * schedule has moved on, which is one commit, and until the last one has begun.
 *
 * @param served who runs the executions
 */
record DueSchedules(Served served) implements Scenario {

  private static final int LANES = 32;
  private static final int FEW = 1_000;
  private static final int WARM_UP_TICKS = 2;
  private static final Duration EARLY = Duration.ofMillis(500);
  private static final Duration PATIENCE = Duration.ofMinutes(2);

  /** Who runs the executions of the ticks. */
  enum Served {
    /** No worker: they stay pending. */
    ELSEWHERE,
    /** The worker that starts them. */
    HERE
  }

  @Override
  public String id() {
    return "K";
  }

  @Override
  public Map<String, Object> settings() {
    return Map.of("served", served);
  }

  @Override
  public boolean fits(Driver driver) {
    return driver instanceof DurableDriver;
  }

  @Override
  public List<Sample> measure(Lab lab) throws Exception {
    int schedules = lab.sizes().executions();
    Begins begins = new Begins();
    Workflow<String, String> job =
        Workflow.define("job", String.class, with -> with.queue(served.name()))
            .step("work", begins::note)
            .build();
    try (HikariDataSource pool = lab.target().pool(Target.POOL);
        Durable client = Durable.on(pool).migrate(true).register(job).build()) {
      String expression = schedules < FEW ? "*/5 * * * * *" : "* * * * *";
      Load.each(schedules, LANES, 600, n -> client.schedules().put(schedule(n, job, expression)));
      try (Durable worker =
              Durable.on(pool).register(served == Served.HERE ? job : other()).startWorker();
          Connection observer = lab.target().connect()) {
        return ticks(lab, schedules, begins, observer);
      }
    }
  }

  /** A worker serves the queues of the workflows that it has registered. */
  private static Workflow<String, String> other() {
    return Workflow.define("other", String.class).step("work", input -> input).build();
  }

  private static Schedule<String> schedule(
      int number, Workflow<String, String> job, String expression) {
    return Schedule.cron(
        "schedule-" + number, job, expression, ZoneOffset.UTC, with -> with.input("n" + number));
  }

  private List<Sample> ticks(Lab lab, int schedules, Begins begins, Connection observer)
      throws Exception {
    List<Double> started = new ArrayList<>();
    List<Double> begun = new ArrayList<>();
    for (int i = 0; i < WARM_UP_TICKS + lab.sizes().rounds(); i++) {
      Instant tick = awaitTick(lab, observer, begins);
      double last = awaitStarts(observer, tick);
      if (i >= WARM_UP_TICKS) {
        started.add(last);
      }
      if (served == Served.HERE) {
        double ran = begins.await(schedules, tick);
        if (i >= WARM_UP_TICKS) {
          begun.add(ran);
        }
      }
    }
    List<Sample> samples = new ArrayList<>();
    samples.add(new Sample("last_start_ms", "ms", Figures.median(started)));
    if (served == Served.HERE) {
      samples.add(new Sample("last_begin_ms", "ms", Figures.median(begun)));
    }
    return samples;
  }

  /** Waits until just before the next tick, which all schedules have in common. */
  private static Instant awaitTick(Lab lab, Connection observer, Begins begins)
      throws SQLException, InterruptedException {
    String sql = "select max(next_tick_at) from durable.scheduled_workflows";
    Instant tick = time(observer, sql);
    if (Duration.between(Instant.now(), tick).compareTo(EARLY) < 0) {
      Thread.sleep(EARLY.multipliedBy(2));
      tick = time(observer, sql);
    }
    Server.checkpoint(lab.target());
    Thread.sleep(Duration.between(Instant.now(), tick.minus(EARLY.dividedBy(2))));
    begins.clear();
    return tick;
  }

  /** Waits until no schedule has the tick before it; the delay in milliseconds. */
  private static double awaitStarts(Connection observer, Instant tick) throws Exception {
    Thread.sleep(Duration.between(Instant.now(), tick));
    String sql =
        "select exists (select from durable.scheduled_workflows where next_run_at <= '%s')"
            .formatted(tick);
    try (PreparedStatement query = observer.prepareStatement(sql)) {
      while (isTrue(query)) {
        requirePatience(tick);
        Thread.sleep(5);
      }
    }
    return since(tick);
  }

  private static boolean isTrue(PreparedStatement query) throws SQLException {
    try (ResultSet row = query.executeQuery()) {
      row.next();
      return row.getBoolean(1);
    }
  }

  private static Instant time(Connection connection, String sql) throws SQLException {
    try (PreparedStatement query = connection.prepareStatement(sql);
        ResultSet row = query.executeQuery()) {
      row.next();
      return row.getTimestamp(1).toInstant();
    }
  }

  private static double since(Instant tick) {
    return Duration.between(tick, Instant.now()).toNanos() / 1e6;
  }

  private static void requirePatience(Instant tick) throws IOException {
    if (Instant.now().isAfter(tick.plus(PATIENCE))) {
      throw new IOException("The tick of " + tick + " has not been served after " + PATIENCE);
    }
  }

  /** The executions that have begun since the last tick, and when the last of them did. */
  private static final class Begins {

    private final LongAdder number = new LongAdder();
    private final AtomicLong last = new AtomicLong();

    String note(String input) {
      last.accumulateAndGet(System.currentTimeMillis(), Math::max);
      number.increment();
      return input;
    }

    void clear() {
      number.reset();
    }

    double await(int all, Instant tick) throws IOException, InterruptedException {
      while (number.sum() < all) {
        requirePatience(tick);
        Thread.sleep(5);
      }
      return last.get() - tick.toEpochMilli();
    }
  }
}
