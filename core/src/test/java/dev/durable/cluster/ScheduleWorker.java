package dev.durable.cluster;

import dev.durable.Durable;
import dev.durable.testing.JavaProcess;
import dev.durable.testing.TestDatabase;
import dev.durable.workflow.Workflow;
import java.io.IOException;
import java.time.Duration;
import org.postgresql.ds.PGSimpleDataSource;

/** A worker in a JVM of its own that serves the ticks of any schedule. */
final class ScheduleWorker {

  /** What the ticks start. */
  static final Workflow<String, String> TICKED =
      Workflow.define("ticked", String.class).step("s", text -> text).build();

  private ScheduleWorker() {}

  static JavaProcess process(TestDatabase db, String name) throws IOException {
    return JavaProcess.start(ScheduleWorker.class, db.url(), db.user(), db.password(), name);
  }

  /** Runs a worker until the process is killed: url, user, password, name. */
  public static void main(String[] args) throws InterruptedException {
    PGSimpleDataSource dataSource = new PGSimpleDataSource();
    dataSource.setURL(args[0]);
    dataSource.setUser(args[1]);
    dataSource.setPassword(args[2]);
    try (Durable durable =
        Durable.on(dataSource)
            .worker(
                w -> w.name(args[3]).lease(Duration.ofSeconds(2)).heartbeat(Duration.ofMillis(400)))
            .register(TICKED)
            .startWorker()) {
      Thread.currentThread().join();
    }
  }
}
