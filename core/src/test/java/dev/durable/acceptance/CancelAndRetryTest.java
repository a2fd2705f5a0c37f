package dev.durable.acceptance;

import static dev.durable.testing.DurableFixture.SOON;
import static dev.durable.testing.DurableFixture.untilStatus;
import static java.time.Duration.ofHours;
import static java.time.Duration.ofMillis;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.durable.Durable;
import dev.durable.execution.ErrorInfo;
import dev.durable.execution.Execution;
import dev.durable.execution.ExecutionCancelledException;
import dev.durable.execution.ExecutionFailedException;
import dev.durable.execution.ExecutionHandle;
import dev.durable.execution.ExecutionNotFoundException;
import dev.durable.execution.ExecutionStateException;
import dev.durable.execution.ExecutionStatus;
import dev.durable.execution.StepExecution;
import dev.durable.execution.StepStatus;
import dev.durable.retry.RetryPolicy;
import dev.durable.testing.DatabaseExtension;
import dev.durable.testing.Gate;
import dev.durable.testing.Proves;
import dev.durable.testing.TestDatabase;
import dev.durable.workflow.Workflow;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(DatabaseExtension.class)
class CancelAndRetryTest {

  private static final Workflow<String, String> ECHO =
      Workflow.define("echo", String.class).step("echo", text -> text).build();

  private final TestDatabase db;

  CancelAndRetryTest(TestDatabase db) {
    this.db = db;
  }

  private static Workflow<String, String> held(Gate gate, CountDownLatch interrupted) {
    return Workflow.define("held", String.class)
        .step(
            "wait",
            text -> {
              try {
                gate.pass();
              } catch (InterruptedException expected) {
                interrupted.countDown();
                throw expected;
              }
              return text;
            })
        .step("after", text -> text)
        .build();
  }

  @Nested
  @Proves({"G15", "B-06", "R-390", "R-391"})
  @DisplayName("Cancel")
  class Cancel {

    @Test
    void endsAPendingExecution() {
      try (Durable durable = db.start(ECHO)) {
        ExecutionHandle<String> handle = durable.start(ECHO, "x", o -> o.delay(ofHours(1)));
        durable.cancel(handle.id(), "not needed");
        assertThatThrownBy(() -> handle.result(SOON))
            .isInstanceOf(ExecutionCancelledException.class)
            .hasMessageContaining("not needed");
        Execution cancelled = durable.find(handle.id()).orElseThrow();
        assertThat(cancelled.status()).isEqualTo(ExecutionStatus.CANCELLED);
        assertThat(cancelled.wakeAt()).isNull();
        assertThat(cancelled.error().type()).isEqualTo(ErrorInfo.CANCELLED);
      }
    }

    @Test
    void interruptsARunningBody() throws Exception {
      Gate gate = new Gate();
      CountDownLatch interrupted = new CountDownLatch(1);
      Workflow<String, String> held = held(gate, interrupted);
      try (Durable durable = db.start(held)) {
        ExecutionHandle<String> handle = durable.start(held, "x");
        gate.awaitReached();
        durable.cancel(handle.id(), "stop");
        assertThat(interrupted.await(20, TimeUnit.SECONDS)).isTrue();
        assertThatThrownBy(() -> handle.result(SOON))
            .isInstanceOf(ExecutionCancelledException.class);
        assertThat(durable.steps(handle.id())).noneMatch(s -> s.status() == StepStatus.RUNNING);
      }
    }

    @Test
    void reachesABodyOnAnotherWorker() throws Exception {
      Gate gate = new Gate();
      CountDownLatch interrupted = new CountDownLatch(1);
      Workflow<String, String> held = held(gate, interrupted);
      try (Durable durable = db.start(held);
          Durable client = Durable.on(db.dataSource()).build()) {
        UUID id = durable.start(held, "x").id();
        gate.awaitReached();
        client.cancel(id, "from afar");
        assertThat(interrupted.await(20, TimeUnit.SECONDS)).isTrue();
        assertThat(client.handle(id).status()).isEqualTo(ExecutionStatus.CANCELLED);
      }
    }

