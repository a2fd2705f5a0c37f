package dev.durable.fault;

import static dev.durable.testing.DurableFixture.SOON;
import static dev.durable.testing.DurableFixture.untilItAwaitsAnEvent;
import static dev.durable.testing.DurableFixture.untilStatus;
import static java.time.Duration.ofHours;
import static java.time.Duration.ofMillis;
import static java.time.Duration.ofSeconds;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.zaxxer.hikari.HikariDataSource;
import dev.durable.Durable;
import dev.durable.execution.ErrorInfo;
import dev.durable.execution.ExecutionFailedException;
import dev.durable.execution.ExecutionHandle;
import dev.durable.execution.ExecutionStatus;
import dev.durable.execution.StepStatus;
import dev.durable.retry.RetryPolicy;
import dev.durable.testing.DatabaseExtension;
import dev.durable.testing.Gate;
import dev.durable.testing.HeldAnswers;
import dev.durable.testing.Proves;
import dev.durable.testing.StruckStatements;
import dev.durable.testing.TestDatabase;
import dev.durable.wait.Event;
import dev.durable.wait.WaitOutcome;
import dev.durable.workflow.CompensationTrigger;
import dev.durable.workflow.StepBody;
import dev.durable.workflow.Workflow;
import dev.durable.workflow.WorkflowBuilder;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
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
import org.junit.jupiter.params.provider.ValueSource;

/** Whatever happens to a run, it ends once: its row is freed or parked, and its slot is free. */
@ExtendWith(DatabaseExtension.class)
@Tag("newest")
class RunEndTest {

  private static final Event<String> A = Event.of("a", String.class);
  private static final Event<String> B = Event.of("b", String.class);

  private final TestDatabase db;

  RunEndTest(TestDatabase db) {
    this.db = db;
  }

  /** Two branches after what there is. */
  private static Workflow<String, String> both(
      WorkflowBuilder<String, String> before,
      StepBody<String, String, String> one,
      StepBody<String, String, String> two) {
    return before
        .parallel(
            "both",
            String.class,
            parallel -> {
              parallel.branch("one", String.class, one);
              parallel.branch("two", String.class, two);
              return parallel.join((text, results) -> text + "!");
            })
        .build();
  }

  private boolean isOwned(UUID id) {
    return db.number(
            "select count(*) from durable.workflow_executions where id = ? and locked_by is not"
                + " null",
            id)
        > 0;
  }

  /** Raises an error when a row of a table is written and a condition holds. */
  private AutoCloseable trigger(String table, String when, String state) {
    db.script(
        """
        create function durable.refuse_it() returns trigger language plpgsql as $$
        begin
          if %s then raise exception 'refused by a trigger' using errcode = '%s'; end if;
          return new;
        end $$;
        create trigger refuse_it before insert or update on durable.%s
        for each row execute function durable.refuse_it();
        """
            .formatted(when, state, table));
    return () -> db.script("drop function if exists durable.refuse_it() cascade");
  }

  @Nested
  @Proves("F2.1")
  @DisplayName("A run has one end")
  class OneEnd {

    @Test
    @Proves("F2.1")
    @DisplayName("A late timer of a body interrupts the thread that directs a fork")
    void aLateInterruptOfTheDirector() {
      AtomicReference<Thread> strand = new AtomicReference<>();
      Workflow<String, String> workflow =
          both(
              Workflow.define("late_interrupt", String.class)
                  .step(
                      "first",
                      text -> {
                        strand.set(Thread.currentThread());
                        return text;
                      }),
              (text, step) -> {
                for (int i = 0; i < 20; i++) {
                  Objects.requireNonNull(strand.get()).interrupt();
                  Thread.sleep(5);
                }
                return text + "1";
              },
              (text, step) -> text + "2");
      try (Durable durable = db.start(workflow)) {
        assertThat(durable.start(workflow, "x").result(SOON)).isEqualTo("x!");
      }
    }

