package dev.durable.acceptance;

import static dev.durable.testing.DurableFixture.SOON;
import static java.time.Duration.ofHours;
import static java.time.Duration.ofMillis;
import static java.time.Duration.ofSeconds;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.durable.DatabaseUnavailableException;
import dev.durable.Durable;
import dev.durable.DurableBuilder;
import dev.durable.DurableException;
import dev.durable.execution.ExecutionCancelledException;
import dev.durable.execution.ExecutionHandle;
import dev.durable.execution.ExecutionNotFoundException;
import dev.durable.execution.ExecutionStatus;
import dev.durable.migration.DurableMigration;
import dev.durable.migration.PendingMigrationsException;
import dev.durable.testing.DatabaseExtension;
import dev.durable.testing.Gate;
import dev.durable.testing.Proves;
import dev.durable.testing.TestDatabase;
import dev.durable.workflow.Workflow;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.postgresql.ds.PGSimpleDataSource;

@ExtendWith(DatabaseExtension.class)
class LifecycleTest {

  private static final Workflow<String, String> ECHO =
      Workflow.define("echo", String.class).step("echo", text -> text).build();

  private final TestDatabase db;

  LifecycleTest(TestDatabase db) {
    this.db = db;
  }

  @Nested
  class Close {

    @Test
    void isIdempotentAndEverythingAfterItIsRefused() {
      Durable durable = db.start(ECHO);
      ExecutionHandle<String> handle = durable.start(ECHO, "x");
      handle.result(SOON);
      durable.close();
      durable.close();
      UUID id = handle.id();
      for (Callable<?> call :
          List.<Callable<?>>of(
              () -> durable.start(ECHO, "x"),
              () -> durable.start("echo", "\"x\""),
              () -> durable.startAll(ECHO, List.of("x"), (text, o) -> {}),
              () -> durable.find(id),
              () -> durable.find("echo", "k"),
              () -> durable.handle(id),
              () -> durable.handle(id, ECHO),
              () -> durable.executions(q -> {}),
              () -> durable.countByStatus(q -> {}),
              () -> durable.steps(id),
              () -> durable.using(db.dataSource().getConnection()),
              () -> Executors.callable(() -> durable.cancel(id)).call(),
              () -> Executors.callable(() -> durable.retry(id)).call())) {
        assertThatThrownBy(call::call)
            .isInstanceOf(IllegalStateException.class)
            .hasMessageContaining("closed");
      }
    }

    @Test
    void letsBodiesFinish() throws Exception {
      Gate gate = new Gate();
      Workflow<String, String> held =
          Workflow.define("held", String.class).step("hold", gate::hold).build();
      Durable durable = db.start(held);
      UUID id = durable.start(held, "x").id();
      gate.awaitReached();
      Thread closing = Thread.ofVirtual().start(durable::close);
      gate.open();
      closing.join();
      try (Durable client = Durable.on(db.dataSource()).build()) {
        assertThat(client.handle(id).status()).isEqualTo(ExecutionStatus.COMPLETED);
      }
    }

    @Test
    @Proves("B-37")
    @DisplayName("A body that does not finish in time is released at once, and continues elsewhere")
    void releasesWhatDoesNotFinish() {
      Gate gate = new Gate();
      AtomicInteger calls = new AtomicInteger();
      Workflow<String, String> held =
          Workflow.define("released", String.class)
              .step(
                  "hold",
                  text -> {
                    if (calls.incrementAndGet() == 1) {
                      gate.pass();
                    }
                    return text;
                  })
              .build();
      Durable first =
          Durable.on(db.dataSource())
              .register(held)
              .worker(w -> w.drainTime(Duration.ZERO))
              .startWorker();
      UUID id = first.start(held, "x").id();
      gate.awaitReached();
      first.close();
      assertThat(
              db.rows(
                  "select status, recoveries from durable.workflow_executions where id = ?", id))
          .containsExactly("pending|0");
      assertThat(db.rows("select name from durable.workers")).isEmpty();
      try (Durable second = db.start(held)) {
        assertThat(second.handle(id, held).result(SOON)).isEqualTo("x");
      }
    }

