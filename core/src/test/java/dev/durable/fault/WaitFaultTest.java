package dev.durable.fault;

import static dev.durable.fault.TwoBranches.both;
import static dev.durable.testing.DurableFixture.SOON;
import static dev.durable.testing.DurableFixture.untilItAwaitsAnEvent;
import static dev.durable.testing.DurableFixture.untilStatus;
import static java.time.Duration.ofHours;
import static java.time.Duration.ofMillis;
import static java.time.Duration.ofSeconds;
import static org.assertj.core.api.Assertions.assertThat;

import com.zaxxer.hikari.HikariDataSource;
import dev.durable.Durable;
import dev.durable.execution.ExecutionHandle;
import dev.durable.execution.ExecutionStatus;
import dev.durable.testing.DatabaseExtension;
import dev.durable.testing.ExecutionRows;
import dev.durable.testing.Gate;
import dev.durable.testing.Proves;
import dev.durable.testing.StruckStatements;
import dev.durable.testing.TestDatabase;
import dev.durable.wait.Event;
import dev.durable.wait.WaitOutcome;
import dev.durable.workflow.Workflow;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Whatever happens to a question that the engine asks for a waiting body, it costs the body
 * nothing.
 */
@ExtendWith(DatabaseExtension.class)
@Tag("newest")
class WaitFaultTest {

  private static final Event<String> A = Event.of("a", String.class);
  private static final Event<String> B = Event.of("b", String.class);

  private final TestDatabase db;

  WaitFaultTest(TestDatabase db) {
    this.db = db;
  }

  @Nested
  @Proves("F2.7")
  @DisplayName("Two threads of one body wait")
  class TwoThreads {

    @Test
    @Proves("F2.7")
    @DisplayName("The engine opens both waits, and each receives its event")
    void bothWaitsAreOpen() throws Exception {
      Workflow<String, String> workflow =
          Workflow.define("two_threads", String.class)
              .step(
                  "s",
                  (text, step) -> {
                    AtomicReference<String> a = new AtomicReference<>("");
                    AtomicReference<String> b = new AtomicReference<>("");
                    Thread one = Thread.startVirtualThread(() -> a.set(step.await(A)));
                    Thread two = Thread.startVirtualThread(() -> b.set(step.await(B)));
                    one.join();
                    two.join();
                    return a.get() + b.get();
                  })
              .build();
      try (Durable durable = db.start(workflow)) {
        ExecutionHandle<String> handle = durable.start(workflow, "x");
        untilStatus(handle, ExecutionStatus.WAITING);
        assertThat(durable.waits(handle.id()))
            .extracting(wait -> wait.path())
            .containsExactlyInAnyOrder("s/a", "s/b");
        durable.send(handle.id(), A, "1");
        durable.send(handle.id(), B, "2");
        assertThat(handle.result(SOON)).isEqualTo("12");
      }
    }
  }

  @Nested
  @Proves({"F1.5", "F2.2"})
  @DisplayName("A failing query of the engine is never the workflow's failure")
  class Questions {

    private Workflow<String, String> timedBranch(String name, Gate gate) {
      return both(
          Workflow.define(name, String.class),
          (text, step) ->
              step.await("w", A, ofMillis(300)) instanceof WaitOutcome.TimedOut<String>
                  ? "late"
                  : "?",
          (text, step) -> gate.hold(text));
    }

    @Test
    @Proves("F1.5")
    @DisplayName("A wait in a branch times out while its row is locked")
    void theRowIsLocked() throws Exception {
      Gate gate = new Gate();
      Workflow<String, String> workflow = timedBranch("locked_row", gate);
      StruckStatements expiring = StruckStatements.counted(Questions::expires);
      try (HikariDataSource pool = new HikariDataSource()) {
        pool.setJdbcUrl(db.url());
        pool.setUsername(db.user());
        pool.setPassword(db.password());
        pool.setConnectionInitSql("set lock_timeout = '100ms'");
        try (Durable durable = Durable.on(expiring.on(pool)).register(workflow).startWorker()) {
          ExecutionHandle<String> handle = durable.start(workflow, "x");
          gate.awaitReached();
          untilItAwaitsAnEvent(durable, handle.id());
          try (Connection connection = db.newConnection()) {
            ExecutionRows.lock(connection, handle.id());
            // More than the store itself tries, in whatever time that takes.
            long until = System.nanoTime() + ofSeconds(3).toNanos();
            Gate.until(() -> expiring.count() > 6 || System.nanoTime() - until > 0);
            assertThat(expiring.count()).isPositive();
            connection.rollback();
          }
          gate.open();
          assertThat(handle.result(SOON)).isEqualTo("x!");
        }
      }
    }

    private static boolean asksWhenItIsDue(String sql) {
      return sql.contains("extract(epoch from s.wake_at") && sql.contains("s.seq = ?");
    }

