package dev.durable.retry;

import static dev.durable.testing.DurableFixture.SOON;
import static dev.durable.testing.DurableFixture.steps;
import static dev.durable.testing.DurableFixture.untilStatus;
import static java.time.Duration.ZERO;
import static java.time.Duration.ofHours;
import static java.time.Duration.ofMinutes;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.durable.Durable;
import dev.durable.execution.ErrorInfo;
import dev.durable.execution.Execution;
import dev.durable.execution.ExecutionStateException;
import dev.durable.execution.ExecutionStatus;
import dev.durable.execution.StepExecution;
import dev.durable.execution.StepStatus;
import dev.durable.execution.StepType;
import dev.durable.testing.DatabaseExtension;
import dev.durable.testing.Gate;
import dev.durable.testing.TestDatabase;
import dev.durable.wait.Event;
import dev.durable.workflow.EffectFailedException;
import dev.durable.workflow.InvalidWorkflowException;
import dev.durable.workflow.Workflow;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(DatabaseExtension.class)
@DisplayName("A failed execution is tried again as a whole, if its workflow says so")
@Tag("newest")
class RetryWorkflowTest {

  private static final RetryPolicy AT_ONCE = RetryPolicy.constant(ZERO).maxAttempts(3);
  private static final RetryPolicy HOURLY = RetryPolicy.constant(ofHours(1)).maxAttempts(3);
  private static final Event<String> GO = Event.of("go", String.class);

  private final TestDatabase db;
  private final FlakyWork work = new FlakyWork();

  RetryWorkflowTest(TestDatabase db) {
    this.db = db;
  }

  @AfterEach
  void nothingIsViolated() {
    assertThat(db.violations()).isEmpty();
  }

  /** Books, which can be undone, and ships. */
  private Workflow<String, String> order(RetryPolicy policy) {
    return order(policy, null);
  }

  private Workflow<String, String> order(RetryPolicy policy, Duration timeout) {
    return Workflow.define(
            "order",
            String.class,
            with -> {
              with.retryWorkflow(policy);
              if (timeout != null) {
                with.timeout(timeout);
              }
            })
        .step("book", s -> work.does("book"), w -> w.compensate("unbook", s -> work.does("unbook")))
        .step("ship", s -> work.does("ship"))
        .build();
  }

  private void untilItRests(Durable durable, UUID id, int failed) {
    Gate.until(() -> marks(durable, id).size() == failed);
    untilStatus(durable, id, ExecutionStatus.WAITING);
  }

  private static List<StepExecution> marks(Durable durable, UUID id) {
    return durable.steps(id).stream()
        .filter(row -> row.type() == StepType.RETRY && row.status() == StepStatus.FAILED)
        .toList();
  }

  private static Execution find(Durable durable, UUID id) {
    return durable.find(id).orElseThrow();
  }

  // ---- its tries ----

  @Test
  @DisplayName("What has failed is tried anew, and what is completed stays; each try is in history")
  void triesAgain() {
    work.breaks("ship", 2);
    try (Durable durable = db.start(order(AT_ONCE))) {
      var handle = durable.start(order(AT_ONCE), "x");
      assertThat(handle.result(SOON)).isEqualTo("ship");
      assertThat(work.ran()).containsExactly("book", "ship", "ship", "ship");
      assertThat(steps(durable, handle.id()))
          .containsExactly(
              "book completed",
              "ship failed",
              "retry failed",
              "ship failed",
              "retry failed",
              "ship completed");
      assertThat(marks(durable, handle.id()))
          .extracting(StepExecution::attempt)
          .containsExactly(1, 2);
      assertThat(find(durable, handle.id()).error()).isNull();
    }
  }