    @Test
    void reachesABodyOnAnotherWorkerWithoutNotifications() throws Exception {
      Gate gate = new Gate();
      CountDownLatch interrupted = new CountDownLatch(1);
      Workflow<String, String> held = held(gate, interrupted);
      try (Durable durable =
              Durable.on(db.dataSource())
                  .register(held)
                  .worker(
                      w ->
                          w.notifications(false)
                              .heartbeat(ofMillis(100))
                              .showRunningAfter(ofMillis(50)))
                  .startWorker();
          Durable client = Durable.on(db.dataSource()).build()) {
        UUID id = durable.start(held, "x").id();
        gate.awaitReached();
        Gate.until(() -> client.steps(id).stream().anyMatch(s -> s.status() == StepStatus.RUNNING));
        client.cancel(id);
        assertThat(interrupted.await(20, TimeUnit.SECONDS)).isTrue();
        assertThat(client.steps(id))
            .extracting(StepExecution::status)
            .containsExactly(StepStatus.CANCELLED);
      }
    }

    @Test
    void endsAWaitingExecution() {
      Workflow<String, String> failing =
          Workflow.define("waits", String.class)
              .step(
                  "s",
                  text -> {
                    throw new IllegalStateException("later");
                  },
                  with -> with.retry(RetryPolicy.constant(ofHours(1))))
              .build();
      try (Durable durable = db.start(failing)) {
        ExecutionHandle<String> handle = durable.start(failing, "x");
        untilStatus(handle, ExecutionStatus.WAITING);
        durable.cancel(handle.id());
        assertThat(handle.status()).isEqualTo(ExecutionStatus.CANCELLED);
      }
    }

    @Test
    @Proves({"R-392", "R-393"})
    @DisplayName("An ended or unknown execution is refused with its status")
    void refusesWhatHasEnded() {
      try (Durable durable = db.start(ECHO)) {
        ExecutionHandle<String> handle = durable.start(ECHO, "x");
        handle.result(SOON);
        assertThatThrownBy(() -> durable.cancel(handle.id()))
            .isInstanceOf(ExecutionStateException.class)
            .hasMessageContaining("Cannot cancel execution " + handle.id())
            .hasMessageContaining("already completed");
        UUID unknown = new UUID(1, 1);
        assertThatThrownBy(() -> durable.cancel(unknown))
            .isInstanceOf(ExecutionNotFoundException.class)
            .hasMessageContaining(unknown.toString());
        assertThatThrownBy(() -> durable.retry(unknown))
            .isInstanceOf(ExecutionNotFoundException.class);
        assertThatThrownBy(() -> durable.steps(unknown))
            .isInstanceOf(ExecutionNotFoundException.class);
      }
    }

    @Test
    @Proves({"G14", "G15"})
    @DisplayName("Cancel against completion: one wins, and the winner stays")
    void racesWithCompletionAndOneWins() throws Exception {
      try (Durable durable = db.start(ECHO);
          ExecutorService cancels = Executors.newVirtualThreadPerTaskExecutor()) {
        List<Future<Boolean>> wins = new ArrayList<>();
        List<ExecutionHandle<String>> handles = new ArrayList<>();
        for (int i = 0; i < 200; i++) {
          ExecutionHandle<String> handle = durable.start(ECHO, "x");
          handles.add(handle);
          wins.add(
              cancels.submit(
                  () -> {
                    try {
                      durable.cancel(handle.id());
                      return true;
                    } catch (ExecutionStateException completed) {
                      return false;
                    }
                  }));
        }
        for (int i = 0; i < 200; i++) {
          boolean cancelled = wins.get(i).get();
          ExecutionHandle<String> handle = handles.get(i);
          if (cancelled) {
            assertThatThrownBy(() -> handle.result(SOON))
                .isInstanceOf(ExecutionCancelledException.class);
          } else {
            assertThat(handle.result(SOON)).isEqualTo("x");
          }
          assertThat(handle.status())
              .isEqualTo(cancelled ? ExecutionStatus.CANCELLED : ExecutionStatus.COMPLETED);
        }
      }
    }
  }

  @Nested
  class Retry {

