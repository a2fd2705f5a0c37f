package dev.durable.acceptance;

import static dev.durable.testing.DurableFixture.SOON;
import static dev.durable.testing.DurableFixture.untilStatus;
import static java.time.Duration.ofDays;
import static java.time.Duration.ofHours;
import static java.time.Duration.ofMillis;
import static java.time.Duration.ofSeconds;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.durable.Durable;
import dev.durable.execution.Execution;
import dev.durable.execution.ExecutionFailedException;
import dev.durable.execution.ExecutionHandle;
import dev.durable.execution.ExecutionStatus;
import dev.durable.execution.StepExecution;
import dev.durable.retry.RetryAfterException;
import dev.durable.retry.RetryPolicy;
import dev.durable.testing.DatabaseExtension;
import dev.durable.testing.Gate;
import dev.durable.testing.Proves;
import dev.durable.testing.TestDatabase;
import dev.durable.workflow.StepOptions;
import dev.durable.workflow.StepRef;
import dev.durable.workflow.Workflow;
import java.io.IOException;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(DatabaseExtension.class)
@Tag("newest")
class RetryTest {

  private final TestDatabase db;

  RetryTest(TestDatabase db) {
    this.db = db;
  }

  private static RetryPolicy atOnce(int attempts) {
    return RetryPolicy.constant(Duration.ZERO).maxAttempts(attempts);
  }

  /** Fails until the given call, then returns its number. */
  private static Workflow<String, Integer> flaky(int succeedsAt, RetryPolicy policy) {
    AtomicInteger calls = new AtomicInteger();
    return Workflow.define("flaky", String.class)
        .step(
            "try",
            Integer.class,
            text -> {
              if (calls.incrementAndGet() < succeedsAt) {
                throw new IllegalStateException("not yet");
              }
              return calls.get();
            },
            with -> with.retry(policy))
        .build();
  }

  @Test
  @Proves("R-103")
  @DisplayName("Two failures then success: failed attempts 1 and 2, completion at 3")
  void everyAttemptIsInTheHistory() {
    Workflow<String, Integer> workflow = flaky(3, atOnce(3));
    try (Durable durable = db.start(workflow)) {
      ExecutionHandle<Integer> handle = durable.start(workflow, "x");
      assertThat(handle.result(SOON)).isEqualTo(3);
      assertThat(durable.steps(handle.id()))
          .extracting(step -> step.attempt() + " " + step.status().text())
          .containsExactly("1 failed", "2 failed", "3 completed");
    }
  }

  @Test
  void theLastFailureFailsTheExecution() {
    Workflow<String, Integer> workflow = flaky(99, atOnce(4));
    try (Durable durable = db.start(workflow)) {
      ExecutionHandle<Integer> handle = durable.start(workflow, "x");
      assertThatThrownBy(() -> handle.result(SOON)).isInstanceOf(ExecutionFailedException.class);
      assertThat(durable.steps(handle.id())).hasSize(4);
    }
  }

  @Test
  @Proves("R-104")
  @DisplayName("Attempts recorded before a restart count: only the third of three is left")
  void attemptsCountAcrossRestarts() {
    Workflow<String, Integer> workflow =
        flaky(99, RetryPolicy.constant(ofMillis(1)).maxAttempts(3));
    UUID id;
    try (Durable client = Durable.on(db.dataSource()).register(workflow).build()) {
      id = client.start(workflow, "x").id();
      db.addStep(id, 0, "try", 1, "failed");
      db.addStep(id, 1, "try", 2, "failed");
      db.markClaimed(id);
    }
    try (Durable durable = db.start(workflow)) {
      assertThatThrownBy(() -> durable.handle(id).result(SOON))
          .isInstanceOf(ExecutionFailedException.class);
      assertThat(durable.steps(id)).extracting(StepExecution::attempt).containsExactly(1, 2, 3);
    }
  }

  @Test
  void aRefusedExceptionIsNotRetried() {
    AtomicInteger calls = new AtomicInteger();
    Workflow<String, String> workflow =
        Workflow.define("refused", String.class)
            .step(
                "try",
                text -> {
                  calls.incrementAndGet();
                  throw new ArithmeticException("no");
                },
                with -> with.retry(atOnce(5).doNotRetryOn(ArithmeticException.class)))
            .build();
    try (Durable durable = db.start(workflow)) {
      ExecutionHandle<String> handle = durable.start(workflow, "x");
      assertThatThrownBy(() -> handle.result(SOON)).isInstanceOf(ExecutionFailedException.class);
      assertThat(calls).hasValue(1);
    }
  }

