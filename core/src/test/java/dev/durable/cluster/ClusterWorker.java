package dev.durable.cluster;

import dev.durable.Durable;
import dev.durable.DurableBuilder;
import dev.durable.testing.JavaProcess;
import dev.durable.testing.TestDatabase;
import dev.durable.workflow.Workflow;
import java.io.IOException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Duration;
import javax.sql.DataSource;
import org.postgresql.ds.PGSimpleDataSource;

/** The worker of the cluster tests: in this JVM, or as a process of its own by {@link #main}. */
final class ClusterWorker {

  static final Duration LEASE = Duration.ofMillis(2_500);

  private ClusterWorker() {}

  /** Each body leaves a trace; the gated one waits until it is let go. Results name the worker. */
  static Workflow<String, String> gated(DataSource trace, String worker) {
    return Workflow.define("gated", String.class)
        .step("first", text -> traced(trace, worker, text, "first"))
        .step(
            "gate",
            (text, step) -> {
              String result = traced(trace, worker, step.input(), "gate");
              awaitGate(trace, step.input());
              return result;
            })
        .step("last", (text, step) -> text + "," + traced(trace, worker, step.input(), "last"))
        .build();
  }

  /** Three steps without a gate, the first of which takes a little while. */
  static Workflow<Integer, String> count(DataSource trace, String worker) {
    return Workflow.define("count", Integer.class)
        .step(
            "one",
            String.class,
            n -> {
              Thread.sleep(5); // The work that is shared.
              return worker;
            })
        .step("two", text -> text)
        .step("three", text -> text)
        .build();
  }

  static DurableBuilder builder(DataSource dataSource, String worker) {
    return Durable.on(dataSource)
        .worker(
            w ->
                w.name(worker)
                    .lease(LEASE)
                    .heartbeat(LEASE.dividedBy(5))
                    .pollInterval(Duration.ofMillis(200)))
        .register(gated(dataSource, worker), count(dataSource, worker));
  }

  /** A worker in a JVM of its own. */
  static JavaProcess process(TestDatabase db, String name) throws IOException {
    return JavaProcess.start(ClusterWorker.class, db.url(), db.user(), db.password(), name);
  }

  /** Runs a worker until the process is killed: url, user, password, name. */
  public static void main(String[] args) throws InterruptedException {
    PGSimpleDataSource dataSource = new PGSimpleDataSource();
    dataSource.setURL(args[0]);
    dataSource.setUser(args[1]);
    dataSource.setPassword(args[2]);
    try (Durable durable = builder(dataSource, args[3]).startWorker()) {
      Thread.currentThread().join();
    }
  }

  private static String traced(DataSource trace, String worker, String execution, String step)
      throws SQLException {
    try (Connection connection = trace.getConnection();
        PreparedStatement insert =
            connection.prepareStatement(
                "insert into bodies (execution, step, worker) values (?, ?, ?)")) {
      insert.setString(1, execution);
      insert.setString(2, step);
      insert.setString(3, worker);
      insert.executeUpdate();
    }
    return worker;
  }

  /** Waits for an advisory lock that the test holds: no polling, and a paused JVM stays paused. */
  private static void awaitGate(DataSource trace, String execution) throws SQLException {
    try (Connection connection = trace.getConnection();
        PreparedStatement wait =
            connection.prepareStatement(
                "select pg_advisory_lock_shared(hashtext(?)), pg_advisory_unlock_shared(hashtext(?))")) {
      wait.setString(1, execution);
      wait.setString(2, execution);
      wait.execute();
    }
  }
}
