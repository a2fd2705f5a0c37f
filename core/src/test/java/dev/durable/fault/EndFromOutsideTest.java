package dev.durable.fault;

import static dev.durable.testing.DurableFixture.SOON;
import static dev.durable.testing.DurableFixture.untilStatus;
import static java.time.Duration.ofHours;
import static java.time.Duration.ofMillis;
import static java.time.Duration.ofSeconds;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.durable.Durable;
import dev.durable.execution.ErrorInfo;
import dev.durable.execution.ExecutionFailedException;
import dev.durable.execution.ExecutionHandle;
import dev.durable.execution.ExecutionStatus;
import dev.durable.testing.DatabaseExtension;
import dev.durable.testing.Gate;
import dev.durable.testing.HeldAnswers;
import dev.durable.testing.Proves;
import dev.durable.testing.StruckStatements;
import dev.durable.testing.TestDatabase;
import dev.durable.workflow.CompensationTrigger;
import dev.durable.workflow.Workflow;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.NullSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A deadline, a cancel or the closing of an instance ends a run, and no other. */
@ExtendWith(DatabaseExtension.class)
@Tag("newest")
class EndFromOutsideTest {

  private final TestDatabase db;

  EndFromOutsideTest(TestDatabase db) {
    this.db = db;
  }

  @Nested
  @Proves({"F2.4", "F2.11"})
  @DisplayName("The deadline")
  class Deadline {

    private static boolean asksForTheDeadline(String sql) {
      return sql.contains("deadline_at")
          && sql.contains("select")
          && !sql.contains("update")
          && !sql.contains("insert")
          && !sql.contains("workflow_key");
    }

    private static Workflow<String, String> hanging(String name) {
      return Workflow.define(name, String.class, with -> with.timeout(ofMillis(300)))
          .step(
              "hang",
              text -> {
                new CountDownLatch(1).await();
                return text;
              })
          .build();
    }

    @ParameterizedTest
    @ValueSource(strings = {"unchecked", "error", "refused"})
    @Proves("F2.4")
    @DisplayName("The deadline survives a failing query for it")
    void survivesAFailedQuestion(String kind) {
      Workflow<String, String> workflow = hanging("hangs_" + kind);
      StruckStatements struck =
          new StruckStatements(
              Deadline::asksForTheDeadline,
              number -> {
                if (number <= 2) {
                  switch (kind) {
                    case "unchecked" -> throw new IllegalStateException("of a driver");
                    case "error" -> throw new OutOfMemoryError("of a driver");
                    default -> throw new SQLException("refused", "42501");
                  }
                }
              });
      try (Durable durable =
          Durable.on(struck.on(db.dataSource())).register(workflow).startWorker()) {
        ExecutionHandle<String> handle = durable.start(workflow, "x");
        assertThatThrownBy(() -> handle.result(SOON)).isInstanceOf(ExecutionFailedException.class);
        assertThat(durable.find(handle.id()).orElseThrow().error().type())
            .isEqualTo(ErrorInfo.WORKFLOW_TIMEOUT);
        assertThat(struck.count()).isGreaterThanOrEqualTo(3);
      }
    }

    @ParameterizedTest
    @NullSource
    @ValueSource(strings = "PT1H")
    @Proves("F2.11")
    @DisplayName("A deadline that was moved or removed is not queried in a loop")
    void isNotAskedForAllTheTime(Duration moved) throws Exception {
      Gate gate = new Gate();
      Workflow<String, String> workflow =
          Workflow.define("moved", String.class, with -> with.timeout(ofSeconds(1)))
              .step("hang", gate::hold)
              .build();
      StruckStatements asked = StruckStatements.counted(Deadline::asksForTheDeadline);
      try (Durable durable =
          Durable.on(asked.on(db.dataSource())).register(workflow).startWorker()) {
        ExecutionHandle<String> handle = durable.start(workflow, "x");
        gate.awaitReached();
        db.moveDeadline(handle.id(), moved);
        Gate.until(() -> asked.count() > 0);
        // Time in which nothing should happen.
        Thread.sleep(1_000);
        assertThat(asked.count()).isLessThan(10);
        gate.open();
        assertThat(handle.result(SOON)).isEqualTo("x");
      }
    }
  }

  @Nested
  @Proves("F2.5")
  @DisplayName("Cancel stops the run that it cancelled, and no other")
  class Cancel {

    private final Gate body = new Gate();
    private final Gate undoing = new Gate();
    private final CountDownLatch interrupted = new CountDownLatch(1);
    private final AtomicBoolean undoInterrupted = new AtomicBoolean();
    private final AtomicInteger undone = new AtomicInteger();