    @Test
    @Proves("F2.1")
    @DisplayName("A late timer of a body interrupts the thread that waits for a timed body")
    void aLateInterruptOfATimedStep() {
      AtomicReference<Thread> strand = new AtomicReference<>();
      AtomicInteger calls = new AtomicInteger();
      Workflow<String, String> workflow =
          Workflow.define("late_interrupt_timed", String.class)
              .step(
                  "first",
                  text -> {
                    strand.set(Thread.currentThread());
                    return text;
                  })
              .step(
                  "timed",
                  text -> {
                    calls.incrementAndGet();
                    for (int i = 0; i < 20; i++) {
                      Objects.requireNonNull(strand.get()).interrupt();
                      Thread.sleep(5);
                    }
                    return text + "!";
                  },
                  with -> with.timeout(ofHours(1)))
              .step("last", text -> text + "?")
              .build();
      try (Durable durable = db.start(workflow)) {
        assertThat(durable.start(workflow, "x").result(SOON)).isEqualTo("x!?");
        assertThat(calls).hasValue(1);
      }
    }

    @Test
    @Proves("F2.1")
    @DisplayName("The name of a wait cannot be stored")
    void aNameThatCannotBeStored() {
      Workflow<String, String> workflow =
          Workflow.define("bad_wait", String.class)
              .step(
                  "s",
                  (text, step) -> {
                    step.await("a\0b", A, with -> with);
                    return text;
                  })
              .build();
      try (Durable durable =
          Durable.on(db.dataSource())
              .register(workflow)
              .queue("default", q -> q.concurrency(1))
              .start()) {
        ExecutionHandle<String> handle = durable.start(workflow, "x");
        assertThatThrownBy(() -> handle.result(SOON)).isInstanceOf(ExecutionFailedException.class);
        Gate.until(() -> !isOwned(handle.id()));
        assertThat(handle.status()).isEqualTo(ExecutionStatus.FAILED);
      }
    }

    @Test
    @Proves("F2.1")
    @DisplayName("The name of a wait in a branch cannot be stored")
    void aNameInABranchThatCannotBeStored() {
      Workflow<String, String> workflow =
          both(
              Workflow.define("bad_wait_in_branch", String.class),
              (text, step) -> {
                step.await("a\0b", A, with -> with);
                return text;
              },
              (text, step) -> text + "2");
      try (Durable durable = db.start(workflow)) {
        ExecutionHandle<String> handle = durable.start(workflow, "x");
        assertThatThrownBy(() -> handle.result(SOON)).isInstanceOf(ExecutionFailedException.class);
        assertThat(handle.status()).isEqualTo(ExecutionStatus.FAILED);
      }
    }

    @Test
    @Proves("F2.1")
    @DisplayName("Both the result and the failure are refused: the execution is parked")
    void anEndThatIsRefusedTwice() throws Exception {
      Workflow<String, String> workflow =
          Workflow.define("refused_twice", String.class).step("s", text -> text + "!").build();
      try (AutoCloseable refusing =
              trigger(
                  "workflow_executions", "new.status::text in ('completed', 'failed')", "22023");
          Durable durable = db.start(workflow)) {
        ExecutionHandle<String> handle = durable.start(workflow, "x");
        untilStatus(handle, ExecutionStatus.PARKED);
        assertThat(isOwned(handle.id())).isFalse();
      }
    }

    @Test
    @Proves("F2.1")
    @DisplayName("Every end is refused: the execution is freed, and ends when it may")
    void everyEndIsRefused() throws Exception {
      Workflow<String, String> workflow =
          Workflow.define("refused_always", String.class).step("s", text -> text + "!").build();
      try (Durable durable = db.start(workflow)) {
        ExecutionHandle<String> handle;
        try (AutoCloseable refusing =
            trigger(
                "workflow_executions",
                "new.status::text in ('completed', 'failed', 'parked')",
                "22023")) {
          handle = durable.start(workflow, "x");
          Gate.until(() -> !isOwned(handle.id()));
          assertThat(handle.status()).isEqualTo(ExecutionStatus.PENDING);
        }
        db.makeDue(handle.id());
        assertThat(handle.result(SOON)).isEqualTo("x!");
      }
    }

    @Test
    @Proves("F2.1")
    @DisplayName("A deadline's failure is refused: the execution is parked")
    void aDeadlineThatIsRefused() throws Exception {
      Workflow<String, String> workflow =
          Workflow.define("refused_deadline", String.class)
              .timeout(ofMillis(100))
              .step(
                  "s",
                  text -> {
                    new CountDownLatch(1).await();
                    return text;
                  })
              .build();
      try (AutoCloseable refusing =
              trigger("workflow_executions", "new.status::text = 'failed'", "22023");
          Durable durable = db.start(workflow)) {
        ExecutionHandle<String> handle = durable.start(workflow, "x");
        untilStatus(handle, ExecutionStatus.PARKED);
        assertThat(isOwned(handle.id())).isFalse();
      }
    }

