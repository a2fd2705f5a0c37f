package dev.durable.retry;

import static dev.durable.testing.DurableFixture.untilItAwaitsAnEvent;
import static dev.durable.testing.DurableFixture.untilStatus;
import static java.time.Duration.ofHours;
import static java.time.Duration.ofMinutes;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.durable.Durable;
import dev.durable.execution.ErrorInfo;
import dev.durable.execution.ExecutionStatus;
import dev.durable.execution.StepExecution;
import dev.durable.execution.StepStatus;
import dev.durable.testing.DatabaseExtension;
import dev.durable.testing.Gate;
import dev.durable.testing.TestDatabase;
import dev.durable.wait.Event;
import dev.durable.workflow.Workflow;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

@ExtendWith(DatabaseExtension.class)
@DisplayName("A policy limits the time of all attempts together")
class WithinTest {

  private static final RetryPolicy HOURLY = RetryPolicy.constant(ofHours(1)).maxAttempts(100);
  private static final Event<String> GO = Event.of("go", String.class);

  private final TestDatabase db;
  private final AtomicInteger calls = new AtomicInteger();

  WithinTest(TestDatabase db) {
    this.db = db;
  }

  private String fail() {
    throw new IllegalStateException("no " + calls.incrementAndGet());
  }

  /** A body that fails. */
  interface Failing {
    String now(String text);
  }

  /** What has attempts. */
  enum Kind {
    STEP("body"),
    TRANSACTION("body"),
    DECISION("body"),
    EFFECT("body/effect"),
    COMPENSATION("body~undo");

    private final String path;

    Kind(String path) {
      this.path = path;
    }

    Workflow<String, String> flow(RetryPolicy policy, Failing fails) {
      var flow = Workflow.define("within_" + name(), String.class);
      return switch (this) {
        case STEP -> flow.step("body", s -> fails.now(s), with -> with.retry(policy)).build();
        case TRANSACTION ->
            flow.transaction("body", (s, tx) -> fails.now(s), with -> with.retry(policy)).build();
        case DECISION ->
            flow.decide(
                    "body",
                    List.of("last"),
                    s -> {
                      fails.now(s);
                      throw new AssertionError();
                    },
                    with -> with.retry(policy))
                .step("last", s -> s)
                .build();
        case EFFECT ->
            flow.step(
                    "body",
                    (s, step) ->
                        step.run("effect", String.class, () -> fails.now(s), w -> w.retry(policy)))
                .build();
        case COMPENSATION ->
            flow.step(
                    "body",
                    s -> s,
                    with -> with.compensate("undo", s -> fails.now(s), w -> w.retry(policy)))
                .step(
                    "last",
                    s -> {
                      throw new IllegalStateException("to be undone");
                    })
                .build();
      };
    }
  }

  private Workflow<String, String> step(String name, RetryPolicy policy) {
    return Workflow.define(name, String.class)
        .step("body", s -> fail(), with -> with.retry(policy))
        .build();
  }

  private List<StepExecution> failures(Durable durable, UUID id, String path) {
    return durable.steps(id).stream()
        .filter(row -> row.path().equals(path) && row.status() == StepStatus.FAILED)
        .toList();
  }

  private void untilFailed(Durable durable, UUID id, String path, int times) {
    Gate.until(() -> failures(durable, id, path).size() == times);
    Gate.until(
        () ->
            db.number(
                    "select count(*) from durable.workflow_executions"
                        + " where id = ? and locked_by is null",
                    id)
                == 1);
  }

  /** An hour passes without a worker, then another one continues. */
  private void anHourLater(Workflow<?, ?> flow, UUID id, String path, int failures) {
    db.makeDue(id);
    db.age(id, ofHours(1));
    try (Durable next = db.start(flow)) {
      untilFailed(next, id, path, failures);
    }
  }

  @ParameterizedTest
  @EnumSource
  @DisplayName("The next attempt is not begun if it would be due too late; workers come and go")
  void isLimited(Kind kind) {
    Workflow<String, String> flow = kind.flow(HOURLY.within(ofMinutes(150)), s -> fail());
    UUID id;
    try (Durable first = db.start(flow)) {
      id = first.start(flow, "x").id();
      untilFailed(first, id, kind.path, 1);
    }
    anHourLater(flow, id, kind.path, 2);
    anHourLater(flow, id, kind.path, 3);
    try (Durable client = Durable.on(db.dataSource()).register(flow).build()) {
      untilStatus(
          client,
          id,
          kind == Kind.COMPENSATION ? ExecutionStatus.COMPENSATION_FAILED : ExecutionStatus.FAILED);
      ErrorInfo last = failures(client, id, kind.path).getLast().error();
      assertThat(last.type()).isEqualTo(IllegalStateException.class.getName());
      assertThat(last.message())
          .matches(
              "no 3 \\(It was not tried again: 3 attempts took PT2H.*S, and the next would be due"
                  + " after the limit of PT2H30M\\)");
      assertThat(calls).hasValue(3);
      assertThat(db.violations()).isEmpty();
    }
  }

