package dev.durable.acceptance;

import static dev.durable.testing.DurableFixture.SOON;
import static dev.durable.testing.DurableFixture.untilStatus;
import static java.time.Duration.ofDays;
import static java.time.Duration.ofMillis;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.durable.Durable;
import dev.durable.execution.ExecutionHandle;
import dev.durable.execution.ExecutionStatus;
import dev.durable.execution.StepStatus;
import dev.durable.retry.RetryPolicy;
import dev.durable.testing.DatabaseExtension;
import dev.durable.testing.Gate;
import dev.durable.testing.TestDatabase;
import dev.durable.workflow.AttemptContext;
import dev.durable.workflow.EffectOptions;
import dev.durable.workflow.StepOptions;
import dev.durable.workflow.StepTimeoutException;
import dev.durable.workflow.Workflow;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(DatabaseExtension.class)
@DisplayName("An effect with a time limit")
class EffectTimeoutTest {

  private final TestDatabase db;
  private final Gate gate = new Gate();
  private final AtomicInteger calls = new AtomicInteger();

  EffectTimeoutTest(TestDatabase db) {
    this.db = db;
  }

  @Test
  @DisplayName("fails with a StepTimeoutException, and its late result is thrown away")
  void tooLong() {
    CountDownLatch late = new CountDownLatch(1);
    AtomicBoolean cancelled = new AtomicBoolean();
    Workflow<String, String> flow =
        Workflow.of(
            "too_long",
            String.class,
            String.class,
            (text, step) -> {
              assertThatThrownBy(
                      () ->
                          step.run(
                              "slow",
                              String.class,
                              () -> {
                                gate.passUninterrupted();
                                cancelled.set(step.isCancelled());
                                late.countDown();
                                return "late";
                              },
                              with -> with.timeout(ofMillis(20))))
                  .isInstanceOf(StepTimeoutException.class)
                  .hasMessageContaining("body/slow");
              gate.open();
              late.await();
              assertThat(step.isCancelled()).isFalse();
              return "fine";
            });
    try (Durable durable = db.start(flow)) {
      ExecutionHandle<String> handle = durable.start(flow, "x");
      assertThat(handle.result(SOON)).isEqualTo("fine");
      assertThat(cancelled).isTrue();
      assertThat(durable.steps(handle.id()))
          .extracting(row -> row.path() + " " + row.status().text())
          .containsExactly("body completed");
    }
  }

  @Test
  @DisplayName("interrupts its code when its time is up")
  void interrupted() throws InterruptedException {
    CountDownLatch interrupted = new CountDownLatch(1);
    Workflow<String, String> flow =
        slow(interrupted, with -> with.timeout(ofMillis(20)), with -> {});
    try (Durable durable = db.start(flow)) {
      ExecutionHandle<String> handle = durable.start(flow, "x");
      untilStatus(handle, ExecutionStatus.FAILED);
      assertThat(interrupted.await(SOON.toSeconds(), TimeUnit.SECONDS)).isTrue();
    }
  }

  @Test
  @DisplayName("is tried again by its policy")
  void retried() {
    Workflow<String, String> flow =
        Workflow.of(
            "retried",
            String.class,
            String.class,
            (text, step) ->
                step.run(
                    "slow",
                    String.class,
                    () -> {
                      if (calls.incrementAndGet() == 1) {
                        gate.pass();
                      }
                      return "done";
                    },
                    with ->
                        with.timeout(Duration.ofSeconds(1))
                            .retry(RetryPolicy.constant(Duration.ZERO))));
    try (Durable durable = db.start(flow)) {
      ExecutionHandle<String> handle = durable.start(flow, "x");
      assertThat(handle.result(SOON)).isEqualTo("done");
      assertThat(durable.steps(handle.id()).getFirst())
          .satisfies(
              row -> {
                assertThat(row.status()).isEqualTo(StepStatus.FAILED);
                assertThat(String.valueOf(row.error())).contains("StepTimeoutException");
              });
    }
  }

  @Test
  @DisplayName("has its key and its context on the thread that it runs on")
  void context() {
    Workflow<String, String> flow =
        Workflow.of(
            "context",
            String.class,
            String.class,
            (text, step) ->
                step.run(
                        "own",
                        String.class,
                        () -> {
                          assertThat(AttemptContext.current()).isSameAs(step);
                          return step.idempotencyKey();
                        },
                        with -> with.timeout(ofDays(400)))
                    .replace(step.execution().id().toString(), "id"));
    try (Durable durable = db.start(flow)) {
      assertThat(durable.start(flow, "x").result(SOON)).isEqualTo("id/body/own");
    }
  }

  @Test
  @DisplayName("throws what its code throws, an Error as well")
  void errors() {
    Workflow<String, String> flow =
        Workflow.of(
            "errors",
            String.class,
            String.class,
            (text, step) -> {
              assertThatThrownBy(
                      () -> step.run("e", () -> raise(), with -> with.timeout(ofDays(1))))
                  .isInstanceOf(StackOverflowError.class);
              return "fine";
            });
    try (Durable durable = db.start(flow)) {
      assertThat(durable.start(flow, "x").result(SOON)).isEqualTo("fine");
    }
  }

  private static void raise() {
    throw new StackOverflowError();
  }

  @Test
  @DisplayName("is interrupted when its execution is cancelled")
  void cancelled() throws InterruptedException {
    CountDownLatch interrupted = new CountDownLatch(1);
    Workflow<String, String> flow = slow(interrupted, EffectTimeoutTest::oneDay, with -> {});
    try (Durable durable = db.start(flow)) {
      ExecutionHandle<String> handle = durable.start(flow, "x");
      gate.awaitReached();
      durable.cancel(handle.id());
      untilStatus(handle, ExecutionStatus.CANCELLED);
      assertThat(interrupted.await(SOON.toSeconds(), TimeUnit.SECONDS)).isTrue();
    }
  }

  @Test
  @DisplayName("is interrupted when its step is out of time; that is no attempt of the effect")
  void stepTimeout() throws InterruptedException {
    CountDownLatch interrupted = new CountDownLatch(1);
    Workflow<String, String> flow =
        slow(interrupted, EffectTimeoutTest::oneDay, with -> with.timeout(ofMillis(50)));
    try (Durable durable = db.start(flow)) {
      ExecutionHandle<String> handle = durable.start(flow, "x");
      untilStatus(handle, ExecutionStatus.FAILED);
      assertThat(interrupted.await(SOON.toSeconds(), TimeUnit.SECONDS)).isTrue();
      assertThat(durable.steps(handle.id()))
          .extracting(row -> row.path() + " " + row.status().text())
          .containsExactly("body failed");
    }
  }

  private Workflow<String, String> slow(
      CountDownLatch interrupted,
      Consumer<EffectOptions<String>> effect,
      Consumer<StepOptions<String, String>> body) {
    return Workflow.define("interrupted", String.class)
        .step(
            "body",
            (text, step) ->
                step.run(
                    "slow",
                    String.class,
                    () -> {
                      try {
                        gate.pass();
                      } catch (InterruptedException stop) {
                        interrupted.countDown();
                        throw stop;
                      }
                      return "never";
                    },
                    effect),
            body)
        .build();
  }

  private static void oneDay(EffectOptions<String> with) {
    with.timeout(ofDays(1)).retry(RetryPolicy.constant(Duration.ZERO));
  }

  @Test
  @DisplayName("must have a positive one")
  void positive() {
    assertThatThrownBy(() -> EffectOptions.of(with -> with.timeout(Duration.ZERO)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("effect timeout");
  }
}
