package dev.durable.torture;

import dev.durable.Durable;
import dev.durable.DurableBuilder;
import dev.durable.workflow.Workflow;
import java.time.Duration;
import javax.sql.DataSource;
import org.postgresql.ds.PGSimpleDataSource;

/** A worker for bodies that take their whole process with them; by {@link #main} a process. */
final class PoisonWorker {

  private PoisonWorker() {}

  /** What the input says: {@code exit} the JVM, or go round for ever on {@code every} carrier. */
  static Workflow<String, String> poison() {
    return Workflow.define("poison", String.class)
        .step(
            "swallow",
            text -> {
              switch (text) {
                case "exit" -> System.exit(3);
                case "loop" -> loop();
                default -> {}
              }
              return text;
            })
        .build();
  }

  static DurableBuilder builder(DataSource dataSource, String name) {
    return Durable.on(dataSource)
        .worker(
            w ->
                w.name(name)
                    .lease(Duration.ofMillis(1_500))
                    .heartbeat(Duration.ofMillis(300))
                    .pollInterval(Duration.ofMillis(200))
                    .maxRecoveries(0))
        .register(poison());
  }

  /** Runs a worker until the process ends: url, user, password, name. */
  public static void main(String[] args) throws InterruptedException {
    PGSimpleDataSource dataSource = new PGSimpleDataSource();
    dataSource.setURL(args[0]);
    dataSource.setUser(args[1]);
    dataSource.setPassword(args[2]);
    try (Durable durable = builder(dataSource, args[3]).startWorker()) {
      Thread.currentThread().join();
    }
  }

  /** Neither blocks nor heeds an interrupt. */
  private static void loop() {
    long turns = 0;
    while (turns >= 0) {
      turns = (turns + 1) & Long.MAX_VALUE;
    }
  }
}
