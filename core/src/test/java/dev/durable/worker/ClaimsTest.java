package dev.durable.worker;

import static dev.durable.testing.DurableFixture.SOON;
import static dev.durable.testing.DurableFixture.untilStatus;
import static org.assertj.core.api.Assertions.assertThat;

import dev.durable.Durable;
import dev.durable.DurableBuilder;
import dev.durable.execution.ExecutionHandle;
import dev.durable.execution.ExecutionStatus;
import dev.durable.testing.DatabaseExtension;
import dev.durable.testing.ExecutionRows;
import dev.durable.testing.Gate;
import dev.durable.testing.Proves;
import dev.durable.testing.TestDatabase;
import dev.durable.workflow.Workflow;
import java.sql.Connection;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@DisplayName("One bad execution, or one lock, stops no other")
@ExtendWith(DatabaseExtension.class)
class ClaimsTest {

  private static final int MANY = 20;

  private final TestDatabase db;
  private final Workflow<String, Integer> length =
      Workflow.define("length", String.class)
          .step("first", text -> text)
          .step("second", Integer.class, String::length)
          .build();

  ClaimsTest(TestDatabase db) {
    this.db = db;
  }

  @BeforeEach
  void queue() {
    db.deleteExecutions();
    db.deleteWorkers();
    db.createDefaultQueue();
  }

  @ParameterizedTest(name = "{0}")
  @Proves("F11.1")
  @DisplayName("One row that cannot be read is parked, and the others run")
  @ValueSource(
      strings = {
        "set tags = '{\"a\": null}'",
        "set tags = '[1]'",
        "set tags = '\"text\"'",
        "set compensation_results = '\"text\"', status = 'compensating', error = '{}'",
        "set compensation_results = '[1, 2]', status = 'compensating', error = '{}'"
      })
  void oneUnreadableRowIsParked(String damage) {
    oneIsParked(
        id -> db.update("update durable.workflow_executions " + damage + " where id = ?", id));
  }

  @ParameterizedTest(name = "{0}")
  @Proves("F11.1")
  @DisplayName("One history that cannot be read parks its execution, and the others run")
  @ValueSource(strings = {"error = '\"text\"'", "error = '[1]'", "step_type = 'unheard_of'"})
  void oneUnreadableHistoryIsParked(String damage) {
    oneIsParked(
        id -> {
          db.markClaimed(id);
          db.addStep(id, 0, "first", 1, "completed");
          db.update("update durable.step_executions set " + damage + " where workflow_id = ?", id);
        });
  }

  private void oneIsParked(Consumer<UUID> damage) {
    try (Durable client = Durable.on(db.dataSource()).register(length).build()) {
      List<ExecutionHandle<Integer>> handles = new ArrayList<>();
      for (int i = 0; i < MANY; i++) {
        handles.add(client.start(length, "x".repeat(i)));
      }
      UUID bad = handles.get(3).id();
      damage.accept(bad);
      try (Durable worker =
          worker().worker(w -> w.queue("default", q -> q.concurrency(5))).startWorker()) {
        for (int i = 0; i < MANY; i++) {
          if (i != 3) {
            assertThat(handles.get(i).result(SOON)).isEqualTo(i);
          }
        }
        Gate.until(
            () ->
                db.rows("select status from durable.workflow_executions where id = ?", bad)
                    .contains("parked"));
        assertThat(
                db.rows(
                    "select error ->> 'type' from durable.workflow_executions where id = ?", bad))
            .containsExactly("unreadable");
        // No slot has been lost.
        List<ExecutionHandle<Integer>> more =
            worker.startAll(
                length, IntStream.range(0, 20).mapToObj("y"::repeat).toList(), (i, w) -> {});
        for (int i = 0; i < more.size(); i++) {
          assertThat(more.get(i).result(SOON)).isEqualTo(i);
        }
      }
    }
    db.deleteExecutions();
  }

