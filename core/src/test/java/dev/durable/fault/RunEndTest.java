package dev.durable.fault;

import static dev.durable.fault.TwoBranches.both;
import static dev.durable.testing.DurableFixture.SOON;
import static dev.durable.testing.DurableFixture.untilStatus;
import static java.time.Duration.ofHours;
import static java.time.Duration.ofMillis;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.durable.Durable;
import dev.durable.execution.ExecutionFailedException;
import dev.durable.execution.ExecutionHandle;
import dev.durable.execution.ExecutionStatus;
import dev.durable.execution.StepStatus;
import dev.durable.retry.RetryPolicy;
import dev.durable.testing.DatabaseExtension;
import dev.durable.testing.Gate;
import dev.durable.testing.Proves;
import dev.durable.testing.StruckStatements;
import dev.durable.testing.TestDatabase;
import dev.durable.wait.Event;
import dev.durable.workflow.Workflow;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Whatever happens to a run, it ends once: its row is freed or parked, and its slot is free. */
@ExtendWith(DatabaseExtension.class)
@Tag("newest")
class RunEndTest {

  private static final Event<String> A = Event.of("a", String.class);

  private final TestDatabase db;

  RunEndTest(TestDatabase db) {
    this.db = db;
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
    @DisplayName("A wait whose name cannot be stored fails the execution, and frees its slot")
    void aNameThatCannotBeStored() {
      Workflow<String, String> workflow =
          Workflow.define("bad_wait", String.class)
              .step(
                  "s",
                  (text, step) -> {
                    step.await("a\0b", A);
                    return text;
                  })
              .build();
      try (Durable durable =
          Durable.on(db.dataSource())
              .register(workflow)
              .worker(w -> w.queue("default", q -> q.concurrency(1)))
              .startWorker()) {
        ExecutionHandle<String> handle = durable.start(workflow, "x");
        assertThatThrownBy(() -> handle.result(SOON)).isInstanceOf(ExecutionFailedException.class);
        Gate.until(() -> !db.isOwned(handle.id()));
        assertThat(handle.status()).isEqualTo(ExecutionStatus.FAILED);
      }
    }

    @Test
    @Proves("F2.1")
    @DisplayName("A wait in a branch whose name cannot be stored fails the execution")
    void aNameInABranchThatCannotBeStored() {
      Workflow<String, String> workflow =
          both(
              Workflow.define("bad_wait_in_branch", String.class),
              (text, step) -> {
                step.await("a\0b", A);
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
    @DisplayName("The execution is parked when its result and then its failure are refused")
    void anEndThatIsRefusedTwice() throws Exception {
      Workflow<String, String> workflow =
          Workflow.define("refused_twice", String.class).step("s", text -> text + "!").build();
      try (AutoCloseable refusing =
              trigger(
                  "workflow_executions", "new.status::text in ('completed', 'failed')", "22023");
          Durable durable = db.start(workflow)) {
        ExecutionHandle<String> handle = durable.start(workflow, "x");
        untilStatus(handle, ExecutionStatus.PARKED);
        assertThat(db.isOwned(handle.id())).isFalse();
      }
    }

    @Test
    @Proves("F2.1")
    @DisplayName("An execution whose every end is refused is freed, and ends once it may")
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
          Gate.until(() -> !db.isOwned(handle.id()));
          assertThat(handle.status()).isEqualTo(ExecutionStatus.PENDING);
        }
        db.makeDue(handle.id());
        assertThat(handle.result(SOON)).isEqualTo("x!");
      }
    }

    @Test
    @Proves("F2.1")
    @DisplayName("The execution is parked when its deadline's failure is refused")
    void aDeadlineThatIsRefused() throws Exception {
      Workflow<String, String> workflow =
          Workflow.define("refused_deadline", String.class, with -> with.timeout(ofMillis(100)))
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
        assertThat(db.isOwned(handle.id())).isFalse();
      }
    }

    @Test
    @Proves("F2.1")
    @DisplayName("A body that rethrows an engine error it has kept fails")
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
  @DisplayName("The database refuses the row that shows a body as running")
  class RunningRow {

    @Test
    @Proves("F2.3")
    @DisplayName("The end of the body is stored nevertheless, and the body runs once")
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
                  .worker(w -> w.showRunningAfter(ofMillis(20)))
                  .startWorker()) {
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
    @DisplayName("An at-most-once step whose mark is refused fails")
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

  @Test
  @DisplayName("A refused result fails its step once, and earlier work stays done")
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
