package dev.durable.acceptance;

import static dev.durable.testing.DurableFixture.SOON;
import static dev.durable.testing.DurableFixture.untilStatus;
import static dev.durable.testing.DurableFixture.untilWaiting;
import static java.time.Duration.ofDays;
import static java.time.Duration.ofHours;
import static java.time.temporal.ChronoUnit.MICROS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.durable.Durable;
import dev.durable.execution.Execution;
import dev.durable.execution.ExecutionHandle;
import dev.durable.execution.ExecutionNotFoundException;
import dev.durable.execution.ExecutionStateException;
import dev.durable.execution.ExecutionStatus;
import dev.durable.retry.RetryPolicy;
import dev.durable.testing.DatabaseExtension;
import dev.durable.testing.Gate;
import dev.durable.testing.TestDatabase;
import dev.durable.wait.Event;
import dev.durable.workflow.Workflow;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(DatabaseExtension.class)
@DisplayName("The due time of an execution is moved")
class RescheduleTest {

  private static final Event<String> GO = Event.of("go", String.class);
  private static final RetryPolicy LATER = RetryPolicy.constant(ofHours(1)).maxAttempts(3);

  private static final Workflow<String, String> ECHO =
      Workflow.define("echo", String.class, with -> with.timeout(ofHours(2)))
          .step("s", text -> text)
          .build();

  private final TestDatabase db;
  private final AtomicInteger calls = new AtomicInteger();

  RescheduleTest(TestDatabase db) {
    this.db = db;
  }

  private String failingOnce(String text) {
    if (calls.incrementAndGet() == 1) {
      throw new IllegalStateException("not yet");
    }
    return text + "!";
  }

  private Workflow<String, String> flaky() {
    return Workflow.define("flaky", String.class)
        .step("try", this::failingOnce, with -> with.retry(LATER))
        .build();
  }

  private long token(UUID id) {
    return db.number("select lock_token from durable.workflow_executions where id = ?", id);
  }

  @Test
  @DisplayName("A delayed start begins at once, or later; its timeout counts from then")
  void movesAStart() {
    Instant later = Instant.now().plus(ofDays(7)).truncatedTo(MICROS);
    try (Durable durable = db.start(ECHO)) {
      ExecutionHandle<String> handle = durable.start(ECHO, "x", o -> o.delay(ofHours(1)));
      durable.reschedule(handle.id(), later);
      Execution moved = durable.find(handle.id()).orElseThrow();
      assertThat(moved.status()).isEqualTo(ExecutionStatus.PENDING);
      assertThat(moved.wakeAt()).isEqualTo(later);
      assertThat(moved.scheduledAt()).isEqualTo(later);
      assertThat(moved.deadlineAt()).isEqualTo(later.plus(ofHours(2)));
      durable.reschedule(handle.id(), Duration.ZERO);
      assertThat(handle.result(SOON)).isEqualTo("x");
    }
  }

  @Test
  @DisplayName("A deadline stays where it is, and no start moves beyond it")
  void aDeadlineStays() {
    Instant deadline = Instant.now().plus(ofDays(7)).truncatedTo(MICROS);
    try (Durable durable = db.start(ECHO)) {
      UUID id = durable.start(ECHO, "x", o -> o.delay(ofHours(1)).deadline(deadline)).id();
      durable.reschedule(id, deadline.minusSeconds(1));
      Execution moved = durable.find(id).orElseThrow();
      assertThat(moved.scheduledAt()).isEqualTo(deadline.minusSeconds(1));
      assertThat(moved.deadlineAt()).isEqualTo(deadline);
      assertThatThrownBy(() -> durable.reschedule(id, deadline))
          .isInstanceOf(ExecutionStateException.class)
          .hasMessageContaining(id.toString())
          .hasMessageContaining(deadline.toString());
      assertThat(durable.find(id).orElseThrow()).isEqualTo(moved);
      durable.cancel(id);
    }
  }

  @Test
  @DisplayName("The next attempt of a step comes at once")
  void movesAnAttempt() {
    Workflow<String, String> flow = flaky();
    try (Durable durable = db.start(flow);
        Durable client = Durable.on(db.dataSource()).build()) {
      ExecutionHandle<String> handle = durable.start(flow, "x");
      untilWaiting(durable, handle.id());
      client.reschedule(handle.id(), Instant.EPOCH);
      assertThat(handle.result(SOON)).isEqualTo("x!");
      assertThat(calls).hasValue(2);
    }
  }