    @Test
    @Proves("F2.1")
    @DisplayName("A body throws an error of the engine that it has kept: it has failed")
    void anErrorOfTheEngineThatWasKept() {
      AtomicReference<Throwable> kept = new AtomicReference<>();
      AtomicInteger calls = new AtomicInteger();
      Workflow<String, String> workflow =
          Workflow.define("kept_error", String.class)
              .step(
                  "s",
                  (text, step) -> {
                    Throwable before = kept.get();
                    if (before != null) {
                      calls.incrementAndGet();
                      throw (Error) before;
                    }
                    try {
                      new CountDownLatch(1).await();
                    } catch (InterruptedException late) {
                      try {
                        step.run("e", String.class, () -> "");
                      } catch (Throwable stopped) {
                        kept.set(stopped);
                      }
                    }
                    return text;
                  },
                  with -> with.timeout(ofMillis(50)))
              .build();
      try (Durable durable = db.start(workflow)) {
        ExecutionHandle<String> first = durable.start(workflow, "x");
        assertThatThrownBy(() -> first.result(SOON)).isInstanceOf(ExecutionFailedException.class);
        Gate.until(() -> kept.get() != null);
        ExecutionHandle<String> second = durable.start(workflow, "x");
        assertThatThrownBy(() -> second.result(SOON)).isInstanceOf(ExecutionFailedException.class);
        assertThat(second.status()).isEqualTo(ExecutionStatus.FAILED);
        assertThat(calls).hasValue(1);
      }
    }
  }

  @Nested
  @Proves("F2.3")
  @DisplayName("The row that shows a body as running is refused")
  class RunningRow {

    @Test
    @Proves("F2.3")
    @DisplayName("The end is stored all the same, and the body ran once")
    void theEndIsInserted() throws Exception {
      AtomicInteger calls = new AtomicInteger();
      Gate gate = new Gate();
      StruckStatements shown =
          StruckStatements.counted(
              sql -> sql.contains("step_executions") && !sql.contains("start"));
      Workflow<String, String> workflow =
          Workflow.define("refused_running", String.class)
              .step(
                  "s",
                  text -> {
                    calls.incrementAndGet();
                    gate.pass();
                    return text + "!";
                  })
              .step("after", text -> text + "?")
              .build();
      try (AutoCloseable refusing = trigger("step_executions", "new.status = 'running'", "22023");
          Durable durable =
              Durable.on(shown.on(db.dataSource()))
                  .register(workflow)
                  .showRunningAfter(ofMillis(20))
                  .start()) {
        ExecutionHandle<String> handle = durable.start(workflow, "x");
        gate.awaitReached();
        // It is tried once; there is nothing in the database by which to see it.
        Thread.sleep(500);
        gate.open();
        assertThat(handle.result(SOON)).isEqualTo("x!?");
        assertThat(calls).hasValue(1);
        assertThat(durable.steps(handle.id()))
            .extracting(s -> s.path() + " " + s.status().text() + " " + s.output())
            .containsExactly("s completed \"x!\"", "after completed \"x!?\"");
      }
    }

    @Test
    @Proves("F2.3")
    @DisplayName("The mark of an at-most-once step is refused: the step has failed")
    void theMarkIsRefused() throws Exception {
      AtomicInteger calls = new AtomicInteger();
      Workflow<String, String> workflow =
          Workflow.define("refused_mark", String.class)
              .step(
                  "s",
                  text -> {
                    calls.incrementAndGet();
                    return text;
                  },
                  with -> with.atMostOnce())
              .build();
      try (AutoCloseable refusing = trigger("step_executions", "new.status = 'running'", "22023");
          Durable durable = db.start(workflow)) {
        ExecutionHandle<String> handle = durable.start(workflow, "x");
        assertThatThrownBy(() -> handle.result(SOON)).isInstanceOf(ExecutionFailedException.class);
        assertThat(calls).hasValue(0);
        assertThat(durable.steps(handle.id()))
            .extracting(s -> s.path() + " " + s.status().text())
            .containsExactly("s failed");
      }
    }
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
      return Workflow.define(name, String.class)
          .timeout(ofMillis(300))
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
    @DisplayName("It survives that the question for it fails")
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
      try (Durable durable = Durable.on(struck.on(db.dataSource())).register(workflow).start()) {
        ExecutionHandle<String> handle = durable.start(workflow, "x");
        assertThatThrownBy(() -> handle.result(SOON)).isInstanceOf(ExecutionFailedException.class);
        assertThat(durable.find(handle.id()).orElseThrow().error().type())
            .isEqualTo(ErrorInfo.WORKFLOW_TIMEOUT);
        assertThat(struck.count()).isGreaterThanOrEqualTo(3);
      }
    }