  @Test
  void aResultThatCannotBeStoredIsNotRetried() {
    AtomicInteger calls = new AtomicInteger();
    Workflow<String, Object> workflow =
        Workflow.define("unwritable", String.class)
            .step(
                "try",
                Object.class,
                text -> {
                  calls.incrementAndGet();
                  List<Object> endless = new ArrayList<>();
                  endless.add(endless);
                  return endless;
                },
                with -> with.retry(atOnce(5)))
            .build();
    try (Durable durable = db.start(workflow)) {
      ExecutionHandle<Object> handle = durable.start(workflow, "x");
      assertThatThrownBy(() -> handle.result(SOON)).hasMessageContaining("JsonException");
      assertThat(calls).hasValue(1);
    }
  }

  @Test
  @Proves("B-47")
  @DisplayName("A retry's backoff holds no slot: another execution runs meanwhile")
  void aBackoffHoldsNoSlot() {
    Workflow<String, String> workflow =
        Workflow.define("backoff", String.class)
            .step(
                "try",
                text -> {
                  if (text.equals("bad")) {
                    throw new IllegalStateException("later");
                  }
                  return text;
                },
                with -> with.retry(RetryPolicy.constant(ofHours(1)).maxAttempts(2)))
            .build();
    try (Durable durable =
        Durable.on(db.dataSource())
            .register(workflow)
            .worker(w -> w.queue("default", q -> q.concurrency(1)))
            .startWorker()) {
      ExecutionHandle<String> bad = durable.start(workflow, "bad");
      ExecutionHandle<String> good = durable.start(workflow, "good");
      assertThat(good.result(SOON)).isEqualTo("good");
      untilStatus(bad, ExecutionStatus.WAITING);
      Execution waiting = durable.find(bad.id()).orElseThrow();
      assertThat(waiting.worker()).isNull();
      assertThat(waiting.wakeAt()).isAfter(waiting.updatedAt().plus(ofSeconds(3_599)));
      durable.cancel(bad.id());
    }
  }

  @Test
  @Proves("G7")
  @DisplayName("No attempt begins before its backoff is over, by the database clock")
  void noAttemptBeginsTooEarly() {
    Workflow<String, Integer> workflow = flaky(4, RetryPolicy.linear(ofMillis(60)).maxAttempts(4));
    try (Durable durable = db.start(workflow)) {
      ExecutionHandle<Integer> handle = durable.start(workflow, "x");
      assertThat(handle.result(SOON)).isEqualTo(4);
      List<StepExecution> steps = durable.steps(handle.id());
      for (int i = 1; i < steps.size(); i++) {
        // started_at is reckoned back from the commit by the body's own duration.
        assertThat(steps.get(i).completedAt())
            .isAfterOrEqualTo(steps.get(i - 1).completedAt().plus(ofMillis(60L * i)));
      }
      assertThat(
              db.rows(
                  "select lock_token from durable.workflow_executions where id = ?", handle.id()))
          .containsExactly("4");
    }
  }

  @Test
  void anExceptionBringsItsOwnDelay() {
    Workflow<String, String> workflow =
        Workflow.define("retry_after", String.class)
            .step(
                "try",
                text -> {
                  throw new RetryAfterException("429", ofDays(2));
                },
                with -> with.retry(atOnce(2)))
            .build();
    try (Durable durable = db.start(workflow)) {
      ExecutionHandle<String> handle = durable.start(workflow, "x");
      untilStatus(handle, ExecutionStatus.WAITING);
      Execution waiting = durable.find(handle.id()).orElseThrow();
      assertThat(waiting.wakeAt()).isAfter(waiting.insertedAt().plus(ofDays(2)));
      durable.cancel(handle.id());
    }
  }