    private Workflow<String, String> saga(String name) {
      return Workflow.define(
              name, String.class, with -> with.compensateOn(CompensationTrigger.CANCEL))
          .step(
              "charge",
              text -> text,
              with ->
                  with.compensate(
                      "refund",
                      (text, step) -> {
                        undone.incrementAndGet();
                        try {
                          undoing.pass();
                        } catch (InterruptedException wrong) {
                          undoInterrupted.set(true);
                          throw wrong;
                        }
                      }))
          .step(
              "ship",
              text -> {
                try {
                  body.pass();
                } catch (InterruptedException expected) {
                  interrupted.countDown();
                  throw expected;
                }
                return text;
              })
          .build();
    }

    @Test
    @Proves("F2.5")
    @DisplayName("Without hints the body on the old owner is interrupted")
    void theOldBodyIsInterrupted() throws Exception {
      Workflow<String, String> saga = saga("cancelled_from_afar");
      try (Durable durable =
              Durable.on(db.dataSource())
                  .register(saga)
                  .worker(w -> w.notifications(false))
                  .startWorker();
          Durable client =
              Durable.on(db.dataSource()).worker(w -> w.notifications(false)).build()) {
        ExecutionHandle<String> handle = durable.start(saga, "x");
        body.awaitReached();
        client.cancel(handle.id(), "changed my mind");
        undoing.awaitReached();
        assertThat(interrupted.await(20, TimeUnit.SECONDS)).isTrue();
        undoing.open();
        untilStatus(handle, ExecutionStatus.COMPENSATED);
        assertThat(undoInterrupted).isFalse();
        assertThat(undone).hasValue(1);
      } finally {
        body.open();
        undoing.open();
      }
    }

    @Test
    @Proves("F2.5")
    @DisplayName("A compensation that begins before cancel returns is not interrupted")
    void theNewRunIsLeftAlone() throws Exception {
      Workflow<String, String> saga = saga("cancelled_here");
      Gate answer = new Gate();
      HeldAnswers held = new HeldAnswers("pending_inputs i set status = 'cancelled'", answer);
      try (Durable durable =
          Durable.on(held.on(db.dataSource()))
              .register(saga)
              .worker(w -> w.notifications(false))
              .startWorker()) {
        ExecutionHandle<String> handle = durable.start(saga, "x");
        body.awaitReached();
        Thread cancelling =
            Thread.ofPlatform().start(() -> durable.cancel(handle.id(), "changed my mind"));
        answer.awaitReached();
        undoing.awaitReached();
        answer.open();
        cancelling.join();
        assertThat(interrupted.await(20, TimeUnit.SECONDS)).isTrue();
        undoing.open();
        untilStatus(handle, ExecutionStatus.COMPENSATED);
        assertThat(undoInterrupted).isFalse();
        assertThat(undone).hasValue(1);
      } finally {
        answer.open();
        body.open();
        undoing.open();
      }
    }
  }

  @Nested
  @Proves("F2.9")
  @DisplayName("Close")
  class Close {

    @Test
    @Proves("F2.9")
    @DisplayName("Close called by a body does not wait for that body")
    void fromABody() throws Exception {
      AtomicReference<Durable> instance = new AtomicReference<>();
      CountDownLatch returned = new CountDownLatch(1);
      Workflow<String, String> workflow =
          Workflow.define("closes", String.class)
              .step(
                  "s",
                  text -> {
                    Objects.requireNonNull(instance.get()).close();
                    returned.countDown();
                    return text;
                  })
              .step("after", text -> text)
              .build();
      Durable durable =
          Durable.on(db.dataSource())
              .register(workflow)
              .worker(w -> w.drainTime(ofHours(1)))
              .startWorker();
      instance.set(durable);
      UUID id = durable.start(workflow, "x").id();
      assertThat(returned.await(20, TimeUnit.SECONDS)).isTrue();
      Gate.until(() -> !db.isOwned(id));
      durable.close();
      assertThat(db.rows("select name from durable.workers")).isEmpty();
      assertThat(
              db.rows("select path, status from durable.step_executions where workflow_id = ?", id))
          .containsExactly("s|completed");
    }

    @Test
    @Proves("F2.9")
    @DisplayName("On an interrupted thread, close lets bodies end and retires the worker in order")
    void onAnInterruptedThread() throws Exception {
      Gate gate = new Gate();
      AtomicBoolean interrupted = new AtomicBoolean();
      Workflow<String, String> workflow =
          Workflow.define("closed", String.class).step("s", gate::hold).build();
      Durable durable = db.start(workflow);
      UUID id = durable.start(workflow, "x").id();
      gate.awaitReached();
      Thread closing =
          Thread.ofPlatform()
              .start(
                  () -> {
                    Thread.currentThread().interrupt();
                    durable.close();
                    interrupted.set(Thread.interrupted());
                  });
      Gate.until(() -> !closing.isAlive() || closing.getState() != Thread.State.RUNNABLE);
      gate.open();
      closing.join();
      assertThat(interrupted).isTrue();
      assertThat(db.rows("select status from durable.workflow_executions where id = ?", id))
          .containsExactly("completed");
      assertThat(db.rows("select name from durable.workers")).isEmpty();
    }
  }
}