    @Test
    void endsWaitsForResults() {
      CompletableFuture<String> waiting;
      try (Durable client = Durable.on(db.dataSource()).register(ECHO).build()) {
        db.start(ECHO).close();
        ExecutionHandle<String> handle = client.start(ECHO, "x", o -> o.delay(ofHours(1)));
        waiting = handle.future();
        client.cancel(handle.id());
        assertThatThrownBy(waiting::join).hasCauseInstanceOf(ExecutionCancelledException.class);
        waiting = client.start(ECHO, "x", o -> o.delay(ofHours(1))).future();
      }
      assertThatThrownBy(waiting::join)
          .hasCauseInstanceOf(DurableException.class)
          .hasMessageContaining("closed");
    }
  }

  @Nested
  class TheBuilder {

    @Test
    void refusesWhatCannotWork() {
      DurableBuilder builder = Durable.on(db.dataSource());
      assertThatThrownBy(builder::startWorker)
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining(".register(workflow)")
          .hasMessageContaining(".build()");
      builder.register(ECHO);
      assertThatThrownBy(
              () ->
                  builder.worker(w -> w.lease(ofSeconds(3)).heartbeat(ofSeconds(2))).startWorker())
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("PT2S")
          .hasMessageContaining("PT3S");
    }

    @Test
    void refusesNumbersThatMakeNoSense() {
      DurableBuilder builder = Durable.on(db.dataSource());
      for (ThrowingRunnable call :
          List.<ThrowingRunnable>of(
              () -> builder.worker(w -> w.lease(Duration.ZERO)),
              () -> builder.worker(w -> w.heartbeat(ofSeconds(-1))),
              () -> builder.worker(w -> w.pollInterval(Duration.ZERO)),
              () -> builder.worker(w -> w.showRunningAfter(Duration.ZERO)),
              () -> builder.worker(w -> w.drainTime(ofMillis(-1))),
              () -> builder.worker(w -> w.maxRecoveries(-1)),
              () -> builder.payloadLimits(0, 1),
              () -> builder.payloadLimits(2, 1),
              () -> builder.worker(w -> w.queue("q", q -> q.concurrency(0))),
              () -> builder.worker(w -> w.queue(" ", q -> {})),
              () -> builder.worker(w -> w.queue("a\0b", q -> {})),
              () -> builder.prefix(""),
              () -> builder.prefix("ü".repeat(32)),
              () -> builder.prefix("a\0b"))) {
        assertThatThrownBy(call::run).isInstanceOf(IllegalArgumentException.class);
      }
    }
  }

  private interface ThrowingRunnable {
    void run() throws Exception;
  }

  @Nested
  class TheDatabase {

    @Test
    @DisplayName("An unreachable database is named quickly and clearly")
    void isAway() throws Exception {
      PGSimpleDataSource nowhere = new PGSimpleDataSource();
      int port;
      try (ServerSocket free = new ServerSocket(0)) {
        port = free.getLocalPort();
      }
      nowhere.setUrl("jdbc:postgresql://127.0.0.1:" + port + "/x");
      for (ThrowingRunnable call :
          List.<ThrowingRunnable>of(
              () -> Durable.on(nowhere).register(ECHO).startWorker(),
              () -> Durable.on(nowhere).migrate(true).build(),
              () -> Durable.on(nowhere).build())) {
        assertThatThrownBy(call::run)
            .isInstanceOf(DatabaseUnavailableException.class)
            .hasMessageContaining("cannot be reached")
            .hasMessageContaining("Check that PostgreSQL is up");
      }
    }