  @Test
  @DisplayName("The next attempt of an effect comes at once, or later")
  void movesAnAttemptOfAnEffect() {
    Workflow<String, String> flow =
        Workflow.of(
            "effect",
            String.class,
            String.class,
            (text, step) ->
                step.run("try", String.class, () -> failingOnce(text), with -> with.retry(LATER)));
    try (Durable durable = db.start(flow)) {
      ExecutionHandle<String> handle = durable.start(flow, "x");
      untilWaiting(durable, handle.id());
      durable.reschedule(handle.id(), ofDays(2));
      lookNow(handle.id());
      untilWaiting(durable, handle.id());
      assertThat(calls).hasValue(1);
      durable.reschedule(handle.id(), Duration.ZERO);
      assertThat(handle.result(SOON)).isEqualTo("x!");
      assertThat(calls).hasValue(2);
    }
  }

  /** Lets a worker look at an execution before it is due, and waits until it has claimed it. */
  private void lookNow(UUID id) {
    long before = token(id);
    db.update("update durable.workflow_executions set wake_at = now() where id = ?", id);
    Gate.until(() -> token(id) > before);
  }

  @Test
  @DisplayName("The next attempt of a step comes later: an early look does not begin it")
  void postponesAnAttempt() {
    Workflow<String, String> flow = flaky();
    try (Durable durable = db.start(flow)) {
      UUID id = durable.start(flow, "x").id();
      untilWaiting(durable, id);
      long before = token(id);
      durable.reschedule(id, ofDays(2));
      assertThat(token(id))
          .as("a worker that kept the history reads it again")
          .isEqualTo(before + 1);
      lookNow(id);
      untilWaiting(durable, id);
      assertThat(calls).hasValue(1);
      assertThat(durable.find(id).orElseThrow().wakeAt()).isAfter(Instant.now().plus(ofHours(40)));
    }
  }

  @Test
  @DisplayName("An attempt in a branch is moved beside a wait of another one")
  void movesAnAttemptInABranch() {
    Workflow<String, String> flow =
        Workflow.define("branches", String.class)
            .parallel(
                "both",
                par -> {
                  par.path(
                      "slow",
                      String.class,
                      path -> path.step("try", this::failingOnce, with -> with.retry(LATER)));
                  par.path(
                      "waits", String.class, path -> path.await("go", GO, (text, got) -> text));
                  return par.join((s, results) -> s + "!");
                })
            .build();
    try (Durable durable = db.start(flow)) {
      ExecutionHandle<String> handle = durable.start(flow, "x");
      untilWaiting(durable, handle.id());
      durable.reschedule(handle.id(), Duration.ZERO);
      Gate.until(() -> calls.get() == 2);
      durable.send(handle.id(), GO, "now");
      assertThat(handle.result(SOON)).isEqualTo("x!");
    }
  }

  @Test
  @DisplayName("The next attempt of a compensation comes at once")
  void movesACompensation() {
    Workflow<String, String> flow =
        Workflow.define("saga", String.class)
            .step(
                "book",
                s -> s,
                with -> with.compensate("unbook", this::failingOnce, undo -> undo.retry(LATER)))
            .step(
                "pay",
                s -> {
                  throw new IllegalStateException("no money");
                })
            .build();
    try (Durable durable = db.start(flow)) {
      UUID id = durable.start(flow, "x").id();
      Gate.until(
          () ->
              db.rows(
                      "select 1 from durable.workflow_executions where id = ? and locked_by is null"
                          + " and status = 'compensating' and wake_at > now()",
                      id)
                  .equals(List.of("1")));
      durable.reschedule(id, Duration.ZERO);
      untilStatus(durable, id, ExecutionStatus.COMPENSATED);
    }
  }

  @Test
  @DisplayName("Others are refused, and told why")
  void refusesOthers() {
    Workflow<String, String> waiting =
        Workflow.define("waiting", String.class).await("go", GO, (text, got) -> text).build();
    try (Durable durable = db.start(waiting, ECHO)) {
      UUID id = durable.start(waiting, "x").id();
      untilWaiting(durable, id);
      assertThatThrownBy(() -> durable.reschedule(id, Duration.ZERO))
          .isInstanceOf(ExecutionStateException.class)
          .hasMessageContaining("it is waiting, and no step of it waits for its next attempt");
      UUID ended = durable.start(ECHO, "x").id();
      untilStatus(durable, ended, ExecutionStatus.COMPLETED);
      assertThatThrownBy(() -> durable.reschedule(ended, Duration.ZERO))
          .isInstanceOf(ExecutionStateException.class)
          .hasMessageContaining("it is completed, it has ended");
      assertThatThrownBy(() -> durable.reschedule(UUID.randomUUID(), Duration.ZERO))
          .isInstanceOf(ExecutionNotFoundException.class);
      assertThatIllegalArgumentException()
          .isThrownBy(() -> durable.reschedule(id, Duration.ofSeconds(-1)));
    }
  }
}