  @ParameterizedTest(name = "wake_at = {0}, deadline_at = {1}")
  @Proves("F11.1")
  @DisplayName("Times beyond any clock stop no claim")
  @CsvSource({
    "infinity, ",
    "-infinity, ",
    "290000-01-01, ",
    "4000-01-01 BC, ",
    "now, infinity",
    "now, 290000-01-01",
    "infinity, infinity",
    "-infinity, infinity"
  })
  void timesOutOfRange(String wake, String deadline) {
    try (Durable client = Durable.on(db.dataSource()).register(length).build()) {
      ExecutionHandle<Integer> odd = client.start(length, "odd");
      db.update(
          "update durable.workflow_executions set wake_at = ?::text::timestamptz,"
              + " deadline_at = ?::text::timestamptz where id = ?",
          wake,
          deadline,
          odd.id());
      ExecutionHandle<Integer> other = client.start(length, "12345");
      try (Durable worker = worker().startWorker()) {
        assertThat(other.result(SOON)).isEqualTo(5);
        assertThat(client.start(length, "1234").result(SOON)).isEqualTo(4);
        if (!wake.equals("infinity") && !wake.startsWith("29")) {
          assertThat(odd.result(SOON)).isEqualTo(3);
        }
        assertThat(worker.health().isHealthy()).isTrue();
      }
    }
  }

  @Test
  @Proves("F11.3")
  @DisplayName("Progress resets the count of workers that an execution has lost")
  void progressClears() {
    UUID progressed = lost(5);
    db.addStep(progressed, 0, "first", 1, "completed");
    UUID without = lost(5);
    db.addStep(without, 0, "first", 1, "completed", Duration.ofHours(1));
    UUID failed = lost(5);
    db.addStep(failed, 0, "first", 1, "failed");
    try (Durable worker = worker().startWorker()) {
      assertThat(worker.handle(progressed, length).result(SOON)).isEqualTo(3);
      untilStatus(worker, without, ExecutionStatus.PARKED);
      untilStatus(worker, failed, ExecutionStatus.PARKED);
      assertThat(worker.find(progressed).orElseThrow().recoveries()).isOne();
    }
  }

  @Test
  @Proves("F11.3")
  @DisplayName("Executions that have lost many workers run one at a time, beside the others")
  void suspectsRunAlone() {
    AtomicInteger running = new AtomicInteger();
    AtomicInteger most = new AtomicInteger();
    Gate gate = new Gate();
    Workflow<String, String> counts =
        Workflow.define("counts", String.class)
            .step(
                "count",
                text -> {
                  if (text.equals("suspect")) {
                    most.accumulateAndGet(running.incrementAndGet(), Math::max);
                    gate.pass();
                    running.decrementAndGet();
                  }
                  return text;
                })
            .build();
    try (Durable client = Durable.on(db.dataSource()).register(counts).build()) {
      List<ExecutionHandle<String>> suspects = new ArrayList<>();
      for (int i = 0; i < 20; i++) {
        suspects.add(client.start(counts, "suspect"));
        db.setRecoveries(suspects.getLast().id(), 3);
      }
      ExecutionHandle<String> other = client.start(counts, "other");
      try (Durable worker =
          Durable.on(db.dataSource())
              .register(counts)
              .worker(w -> w.pollInterval(Duration.ofMillis(50)))
              .startWorker()) {
        gate.awaitReached();
        assertThat(other.result(SOON)).isEqualTo("other");
        gate.open();
        for (ExecutionHandle<String> suspect : suspects) {
          assertThat(suspect.result(SOON)).isEqualTo("suspect");
        }
      }
    }
    assertThat(most).hasValue(1);
  }

  @Test
  @Proves("F11.3")
  @DisplayName("An execution that has lost many workers follows the one before at once")
  void suspectsFollowAtOnce() {
    Workflow<String, String> slow =
        Workflow.define("slow", String.class)
            .step(
                "rest",
                text -> {
                  // Long enough for the looks that find no room.
                  Thread.sleep(100);
                  return text;
                })
            .build();
    try (Durable client = Durable.on(db.dataSource()).register(slow).build()) {
      List<ExecutionHandle<String>> suspects = new ArrayList<>();
      for (int i = 0; i < 12; i++) {
        suspects.add(client.start(slow, "suspect"));
        db.setRecoveries(suspects.getLast().id(), 3);
      }
      try (Durable worker =
          Durable.on(db.dataSource())
              .register(slow)
              .worker(w -> w.pollInterval(Duration.ofMinutes(10)))
              .startWorker()) {
        for (ExecutionHandle<String> suspect : suspects) {
          assertThat(suspect.result(SOON)).isEqualTo("suspect");
        }
      }
    }
  }