  @Test
  @DisplayName("It rests in one entry with its failure, says why, and frees the worker's only slot")
  void rests() {
    work.breaks("ship", 1);
    Workflow<String, String> flow = order(HOURLY);
    try (Durable durable =
        Durable.on(db.dataSource())
            .register(flow)
            .worker(w -> w.queue("default", q -> q.concurrency(1)))
            .startWorker()) {
      UUID id = durable.start(flow, "x").id();
      untilItRests(durable, id, 1);
      Execution resting = find(durable, id);
      assertThat(resting.error().message()).isEqualTo("no ship");
      assertThat(resting.currentStep()).isEqualTo("ship");
      StepExecution mark = marks(durable, id).getFirst();
      assertThat(mark.error()).isEqualTo(resting.error());
      assertThat(mark.wakeAt()).isEqualTo(resting.wakeAt());
      assertThat(Duration.between(mark.completedAt(), mark.wakeAt())).isEqualTo(ofHours(1));
      assertThat(
              db.rows(
                  "select s.xmin::text = e.xmin::text from durable.workflow_executions e"
                      + " join durable.step_executions s on s.workflow_id = e.id"
                      + " where e.id = ? and s.status = 'failed'",
                  id))
          .containsExactly("t", "t");
      assertThat(durable.start(flow, "y").result(SOON)).isEqualTo("ship");
      assertThatThrownBy(() -> durable.retry(id)).isInstanceOf(ExecutionStateException.class);
      durable.reschedule(id, ZERO);
      assertThat(durable.handle(id, flow).result(SOON)).isEqualTo("ship");
    }
  }

  @Test
  @DisplayName("Only after the last try are completed steps undone")
  void isUndone() {
    work.breaks("ship", 9);
    try (Durable durable = db.start(order(AT_ONCE))) {
      UUID id = durable.start(order(AT_ONCE), "x").id();
      untilStatus(durable, id, ExecutionStatus.COMPENSATED);
      assertThat(work.ran()).containsExactly("book", "ship", "ship", "ship", "unbook");
      assertThat(find(durable, id).error().message()).isEqualTo("no ship");
    }
  }

  @Test
  @DisplayName("A compensation that fails is not a try: nothing is tried again")
  void compensationFails() {
    work.breaks("ship", 9);
    work.breaks("unbook", 1);
    try (Durable durable = db.start(order(AT_ONCE))) {
      UUID id = durable.start(order(AT_ONCE), "x").id();
      untilStatus(durable, id, ExecutionStatus.COMPENSATION_FAILED);
      assertThat(marks(durable, id)).hasSize(2);
      durable.retry(id);
      untilStatus(durable, id, ExecutionStatus.COMPENSATED);
      assertThat(work.times("ship")).isEqualTo(3);
    }
  }

  @Test
  @DisplayName("With thenPark() it is parked after the last try; an operator's retry counts anew")
  void parks() {
    work.breaks("ship", 9);
    Workflow<String, String> flow = order(AT_ONCE.thenPark());
    try (Durable durable = db.start(flow)) {
      UUID id = durable.start(flow, "x").id();
      untilStatus(durable, id, ExecutionStatus.PARKED);
      assertThat(find(durable, id).error().type()).isEqualTo(ErrorInfo.RETRIES_EXHAUSTED);
      assertThat(find(durable, id).error().message())
          .isEqualTo(
              "All 3 tries of the workflow failed; the last error is"
                  + " java.lang.IllegalStateException: no ship");
      durable.retry(id);
      Gate.until(() -> work.times("ship") == 6);
      untilStatus(durable, id, ExecutionStatus.PARKED);
      assertThat(marks(durable, id)).extracting(StepExecution::attempt).containsExactly(1, 2, 1, 2);
      durable.giveUp(id, "enough");
      untilStatus(durable, id, ExecutionStatus.COMPENSATED);
      assertThat(work.ran()).endsWith("unbook");
    }
  }

  @Test
  @DisplayName("RetryPolicy.none().thenPark() parks after the only try")
  void parksAtOnce() {
    work.breaks("ship", 1);
    Workflow<String, String> flow = order(RetryPolicy.none().thenPark());
    try (Durable durable = db.start(flow)) {
      UUID id = durable.start(flow, "x").id();
      untilStatus(durable, id, ExecutionStatus.PARKED);
      assertThat(find(durable, id).error().message()).startsWith("The workflow failed; the last");
    }
  }

  @Test
  @DisplayName("A step's own policy comes first: each try has all its attempts")
  void ofSteps() {
    work.breaks("ship", 5);
    Workflow<String, String> flow =
        Workflow.define("patient", String.class, with -> with.retryWorkflow(AT_ONCE))
            .step(
                "ship",
                s -> work.does("ship"),
                with -> with.retry(RetryPolicy.constant(ZERO).maxAttempts(2)))
            .build();
    assertThat(db.run(flow, "x")).isEqualTo("ship");
    assertThat(work.times("ship")).isEqualTo(6);
  }