  @Test
  void anEndlessDelayOfItsOwnWaitsAndHarmsNobody() {
    Workflow<String, String> workflow =
        Workflow.define("retry_never", String.class)
            .step(
                "try",
                text -> {
                  if (text.equals("good")) {
                    return text;
                  }
                  throw new RetryAfterException("429", ChronoForever.FOREVER);
                },
                with -> with.retry(atOnce(2)))
            .build();
    try (Durable durable = db.start(workflow)) {
      List<ExecutionHandle<String>> handles =
          durable.startAll(workflow, List.of("good", "bad", "good"), (text, o) -> {});
      assertThat(handles.get(0).result(SOON)).isEqualTo("good");
      assertThat(handles.get(2).result(SOON)).isEqualTo("good");
      Gate.until(() -> handles.get(1).status() == ExecutionStatus.WAITING);
      durable.cancel(handles.get(1).id());
    }
  }

  /** The longest duration that Java has. */
  private static final class ChronoForever {
    static final Duration FOREVER = ChronoUnit.FOREVER.getDuration();
  }

  @Nested
  class Effects {

    @Test
    @Proves("R-105")
    @DisplayName("The result of an effect is kept across attempts")
    void areRememberedAcrossAttempts() {
      AtomicInteger charged = new AtomicInteger();
      AtomicInteger attempts = new AtomicInteger();
      Workflow<String, String> workflow =
          Workflow.define("effects", String.class)
              .step(
                  "body",
                  (text, step) -> {
                    String charge =
                        step.run("charge", String.class, () -> "c" + charged.incrementAndGet());
                    if (attempts.incrementAndGet() < 3) {
                      throw new IllegalStateException("later");
                    }
                    return charge + "@" + step.attempt();
                  },
                  with -> with.retry(RetryPolicy.constant(ofMillis(1))))
              .build();
      try (Durable durable = db.start(workflow)) {
        ExecutionHandle<String> handle = durable.start(workflow, "x");
        assertThat(handle.result(SOON)).isEqualTo("c1@3");
        assertThat(durable.steps(handle.id()))
            .extracting(step -> step.type().text() + " " + step.path())
            .containsExactly("effect body/charge", "step body", "step body", "step body");
      }
    }

    @Test
    void mayBeReordered() {
      AtomicInteger attempts = new AtomicInteger();
      Workflow<String, String> workflow =
          Workflow.define("reordered", String.class)
              .step(
                  "body",
                  (text, step) -> {
                    boolean first = attempts.incrementAndGet() == 1;
                    String one = step.run(first ? "a" : "b", String.class, () -> first ? "a" : "b");
                    String two = step.run(first ? "b" : "a", String.class, () -> first ? "b" : "a");
                    if (first) {
                      throw new IllegalStateException("again");
                    }
                    return one + two;
                  },
                  with -> with.retry(atOnce(2)))
              .build();
      try (Durable durable = db.start(workflow)) {
        assertThat(durable.start(workflow, "x").result(SOON)).isEqualTo("ba");
      }
    }

    @Test
    void askedTwiceForOneNameAreRefused() {
      Workflow<String, String> workflow =
          Workflow.of(
              "twice",
              String.class,
              String.class,
              (in, step) ->
                  step.run("same", String.class, () -> "1")
                      + step.run("same", String.class, () -> "2"));
      try (Durable durable = db.start(workflow)) {
        ExecutionHandle<String> handle = durable.start(workflow, "x");
        assertThatThrownBy(() -> handle.result(SOON)).hasMessageContaining("asks twice for 'same'");
      }
    }

    @Test
    void thatThrowAreNotRemembered() {
      AtomicInteger calls = new AtomicInteger();
      Workflow<String, Integer> workflow =
          Workflow.define("throwing_effect", String.class)
              .step(
                  "body",
                  Integer.class,
                  (text, step) ->
                      step.run(
                          "once",
                          Integer.class,
                          () -> {
                            if (calls.incrementAndGet() == 1) {
                              throw new IOException("busy");
                            }
                            return calls.get();
                          }),
                  with -> with.retry(atOnce(2)))
              .build();
      try (Durable durable = db.start(workflow)) {
        assertThat(durable.start(workflow, "x").result(SOON)).isEqualTo(2);
      }
    }