    @ParameterizedTest
    @ValueSource(strings = {"null", "now() + interval '1 hour'"})
    @Proves("F2.11")
    @DisplayName("One that was moved or taken away is not asked for all the time")
    void isNotAskedForAllTheTime(String moved) throws Exception {
      Gate gate = new Gate();
      Workflow<String, String> workflow =
          Workflow.define("moved", String.class)
              .timeout(ofSeconds(1))
              .step(
                  "hang",
                  text -> {
                    gate.pass();
                    return text;
                  })
              .build();
      StruckStatements asked = StruckStatements.counted(Deadline::asksForTheDeadline);
      try (Durable durable = Durable.on(asked.on(db.dataSource())).register(workflow).start()) {
        ExecutionHandle<String> handle = durable.start(workflow, "x");
        gate.awaitReached();
        db.update(
            "update durable.workflow_executions set deadline_at = " + moved + " where id = ?",
            handle.id());
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
  @DisplayName("Cancel stops the run that it has cancelled, and no other")
  class Cancel {

    private final Gate body = new Gate();
    private final Gate undoing = new Gate();
    private final CountDownLatch interrupted = new CountDownLatch(1);
    private final AtomicBoolean undoInterrupted = new AtomicBoolean();
    private final AtomicInteger undone = new AtomicInteger();

    private Workflow<String, String> saga(String name) {
      return Workflow.define(name, String.class)
          .compensateOn(CompensationTrigger.CANCEL)
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
              Durable.on(db.dataSource()).register(saga).notifications(false).start();
          Durable client = Durable.on(db.dataSource()).notifications(false).client()) {
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
    @DisplayName("The compensation that has begun before cancel returns is not interrupted")
    void theNewRunIsLeftAlone() throws Exception {
      Workflow<String, String> saga = saga("cancelled_here");
      Gate answer = new Gate();
      HeldAnswers held = new HeldAnswers("pending_inputs i set status = 'cancelled'", answer);
      try (Durable durable =
          Durable.on(held.on(db.dataSource())).register(saga).notifications(false).start()) {
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
  @Proves("F2.7")
  @DisplayName("Two threads of one body wait")
  class TwoThreads {

    @Test
    @Proves("F2.7")
    @DisplayName("Both waits are opened, and each event is received")
    void bothWaitsAreOpen() throws Exception {
      Workflow<String, String> workflow =
          Workflow.define("two_threads", String.class)
              .step(
                  "s",
                  (text, step) -> {
                    AtomicReference<String> a = new AtomicReference<>("");
                    AtomicReference<String> b = new AtomicReference<>("");
                    Thread one = Thread.startVirtualThread(() -> a.set(got(step.await(A))));
                    Thread two = Thread.startVirtualThread(() -> b.set(got(step.await(B))));
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

    private static String got(WaitOutcome<String> outcome) {
      return outcome instanceof WaitOutcome.Received<String>(String value) ? value : "?";
    }
  }

  @Nested
  @Proves("F2.9")
  @DisplayName("Close")
  class Close {

    @Test
    @Proves("F2.9")
    @DisplayName("From a body does not wait for that body")
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
          Durable.on(db.dataSource()).register(workflow).drainTime(ofHours(1)).start();
      instance.set(durable);
      UUID id = durable.start(workflow, "x").id();
      assertThat(returned.await(20, TimeUnit.SECONDS)).isTrue();
      Gate.until(() -> !isOwned(id));
      durable.close();
      assertThat(db.rows("select name from durable.workers")).isEmpty();
      assertThat(
              db.rows("select path, status from durable.step_executions where workflow_id = ?", id))
          .containsExactly("s|completed");
    }

    @Test
    @Proves("F2.9")
    @DisplayName("On an interrupted thread lets bodies end, and leaves in order")
    void onAnInterruptedThread() throws Exception {
      Gate gate = new Gate();
      AtomicBoolean interrupted = new AtomicBoolean();
      Workflow<String, String> workflow =
          Workflow.define("closed", String.class)
              .step(
                  "s",
                  text -> {
                    gate.pass();
                    return text;
                  })
              .build();
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

  @Nested
  @Proves({"F1.5", "F2.2"})
  @DisplayName("What the engine asks for a body is never the workflow's failure")
  class Questions {

    private Workflow<String, String> timedBranch(String name, Gate gate) {
      return both(
          Workflow.define(name, String.class),
          (text, step) ->
              step.await("w", A, with -> with.timeout(ofMillis(300)))
                      instanceof WaitOutcome.TimedOut<String>
                  ? "late"
                  : "?",
          (text, step) -> {
            gate.pass();
            return text;
          });
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
        try (Durable durable = Durable.on(expiring.on(pool)).register(workflow).start()) {
          ExecutionHandle<String> handle = durable.start(workflow, "x");
          gate.awaitReached();
          untilItAwaitsAnEvent(durable, handle.id());
          try (Connection connection = db.newConnection();
              Statement statement = connection.createStatement()) {
            connection.setAutoCommit(false);
            statement.execute(
                "select 1 from durable.workflow_executions where id = '"
                    + handle.id()
                    + "' for update");
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
    @DisplayName("The question whether a wait is over fails")
    void theQuestionFails(String kind) {
      Gate gate = new Gate();
      gate.open();
      Workflow<String, String> workflow = timedBranch("question_" + kind, gate);
      StruckStatements struck =
          new StruckStatements(Questions::expires, number -> strike(number, kind));
      try (Durable durable = Durable.on(struck.on(db.dataSource())).register(workflow).start()) {
        assertThat(durable.start(workflow, "x").result(SOON)).isEqualTo("x!");
        assertThat(struck.count()).isGreaterThanOrEqualTo(2);
      }
    }

    @ParameterizedTest
    @ValueSource(strings = {"unchecked", "error", "refused", "lost"})
    @Proves("F2.2")
    @DisplayName("The question when a branch's wait is due fails on the branch's own thread")
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
              (text, step) -> {
                slept.pass();
                return text;
              });
      StruckStatements struck =
          new StruckStatements(Questions::asksWhenItIsDue, number -> strike(number, kind));
      try (Durable durable = Durable.on(struck.on(db.dataSource())).register(workflow).start()) {
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
    @DisplayName("A part that is not due by the database's clock does not loop")
    void theDatabasesClockIsSetBack() throws Exception {
      Gate gate = new Gate();
      Workflow<String, String> workflow = timedBranch("clock_back", gate);
      StruckStatements asked =
          StruckStatements.counted(sql -> expires(sql) || asksWhenItIsDue(sql));
      try (Durable durable = Durable.on(asked.on(db.dataSource())).register(workflow).start()) {
        ExecutionHandle<String> handle = durable.start(workflow, "x");
        gate.awaitReached();
        Gate.until(
            () ->
                db.update(
                        "update durable.step_executions set wake_at = wake_at + interval '1 hour'"
                            + " where workflow_id = ? and status = 'waiting'",
                        handle.id())
                    == 1);
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
    @DisplayName("Questions for what was sent do not pile up while the pool is exhausted")
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
              (text, step) -> {
                gate.pass();
                return text;
              });
      try (HikariDataSource pool = db.newPool(20);
          Durable durable = Durable.on(looks.on(pool)).register(workflow).start()) {
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

  @Test
  @DisplayName("A refused result fails its step once, and what was done before it stays done")
  void aRefusedResult() throws Exception {
    Workflow<String, String> workflow =
        Workflow.define("refused_result", String.class)
            .step("one", text -> text + "1")
            .step(
                "two",
                text -> text + "2",
                with -> with.retry(RetryPolicy.constant(ofMillis(1)).maxAttempts(3)))
            .build();
    try (AutoCloseable refusing =
            trigger("step_executions", "new.path = 'two' and new.status = 'completed'", "22023");
        Durable durable = db.start(workflow)) {
      ExecutionHandle<String> handle = durable.start(workflow, "x");
      assertThatThrownBy(() -> handle.result(SOON)).isInstanceOf(ExecutionFailedException.class);
      assertThat(durable.steps(handle.id()))
          .extracting(s -> s.path() + " " + s.status().text())
          .isEqualTo(List.of("one completed", "two failed"));
      assertThat(durable.steps(handle.id())).noneMatch(s -> s.status() == StepStatus.RUNNING);
    }
  }
}