    @Test
    @Proves("G3")
    @DisplayName("A retry continues from the failed step; committed steps are not run again")
    void goesOnFromTheFailedStep() {
      AtomicInteger first = new AtomicInteger();
      AtomicBoolean mended = new AtomicBoolean();
      Workflow<String, String> workflow =
          Workflow.define("mendable", String.class)
              .step("first", text -> text + first.incrementAndGet())
              .step(
                  "second",
                  text -> {
                    if (!mended.get()) {
                      throw new IllegalStateException("broken");
                    }
                    return text + "!";
                  },
                  with -> with.retry(RetryPolicy.constant(Duration.ZERO).maxAttempts(2)))
              .build();
      try (Durable durable = db.start(workflow)) {
        ExecutionHandle<String> handle = durable.start(workflow, "x");
        assertThatThrownBy(() -> handle.result(SOON)).isInstanceOf(ExecutionFailedException.class);
        Instant started = durable.find(handle.id()).orElseThrow().startedAt();
        mended.set(true);
        durable.retry(handle.id());
        assertThat(durable.handle(handle.id(), workflow).result(SOON)).isEqualTo("x1!");
        assertThat(handle.result(SOON)).as("the handle of the start").isEqualTo("x1!");
        assertThat(first).hasValue(1);
        assertThat(durable.steps(handle.id()))
            .extracting(s -> s.type().text() + " " + s.path() + " " + s.attempt())
            .containsExactly(
                "step first 1", "step second 1", "step second 2", "retry retry 1", "step second 3");
        Execution done = durable.find(handle.id()).orElseThrow();
        assertThat(done.startedAt()).as("B-60").isEqualTo(started);
        assertThat(done.error()).isNull();
      }
    }

    @Test
    void givesAllAttemptsAgain() {
      AtomicInteger calls = new AtomicInteger();
      Workflow<String, String> workflow =
          Workflow.define("hopeless", String.class)
              .step(
                  "s",
                  text -> {
                    calls.incrementAndGet();
                    throw new IllegalStateException("no");
                  },
                  with -> with.retry(RetryPolicy.constant(ofMillis(1)).maxAttempts(3)))
              .build();
      try (Durable durable = db.start(workflow)) {
        UUID id = durable.start(workflow, "x").id();
        assertThatThrownBy(() -> durable.handle(id).result(SOON))
            .isInstanceOf(ExecutionFailedException.class);
        durable.retry(id);
        assertThatThrownBy(() -> durable.handle(id).result(SOON))
            .isInstanceOf(ExecutionFailedException.class);
        assertThat(calls).hasValue(6);
      }
    }

    @Test
    void refusesWhatHasNotFailed() {
      try (Durable durable = db.start(ECHO)) {
        ExecutionHandle<String> done = durable.start(ECHO, "x");
        done.result(SOON);
        assertThatThrownBy(() -> durable.retry(done.id()))
            .isInstanceOf(ExecutionStateException.class)
            .hasMessageContaining("completed")
            .hasMessageContaining("failed and parked");
        ExecutionHandle<String> pending = durable.start(ECHO, "x", o -> o.delay(ofHours(1)));
        assertThatThrownBy(() -> durable.retry(pending.id()))
            .isInstanceOf(ExecutionStateException.class);
        durable.cancel(pending.id());
        assertThatThrownBy(() -> durable.retry(pending.id()))
            .isInstanceOf(ExecutionStateException.class)
            .hasMessageContaining("cancelled");
        assertThat(durable.handle(done.id()).status()).isEqualTo(ExecutionStatus.COMPLETED);
      }
    }
  }

  @Test
  @Proves("B-60")
  @DisplayName("startedAt is the first claim, whatever happens later")
  void startedAtStays() {
    AtomicInteger calls = new AtomicInteger();
    List<Instant> seen = new CopyOnWriteArrayList<>();
    AtomicReference<Durable> engine = new AtomicReference<>();
    Workflow<String, String> workflow =
        Workflow.define("legs", String.class)
            .step(
                "s",
                (text, step) -> {
                  Gate.until(() -> engine.get() != null);
                  seen.add(engine.get().find(step.execution().id()).orElseThrow().startedAt());
                  if (calls.incrementAndGet() < 3) {
                    throw new IllegalStateException("again");
                  }
                  return text;
                },
                with -> with.retry(RetryPolicy.constant(ofMillis(5))))
            .build();
    try (Durable durable = db.start(workflow)) {
      engine.set(durable);
      durable.start(workflow, "x").result(SOON);
      assertThat(seen).hasSize(3).containsOnly(seen.get(0));
    }
  }
}