    private static boolean expires(String sql) {
      return sql.contains("'EXPIRED'");
    }

    @ParameterizedTest
    @ValueSource(strings = {"unchecked", "error", "refused", "lost"})
    @Proves("F1.5")
    @DisplayName("The engine repeats a failed query for the end of a wait")
    void theQuestionFails(String kind) {
      Gate gate = new Gate();
      gate.open();
      Workflow<String, String> workflow = timedBranch("question_" + kind, gate);
      StruckStatements struck =
          new StruckStatements(Questions::expires, number -> strike(number, kind));
      try (Durable durable =
          Durable.on(struck.on(db.dataSource())).register(workflow).startWorker()) {
        assertThat(durable.start(workflow, "x").result(SOON)).isEqualTo("x!");
        assertThat(struck.count()).isGreaterThanOrEqualTo(2);
      }
    }

    @ParameterizedTest
    @ValueSource(strings = {"unchecked", "error", "refused", "lost"})
    @Proves("F2.2")
    @DisplayName("A failed query for the due time of a branch's wait is repeated")
    void theQuestionWhenItIsDueFails(String kind) {
      Gate slept = new Gate();
      Workflow<String, String> workflow =
          both(
              Workflow.define("due_" + kind, String.class),
              (text, step) -> {
                step.sleepUntil("z", java.time.Instant.now().plusMillis(500));
                slept.open();
                return text;
              },
              (text, step) -> slept.hold(text));
      StruckStatements struck =
          new StruckStatements(Questions::asksWhenItIsDue, number -> strike(number, kind));
      try (Durable durable =
          Durable.on(struck.on(db.dataSource())).register(workflow).startWorker()) {
        assertThat(durable.start(workflow, "x").result(SOON)).isEqualTo("x!");
        assertThat(struck.count()).isGreaterThanOrEqualTo(2);
      }
    }

    private static void strike(int number, String kind) throws SQLException {
      if (number == 1) {
        switch (kind) {
          case "unchecked" -> throw new IllegalStateException("of a driver");
          case "error" -> throw new OutOfMemoryError("of a driver");
          case "refused" -> throw new SQLException("refused", "42501");
          default -> throw new SQLException("lost", "08006");
        }
      }
    }

    @Test
    @Proves("F2.11")
    @DisplayName("A branch whose wait is not yet due by the database's clock does not loop")
    void theDatabasesClockIsSetBack() throws Exception {
      Gate gate = new Gate();
      Workflow<String, String> workflow = timedBranch("clock_back", gate);
      StruckStatements asked =
          StruckStatements.counted(sql -> expires(sql) || asksWhenItIsDue(sql));
      try (Durable durable =
          Durable.on(asked.on(db.dataSource())).register(workflow).startWorker()) {
        ExecutionHandle<String> handle = durable.start(workflow, "x");
        gate.awaitReached();
        Gate.until(() -> db.postpone(handle.id(), ofHours(1)) == 1);
        Gate.until(() -> asked.count() > 0);
        // Time in which nothing should happen.
        Thread.sleep(1_000);
        assertThat(asked.count()).isLessThan(20);
        durable.send(handle.id(), A, "now");
        gate.open();
        assertThat(handle.result(SOON)).isEqualTo("x!");
      }
    }

    @Test
    @Proves("F2.11")
    @DisplayName("Queries for sent events do not pile up while the pool is exhausted")
    void oneLookAtATime() throws Exception {
      Gate gate = new Gate();
      Gate blocked = new Gate();
      AtomicInteger now = new AtomicInteger();
      AtomicInteger most = new AtomicInteger();
      StruckStatements looks =
          new StruckStatements(
              sql -> sql.contains("as signal, p.payload") && !sql.contains("step_name"),
              number -> {
                most.accumulateAndGet(now.incrementAndGet(), Math::max);
                blocked.passUninterrupted();
                now.decrementAndGet();
              });
      Workflow<String, String> workflow =
          both(
              Workflow.define("many_signals", String.class),
              (text, step) -> {
                step.await(A);
                return text;
              },
              (text, step) -> gate.hold(text));
      try (HikariDataSource pool = db.newPool(20);
          Durable durable = Durable.on(looks.on(pool)).register(workflow).startWorker()) {
        ExecutionHandle<String> handle = durable.start(workflow, "x");
        gate.awaitReached();
        untilItAwaitsAnEvent(durable, handle.id());
        for (int i = 0; i < 10; i++) {
          durable.send(handle.id(), B, "not that");
        }
        blocked.awaitReached();
        for (int i = 0; i < 10; i++) {
          durable.send(handle.id(), B, "not that");
        }
        durable.send(handle.id(), A, "that");
        blocked.open();
        gate.open();
        assertThat(handle.result(SOON)).isEqualTo("x!");
        assertThat(most).hasValue(1);
      }
    }
  }
}