    @Test
    void mayRunOnThreadsOfTheBody() {
      Workflow<String, Integer> workflow =
          Workflow.of(
              "threads",
              String.class,
              Integer.class,
              (in, step) -> {
                try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
                  List<Future<Integer>> all = new ArrayList<>();
                  for (int i = 0; i < 50; i++) {
                    int number = i;
                    all.add(
                        threads.submit(() -> step.run("e" + number, Integer.class, () -> number)));
                  }
                  int sum = 0;
                  for (Future<Integer> one : all) {
                    sum += one.get();
                  }
                  return sum;
                }
              });
      try (Durable durable = db.start(workflow)) {
        ExecutionHandle<Integer> handle = durable.start(workflow, "x");
        assertThat(handle.result(SOON)).isEqualTo(49 * 50 / 2);
        assertThat(durable.steps(handle.id())).hasSize(51);
      }
    }
  }

  @Test
  void theIdempotencyKeyIsTheSameInEveryAttemptAndDiffersBetweenSteps() {
    List<String> keys = new CopyOnWriteArrayList<>();
    Workflow<String, String> workflow =
        Workflow.define("keys", String.class)
            .step(
                "one",
                (text, step) -> {
                  keys.add(step.idempotencyKey());
                  if (step.attempt() < 3) {
                    throw new IllegalStateException("again");
                  }
                  return text;
                },
                with -> with.retry(atOnce(3)))
            .step(
                "two",
                (text, step) -> {
                  keys.add(step.idempotencyKey());
                  keys.add(step.run("mail", String.class, step::idempotencyKey));
                  return text;
                })
            .build();
    try (Durable durable = db.start(workflow)) {
      ExecutionHandle<String> handle = durable.start(workflow, "x");
      handle.result(SOON);
      String id = handle.id().toString();
      assertThat(keys)
          .containsExactly(id + "/one", id + "/one", id + "/one", id + "/two", id + "/two/mail");
    }
  }

  @Test
  @Proves("G4")
  @DisplayName("An at-most-once step that fails is not run again")
  void anAtMostOnceStepIsCommittedBeforeItRuns() {
    List<String> seen = new CopyOnWriteArrayList<>();
    Workflow<String, String> workflow =
        Workflow.define("once", String.class)
            .step(
                "only",
                (text, step) -> {
                  seen.addAll(
                      db.rows(
                          "select path, status from durable.step_executions where workflow_id = ?",
                          step.execution().id()));
                  throw new IllegalStateException("no");
                },
                StepOptions::atMostOnce)
            .build();
    try (Durable durable = db.start(workflow)) {
      ExecutionHandle<String> handle = durable.start(workflow, "x");
      assertThatThrownBy(() -> handle.result(SOON)).isInstanceOf(ExecutionFailedException.class);
      assertThat(seen).containsExactly("only|running");
      assertThat(durable.steps(handle.id())).hasSize(1);
    }
  }

  @Nested
  class ResultsOfOtherSteps {

    @Test
    @Proves("R-004")
    @DisplayName("The input and every earlier result can be read")
    void canBeReadByReference() {
      StepRef<Integer> length = StepRef.of("length", Integer.class);
      Workflow<String, String> workflow =
          Workflow.define("refs", String.class)
              .step("length", Integer.class, text -> text.length())
              .step("half", Integer.class, number -> number / 2)
              .step("join", String.class, (half, step) -> step.input() + step.result(length) + half)
              .build();
      try (Durable durable = db.start(workflow)) {
        assertThat(durable.start(workflow, "four").result(SOON)).isEqualTo("four42");
      }
    }

    @Test
    void ofALaterOrUnknownStepAreRefused() {
      Workflow<String, String> workflow =
          Workflow.define("later", String.class)
              .step(
                  "first",
                  (text, step) -> {
                    for (String path : List.of("second", "first", "nowhere")) {
                      assertThatThrownBy(() -> step.result(StepRef.of(path, String.class)))
                          .isInstanceOf(IllegalStateException.class)
                          .hasMessageContaining("'" + path + "'")
                          .hasMessageContaining("Only results of earlier steps");
                    }
                    return text;
                  })
              .step("second", text -> text)
              .build();
      try (Durable durable = db.start(workflow)) {
        assertThat(durable.start(workflow, "x").result(SOON)).isEqualTo("x");
      }
    }

    @Test
    void ofAnotherTypeAreRefused() {
      Workflow<String, String> workflow =
          Workflow.define("wrong_type", String.class)
              .step("first", text -> text)
              .step("second", (text, step) -> "" + step.result(StepRef.of("first", Integer.class)))
              .build();
      try (Durable durable = db.start(workflow)) {
        ExecutionHandle<String> handle = durable.start(workflow, "x");
        assertThatThrownBy(() -> handle.result(SOON)).hasMessageContaining("java.lang.Integer");
      }
    }
  }
}