  @Test
  @DisplayName("One attempt may be all, however long the wait that an exception asks for")
  void oneAttempt() {
    Workflow<String, String> flow =
        Workflow.define("one_attempt", String.class)
            .step(
                "body",
                s -> {
                  throw new RetryAfterException("busy", Duration.ofSeconds(Long.MAX_VALUE));
                },
                with -> with.retry(HOURLY.within(ofHours(1))))
            .build();
    try (Durable durable = db.start(flow)) {
      UUID id = durable.start(flow, "x").id();
      untilStatus(durable, id, ExecutionStatus.FAILED);
      assertThat(durable.find(id).orElseThrow().error().message())
          .startsWith("busy (It was not tried again: 1 attempt took PT0");
    }
  }

  @Test
  @DisplayName("The time that the body of the first attempt waits counts")
  void waitsCount() {
    Workflow<String, String> flow =
        Workflow.define("waits_count", String.class)
            .step(
                "body",
                (s, step) -> {
                  step.await(GO);
                  return fail();
                },
                with -> with.retry(HOURLY.within(ofMinutes(90))))
            .build();
    try (Durable durable = db.start(flow)) {
      UUID id = durable.start(flow, "x").id();
      untilItAwaitsAnEvent(durable, id);
      db.age(id, ofHours(1));
      durable.send(id, GO, "go");
      untilStatus(durable, id, ExecutionStatus.FAILED);
      assertThat(durable.find(id).orElseThrow().error().message()).contains("1 attempt took PT1H");
    }
  }

  @Test
  @DisplayName("A policy that parks does so when the time is up, and a retry begins anew")
  void parks() {
    Workflow<String, String> flow = step("within_parks", HOURLY.within(ofMinutes(90)).thenPark());
    try (Durable durable = db.start(flow)) {
      UUID id = durable.start(flow, "x").id();
      untilFailed(durable, id, "body", 1);
      db.age(id, ofHours(1));
      db.makeDue(id);
      db.makeDueAndNotify(flow.name(), "default");
      untilStatus(durable, id, ExecutionStatus.PARKED);
      ErrorInfo why = durable.find(id).orElseThrow().error();
      assertThat(why.type()).isEqualTo(ErrorInfo.RETRIES_EXHAUSTED);
      assertThat(why.message()).contains("All of its 2 attempts failed", "the limit of PT1H30M");
      durable.retry(id);
      untilFailed(durable, id, "body", 3);
      assertThat(durable.find(id).orElseThrow().status()).isEqualTo(ExecutionStatus.WAITING);
    }
  }

  @Test
  @DisplayName("An attempt that a lost worker left open counts from its begin, and is repeated")
  void lostAttempts() {
    Workflow<String, String> flow = step("within_lost", HOURLY.within(ofMinutes(90)));
    try (Durable client = Durable.on(db.dataSource()).register(flow).build()) {
      UUID id = client.start(flow, "x").id();
      db.markClaimed(id);
      db.addStep(id, 0, "body", 1, "failed");
      db.update(
          "update durable.step_executions set wake_at = null,"
              + " error = '{\"type\": \"worker_lost\", \"message\": \"lost\"}'"
              + " where workflow_id = ?",
          id);
      db.age(id, ofHours(2));
      try (Durable worker = db.start(flow)) {
        untilStatus(worker, id, ExecutionStatus.FAILED);
        assertThat(worker.find(id).orElseThrow().error().message()).contains("1 attempt took PT2H");
      }
    }
  }

  @Test
  @DisplayName("The limit is positive, and part of the policy's text")
  void thePolicy() {
    assertThatThrownBy(() -> HOURLY.within(Duration.ZERO))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("within must be positive: PT0S");
    assertThatThrownBy(() -> HOURLY.within(null))
        .isInstanceOf(NullPointerException.class)
        .hasMessage("time");
    assertThat(HOURLY.within(ofHours(5)).thenPark())
        .asString()
        .endsWith("jitter=0.0, within=PT5H, then park]");
    assertThat(HOURLY.within(ofHours(5)).cap(ofHours(1)).jitter(0).maxAttempts(4).timeLimit())
        .contains(ofHours(5));
    assertThat(HOURLY.timeLimit()).isEmpty();
  }
}