    @Test
    @Proves({"R-378", "R-384"})
    @DisplayName("A database without our tables is refused with the versions and the remedy")
    void hasPendingMigrations() {
      try (TestDatabase empty = TestDatabase.empty()) {
        PendingMigrationsException pending =
            catchThrowableOfType(
                PendingMigrationsException.class,
                () -> Durable.on(empty.dataSource()).register(ECHO).startWorker());
        assertThat(pending)
            .hasMessageContaining("\"durable\" is at version 0")
            .hasMessageContaining("needs " + DurableMigration.currentVersion())
            .hasMessageContaining("DurableMigration.on(connection)")
            .hasMessageContaining("migrate(true)");
        assertThat(pending.pendingVersions()).isEqualTo(DurableMigration.allVersions());
        assertThat(pending.migratedVersion()).isZero();

        DurableMigration.on(empty.dataSource()).to(DurableMigration.previousVersion()).up();
        assertThatThrownBy(() -> Durable.on(empty.dataSource()).build())
            .isInstanceOf(PendingMigrationsException.class)
            .hasMessageContaining("1 pending");

        try (Durable durable =
            Durable.on(empty.dataSource()).register(ECHO).migrate(true).startWorker()) {
          assertThat(durable.start(ECHO, "x").result(SOON)).isEqualTo("x");
        }
      }
    }

    @Test
    void isNewerThanTheLibrary() {
      try (TestDatabase newer = TestDatabase.migrated()) {
        newer.addMigration(99990101000000L);
        assertThatThrownBy(() -> Durable.on(newer.dataSource()).migrate(true).build())
            .isInstanceOf(PendingMigrationsException.class)
            .hasMessageContaining("99990101000000")
            .hasMessageContaining("newer than this library's");
      }
    }
  }

  @Test
  @Proves({"B-01", "B-54"})
  @DisplayName("Two prefixes in one database, one of them hostile, are independent")
  void twoPrefixesAreIndependent() {
    String hostile = "My-App \"x\"";
    try (TestDatabase shared = TestDatabase.migrated()) {
      DurableMigration.on(shared.dataSource()).prefix(hostile).up();
      try (Durable one = Durable.on(shared.dataSource()).register(ECHO).startWorker();
          Durable two =
              Durable.on(shared.dataSource()).prefix(hostile).register(ECHO).startWorker()) {
        ExecutionHandle<String> first = one.start(ECHO, "one", o -> o.key("same"));
        ExecutionHandle<String> second = two.start(ECHO, "two", o -> o.key("same"));
        ExecutionHandle<String> delayed =
            two.start(ECHO, "later", o -> o.delay(ofMillis(20)).priority(3));
        assertThat(first.result(SOON)).isEqualTo("one");
        assertThat(second.result(SOON)).isEqualTo("two");
        assertThat(delayed.result(SOON)).isEqualTo("later");
        assertThat(one.find(second.id())).isEmpty();
        assertThat(two.find(first.id())).isEmpty();
        assertThat(one.executions(q -> {}).items()).hasSize(1);
        assertThat(two.executions(q -> {}).items()).hasSize(2);
        assertThatThrownBy(() -> two.cancel(first.id(), "wrong schema"))
            .isInstanceOf(ExecutionNotFoundException.class)
            .hasMessageContaining(hostile);
      }
      assertThat(shared.violations()).isEmpty();
      assertThat(shared.violations(hostile)).isEmpty();
      DurableMigration.on(shared.dataSource()).prefix(hostile).down();
      assertThat(shared.rows("select 1 from pg_namespace where nspname = ?", hostile)).isEmpty();
      assertThat(shared.number("select count(*) from durable.workflow_executions")).isEqualTo(1);
    }
  }

  @Test
  @Proves("B-42")
  @DisplayName("A worker outlives the loss of its connections")
  void outlivesTheLossOfItsConnections() {
    try (Durable durable = db.start(ECHO)) {
      durable.start(ECHO, "x").result(SOON);
      db.endOtherSessions();
      assertThat(durable.start(ECHO, "y", o -> o.delay(ofMillis(10))).result(SOON)).isEqualTo("y");
    }
  }
}
