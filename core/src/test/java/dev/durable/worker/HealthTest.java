package dev.durable.worker;

import static dev.durable.testing.DurableFixture.SOON;
import static org.assertj.core.api.Assertions.assertThat;

import dev.durable.Durable;
import dev.durable.testing.DatabaseExtension;
import dev.durable.testing.Gate;
import dev.durable.testing.Proves;
import dev.durable.testing.TestDatabase;
import dev.durable.workflow.Workflow;
import java.sql.SQLException;
import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Proves("F2.2")
@DisplayName("An instance reports whether it can do its work")
@ExtendWith(DatabaseExtension.class)
@Tag("newest")
class HealthTest {

  private static final Workflow<String, String> GREET =
      Workflow.define("greet", String.class).step("hello", name -> "Hello " + name).build();

  private final TestDatabase db;

  HealthTest(TestDatabase db) {
    this.db = db;
  }

  @Test
  void workersAndClientsAreHealthyUntilTheyAreClosed() {
    Durable worker = worker(new ThreadFaults(db.dataSource()));
    Durable client = Durable.on(db.dataSource()).register(GREET).build();
    assertThat(worker.start(GREET, "Ada").result(SOON)).isEqualTo("Hello Ada");
    assertThat(worker.health().reasons()).isEmpty();
    assertThat(client.health().isHealthy()).isTrue();
    worker.close();
    client.close();
    assertThat(worker.health().toString()).contains("unhealthy", "closed");
    assertThat(client.health().isHealthy()).isFalse();
  }

  @Test
  @DisplayName("A failing heartbeat is reported, until one succeeds")
  void aFailedHeartbeatIsTold() {
    ThreadFaults faults = new ThreadFaults(db.dataSource());
    try (Durable worker = worker(faults)) {
      faults.hit("-heartbeat", "getConnection", 1_000_000, () -> away());
      Gate.until(() -> !worker.health().isHealthy());
      assertThat(worker.health().toString()).contains("heartbeat", "no database today");
      faults.hit("-heartbeat", "getConnection", 0, () -> away());
      Gate.until(() -> worker.health().isHealthy());
      assertThat(worker.start(GREET, "Ada").result(SOON)).isEqualTo("Hello Ada");
    }
  }

  @Test
  @DisplayName("A pool without a free connection is reported, until it gives one")
  void aDryPoolIsTold() {
    ThreadFaults faults = new ThreadFaults(db.dataSource());
    Gate gate = new Gate();
    try (Durable worker = worker(faults)) {
      faults.hit(
          "-takeover",
          "getConnection",
          1,
          () -> {
            gate.passUninterrupted();
            return away();
          });
      Gate.until(
          () -> worker.health().toString().contains("-takeover has waited for a connection"));
      gate.open();
      Gate.until(() -> worker.health().isHealthy());
    } finally {
      gate.open();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"step_executions", "workflow_executions"})
  @DisplayName("A missing table is reported in the server's words, until it is back")
  void aLostTableIsTold(String table) {
    try (Durable worker = worker(new ThreadFaults(db.dataSource()))) {
      db.update("alter table durable." + table + " rename to gone");
      try {
        Thread.startVirtualThread(() -> worker.start(GREET, "Ada"));
        Gate.until(() -> worker.health().toString().contains("\"durable." + table + "\" does not"));
      } finally {
        db.update("alter table durable.gone rename to " + table);
      }
      Gate.until(() -> worker.health().isHealthy());
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"-claimer", "-takeover"})
  @DisplayName("A stalled thread costs the lease; when it recovers, the worker works again")
  void aThreadThatStandsStillCostsTheLease(String thread) {
    ThreadFaults faults = new ThreadFaults(db.dataSource());
    Gate gate = new Gate();
    try (Durable worker = worker(faults);
        Durable other =
            Durable.on(db.dataSource()).register(GREET).worker(w -> w.name("other")).build()) {
      faults.hit(
          thread,
          "execute",
          1,
          () -> {
            gate.passUninterrupted();
            return away();
          });
      other.start(GREET, "Ada", with -> with.delay(Duration.ofMillis(1)));
      gate.awaitReached();
      untilItHasNoLease(worker);
      assertThat(worker.health().reasons().toString()).contains(thread, "stood still");
      Gate.until(
          () -> db.number("select count(*) from durable.workers where dead_at is null") == 0);
      gate.open();
      Gate.until(() -> worker.health().isHealthy());
      assertThat(other.start(GREET, "Ada").result(SOON)).isEqualTo("Hello Ada");
    }
  }

  /** It takes several times as long as one answer of the database may take. */
  private static void untilItHasNoLease(Durable worker) {
    long end = System.nanoTime() + Duration.ofMinutes(2).toNanos();
    while (!worker.health().reasons().toString().contains("no lease")) {
      assertThat(System.nanoTime() - end).as("time left").isNegative();
      LockSupport.parkNanos(20_000_000);
    }
  }

  private static SQLException away() {
    return new SQLException("no database today", "08001");
  }

  private Durable worker(ThreadFaults faults) {
    return Durable.on(faults.dataSource())
        .register(GREET)
        .worker(
            w ->
                w.lease(Duration.ofSeconds(1))
                    .heartbeat(Duration.ofMillis(100))
                    .pollInterval(Duration.ofMillis(50)))
        .startWorker();
  }
}