  @Test
  @DisplayName("The tries are counted by the history, whatever worker makes them")
  void onOtherWorkers() {
    work.breaks("ship", 9);
    Workflow<String, String> flow = order(HOURLY);
    UUID id;
    try (Durable first = db.start(flow)) {
      id = first.start(flow, "x").id();
      untilItRests(first, id, 1);
    }
    db.makeDue(id);
    try (Durable second = db.start(flow)) {
      untilItRests(second, id, 2);
    }
    db.makeDue(id);
    try (Durable third = db.start(flow)) {
      untilStatus(third, id, ExecutionStatus.COMPENSATED);
      assertThat(work.times("ship")).isEqualTo(3);
      assertThat(work.times("book")).isEqualTo(1);
    }
  }

  @Test
  @DisplayName("A workflow with an at-most-once step cannot be tried again")
  void neverAtMostOnce() {
    assertThatThrownBy(
            () ->
                Workflow.define("printing", String.class, with -> with.retryWorkflow(AT_ONCE))
                    .step("print", s -> s, with -> with.atMostOnce())
                    .build())
        .isInstanceOf(InvalidWorkflowException.class)
        .hasMessageContaining("Step 'print' is atMostOnce, and the workflow is tried again");
  }

  // ---- what is not tried again ----

  @Nested
  @DisplayName("but not after a failure that another try would only bring again:")
  class NotAgain {

    private Workflow<String, String> failing(RetryPolicy policy, RuntimeException failure) {
      return Workflow.define("failing", String.class, with -> with.retryWorkflow(policy))
          .step("pay", s -> work.does("pay", failure))
          .build();
    }

    private ErrorInfo failsOnce(Workflow<String, String> flow) {
      work.breaks("pay", 1);
      try (Durable durable = db.start(flow)) {
        UUID id = durable.start(flow, "x").id();
        untilStatus(durable, id, ExecutionStatus.FAILED);
        assertThat(work.times("pay")).isEqualTo(1);
        return find(durable, id).error();
      }
    }

    @Test
    @DisplayName("A NonRetryableException in the causes; that does not park either")
    void ofItsClass() {
      RuntimeException declined =
          new IllegalStateException(new NonRetryableException("the card is declined"));
      failsOnce(failing(AT_ONCE.thenPark(), declined));
    }

    @Test
    @DisplayName("What the policy's conditions refuse")
    void byCondition() {
      failsOnce(
          failing(
              AT_ONCE.doNotRetryOn(IllegalArgumentException.class),
              new IllegalArgumentException("no")));
    }

    @Test
    @DisplayName("A failure for which a condition throws; the error says so")
    void brokenCondition() {
      RetryPolicy broken =
          AT_ONCE.retryIf(
              failure -> {
                throw new IllegalStateException("broken condition");
              });
      assertThat(failsOnce(failing(broken, new IllegalArgumentException("no"))).message())
          .isEqualTo(
              "no (It was not tried again, for its retryIf threw"
                  + " java.lang.IllegalStateException: broken condition)");
    }

    @Test
    @DisplayName("Such a failure of an effect, which its body throws on; on any worker")
    void ofAnEffect() {
      work.breaks("pay", 1);
      Workflow<String, String> flow =
          Workflow.of(
              "declined",
              String.class,
              String.class,
              (s, step) -> {
                try {
                  return step.run(
                      "pay",
                      String.class,
                      () -> work.does("pay", new NonRetryableException("declined")),
                      with -> with.retry(AT_ONCE));
                } catch (EffectFailedException declined) {
                  step.await(GO);
                  throw new IllegalStateException(declined);
                }
              },
              with -> with.retryWorkflow(AT_ONCE));
      UUID id;
      try (Durable first = db.start(flow)) {
        id = first.start(flow, "x").id();
        untilStatus(first, id, ExecutionStatus.WAITING);
      }
      try (Durable second = db.start(flow)) {
        second.send(id, GO, "on");
        untilStatus(second, id, ExecutionStatus.FAILED);
        assertThat(work.times("pay")).isEqualTo(1);
      }
    }
  }