  @Test
  @Proves("F11.4")
  @DisplayName("One locked row holds up the takeover of no other, nor of other dead workers")
  void oneLockHoldsUpNoTakeover() throws Exception {
    UUID locked = lost(0);
    UUID gone =
        UUID.fromString(
            db.rows("select locked_by::text from durable.workflow_executions where id = ?", locked)
                .getFirst());
    List<UUID> others = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      UUID other = lost(0);
      db.giveTo(gone, other);
      others.add(other);
      others.add(lost(0));
    }
    try (Connection application = db.newConnection()) {
      ExecutionRows.lock(application, locked);
      try (Durable worker = worker().startWorker()) {
        for (UUID other : others) {
          assertThat(worker.handle(other, length).result(SOON)).isEqualTo(3);
        }
        assertThat(worker.handle(locked).status()).isEqualTo(ExecutionStatus.RUNNING);
        application.rollback();
        assertThat(worker.handle(locked, length).result(SOON)).isEqualTo(3);
      }
    }
    Gate.until(() -> db.number("select count(*) from durable.workers") == 0);
  }

  @Test
  @Proves("F2.9")
  @DisplayName("An execution owned by a worker without a row is taken over")
  void unknownOwnersAreTakenOver() {
    UUID first = lost(0);
    UUID second = lost(0);
    db.deleteWorkers();
    try (Durable worker = worker().startWorker()) {
      assertThat(worker.handle(first, length).result(SOON)).isEqualTo(3);
      assertThat(worker.handle(second, length).result(SOON)).isEqualTo(3);
    }
  }

  @Test
  @Proves("F2.9")
  @DisplayName("A worker whose row was deleted joins again, and loses nothing")
  void aWorkerWithoutARowJoinsAnew() {
    Gate gate = new Gate();
    Workflow<String, String> gated =
        Workflow.define("gated", String.class).step("gate", gate::hold).build();
    try (Durable worker = worker().register(gated).startWorker()) {
      ExecutionHandle<String> handle = worker.start(gated, "x");
      gate.awaitReached();
      db.deleteWorkers();
      Gate.until(
          () -> db.number("select count(*) from durable.workers where dead_at is null") == 1);
      gate.open();
      assertThat(handle.result(SOON)).isEqualTo("x");
      Gate.until(() -> worker.health().isHealthy());
    }
  }

  @Test
  @Proves("F2.10")
  @DisplayName("The heartbeat notices a database that has gone back in time")
  void aDatabaseThatHasGoneBackInTime() {
    try (Durable worker = worker().startWorker()) {
      String before = db.rows("select id::text from durable.workers").getFirst();
      Gate.until(
          () ->
              db.number("select count(*) from durable.workers where heartbeat_at > started_at")
                  == 1);
      db.setHeartbeatsBack(Duration.ofMillis(900));
      Gate.until(
          () ->
              db.number(
                      "select count(*) from durable.workers where dead_at is null and id <> ?::uuid",
                      before)
                  == 1);
      assertThat(worker.start(length, "1234").result(SOON)).isEqualTo(4);
    }
  }

  /** An execution that a dead worker has left behind, the last of several. */
  private UUID lost(int recoveries) {
    UUID execution = db.addOwned(db.createLostWorker(), "length", null, "\"abc\"");
    db.setRecoveries(execution, recoveries);
    return execution;
  }

  private DurableBuilder worker() {
    return Durable.on(db.dataSource())
        .register(length)
        .worker(
            w ->
                w.lease(Duration.ofSeconds(2))
                    .heartbeat(Duration.ofMillis(200))
                    .pollInterval(Duration.ofMillis(50)));
  }
}
