package dev.durable.crash;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import dev.durable.Durable;
import dev.durable.testing.JavaProcess;
import dev.durable.testing.TestDatabase;
import dev.durable.workflow.Workflow;
import java.io.IOException;
import java.time.Duration;
import java.util.Random;

/**
 * A worker in a JVM of its own that serves any schedule and a limited queue, and loses answers of
 * the database at random.
 */
final class StormWorker {

  static final Duration LEASE = Duration.ofSeconds(2);

  static final String QUEUE = "jobs";
  static final int ALL = 4;
  static final int PER_KEY = 2;
  static final int RATE = 30;
  static final Duration PERIOD = Duration.ofSeconds(3);

  /** For so many milliseconds it works, then it sleeps, and works as long again. */
  static final Workflow<Integer, Integer> JOB =
      Workflow.define("job", Integer.class, with -> with.queue(QUEUE))
          .step("first", StormWorker::worked)
          .sleep("pause", Duration.ofMillis(20))
          .step("second", StormWorker::worked)
          .build();

  private static final double LOST_ANSWERS = 0.005;

  private StormWorker() {}

  private static Integer worked(Integer millis) throws InterruptedException {
    Thread.sleep(millis);
    return millis;
  }

  static JavaProcess process(TestDatabase db, String name, long seed) throws IOException {
    return JavaProcess.start(
        StormWorker.class, db.url(), db.user(), db.password(), name, Long.toString(seed));
  }

  /** Runs a worker until the process is killed: url, user, password, name, seed. */
  public static void main(String[] args) throws InterruptedException {
    HikariConfig config = new HikariConfig();
    config.setJdbcUrl(args[0]);
    config.setUsername(args[1]);
    config.setPassword(args[2]);
    config.setMaximumPoolSize(10);
    config.setMinimumIdle(0);
    try (HikariDataSource pool = new HikariDataSource(config)) {
      FaultyDataSource data = new FaultyDataSource(pool);
      data.loseAnswers(new Random(Long.parseLong(args[4])), LOST_ANSWERS);
      try (Durable durable =
          Durable.on(data.dataSource())
              .register(JOB)
              .worker(
                  w ->
                      w.name(args[3])
                          .lease(LEASE)
                          .heartbeat(LEASE.dividedBy(5))
                          .pollInterval(Duration.ofMillis(200))
                          // What is killed with its worker again and again is not to blame.
                          .maxRecoveries(10_000)
                          .queue(
                              QUEUE,
                              q -> q.globalConcurrency(ALL).perKey(PER_KEY).rate(RATE, PERIOD)))
              .startWorker()) {
        Thread.currentThread().join();
      }
    }
  }
}