  // ---- its times ----

  @Nested
  @DisplayName("in time:")
  class InTime {

    private Instant deadline(Durable durable, UUID id) {
      return find(durable, id).deadlineAt();
    }

    @Test
    @DisplayName("The workflow's timeout goes on over all tries, and starts again for an operator")
    void timeout() {
      work.breaks("ship", 9);
      Workflow<String, String> flow = order(HOURLY, ofHours(2));
      try (Durable durable = db.start(flow)) {
        UUID id = durable.start(flow, "x").id();
        untilItRests(durable, id, 1);
        db.age(id, ofHours(1));
        Instant deadline = deadline(durable, id);
        durable.reschedule(id, ZERO);
        untilItRests(durable, id, 2);
        assertThat(deadline(durable, id)).isEqualTo(deadline);
        db.age(id, ofHours(1));
        db.makeDue(id);
        untilStatus(durable, id, ExecutionStatus.FAILED);
        assertThat(find(durable, id).error().type()).isEqualTo(ErrorInfo.WORKFLOW_TIMEOUT);
        assertThat(work.times("ship")).isEqualTo(2);
        assertThat(find(durable, id).error().message()).contains("no ship");
        Instant before = Instant.now();
        durable.retry(id);
        untilItRests(durable, id, 3);
        assertThat(deadline(durable, id))
            .isBetween(before.plus(ofMinutes(119)), before.plus(ofMinutes(121)));
      }
    }

    @Test
    @DisplayName("within() limits all tries; the error says how many there were")
    void within() {
      work.breaks("ship", 9);
      Workflow<String, String> flow = order(HOURLY.maxAttempts(100).within(ofMinutes(90)));
      UUID id;
      try (Durable first = db.start(flow)) {
        id = first.start(flow, "x").id();
        untilItRests(first, id, 1);
      }
      db.age(id, ofHours(1));
      db.makeDue(id);
      try (Durable second = db.start(flow)) {
        untilStatus(second, id, ExecutionStatus.COMPENSATED);
        assertThat(find(second, id).error().message())
            .startsWith("no ship (It was not tried again: 2 tries of the workflow took PT1H")
            .endsWith("and the next would be due after the limit of PT1H30M)");
      }
    }

    @Test
    @DisplayName("A cancel ends it while it rests")
    void cancel() {
      work.breaks("ship", 9);
      Workflow<String, String> flow = order(HOURLY);
      try (Durable durable = db.start(flow)) {
        UUID id = durable.start(flow, "x").id();
        untilItRests(durable, id, 1);
        durable.cancel(id, "enough");
        untilStatus(durable, id, ExecutionStatus.CANCELLED);
        assertThat(find(durable, id).error().message()).isEqualTo("enough");
        assertThat(work.ran()).containsExactly("book", "ship");
      }
    }

    @Test
    @DisplayName("What wakes it too early does not end the rest, which a reschedule moves")
    void wokenEarly() {
      work.breaks("ship", 9);
      Workflow<String, String> flow = order(HOURLY);
      try (Durable durable = db.start(flow)) {
        UUID id = durable.start(flow, "x").id();
        untilItRests(durable, id, 1);
        durable.reschedule(id, ofHours(2));
        long token = token(id);
        db.update("update durable.workflow_executions set wake_at = now() where id = ?", id);
        Gate.until(() -> token(id) > token);
        untilStatus(durable, id, ExecutionStatus.WAITING);
        Execution resting = find(durable, id);
        assertThat(resting.wakeAt())
            .isBetween(
                marks(durable, id).getFirst().wakeAt().minusMillis(1),
                marks(durable, id).getFirst().wakeAt().plusSeconds(60));
        assertThat(resting.wakeAt()).isAfter(Instant.now().plus(ofMinutes(119)));
        assertThat(resting.error().message()).isEqualTo("no ship");
        assertThat(work.times("ship")).isEqualTo(1);
      }
    }

    private long token(UUID id) {
      return db.number("select lock_token from durable.workflow_executions where id = ?", id);
    }
  }
}
