package dev.durable.acceptance;

import static dev.durable.testing.DurableFixture.SOON;
import static dev.durable.testing.DurableFixture.untilEnded;
import static dev.durable.testing.DurableFixture.untilStatus;
import static java.time.Duration.ZERO;
import static java.time.Duration.ofHours;
import static java.time.Duration.ofMillis;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.zaxxer.hikari.HikariDataSource;
import dev.durable.Durable;
import dev.durable.execution.ErrorInfo;
import dev.durable.execution.ExecutionHandle;
import dev.durable.execution.ExecutionStatus;
import dev.durable.execution.StepExecution;
import dev.durable.retry.NonRetryableException;
import dev.durable.retry.RetryPolicy;
import dev.durable.testing.DatabaseExtension;
import dev.durable.testing.Gate;
import dev.durable.testing.TestDatabase;
import dev.durable.workflow.AttemptContext;
import dev.durable.workflow.BranchOutcome;
import dev.durable.workflow.Decision;
import dev.durable.workflow.InvalidWorkflowException;
import dev.durable.workflow.StepOptions;
import dev.durable.workflow.StepTimeoutException;
import dev.durable.workflow.Workflow;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(DatabaseExtension.class)
@DisplayName("A node that has failed for good hands on what its onFailure makes of that")
class OnFailureTest {

  private static final RetryPolicy TWICE = RetryPolicy.constant(ZERO).maxAttempts(2);

  private final TestDatabase db;
  private final Notes ran = new Notes();
  private final Gate gate = new Gate();
  private final AtomicBoolean mended = new AtomicBoolean();

  OnFailureTest(TestDatabase db) {
    this.db = db;
  }

  private String fail(String text) {
    ran.add("body");
    if (mended.get()) {
      return text + " itself";
    }
    throw new IllegalStateException("no " + text);
  }

  private String instead(String text, ErrorInfo error) {
    ran.add("instead of " + error.type() + ": " + error.message());
    return text + " instead";
  }

  private Workflow<String, String> flow(
      String name, Consumer<? super StepOptions<String, String>> with) {
    return Workflow.define(name, String.class)
        .step("first", text -> text, o -> o.compensate("undo", text -> ran.add("undo " + text)))
        .step("fetch", this::fail, with)
        .step("last", text -> text + "!")
        .build();
  }

  private static List<String> rows(Durable durable, UUID id, String path) {
    return durable.steps(id).stream()
        .filter(row -> row.path().equals(path))
        .map(row -> row.attempt() + " " + row.status().text())
        .toList();
  }

  // ---- what is handled ----

  @Test
  @DisplayName("when its attempts are used up: the history shows the failures and the result")
  void usedUp() {
    Workflow<String, String> flow =
        flow("used_up", with -> with.retry(TWICE).onFailure(this::instead));
    try (Durable durable = db.start(flow)) {
      ExecutionHandle<String> handle = durable.start(flow, "x");
      assertThat(handle.result(SOON)).isEqualTo("x instead!");
      assertThat(ran)
          .containsExactly("body", "body", "instead of java.lang.IllegalStateException: no x");
      assertThat(rows(durable, handle.id(), "fetch"))
          .containsExactly("1 failed", "2 failed", "3 completed");
      StepExecution result = durable.steps(handle.id()).get(3);
      assertThat(result.output()).isEqualTo("\"x instead\"");
      assertThat(result.error()).extracting(ErrorInfo::message).isEqualTo("no x");
      assertThat(db.violations()).isEmpty();
    }
  }

  @Test
  @DisplayName("when its policy does not repeat the failure, or its time is up")
  void refusedAndTimedOut() {
    Workflow<String, String> refused =
        Workflow.define("refused", String.class)
            .step(
                "fetch",
                text -> {
                  throw new NonRetryableException("never");
                },
                with -> with.retry(TWICE).onFailure(this::instead))
            .build();
    Workflow<String, String> late =
        Workflow.define("late", String.class)
            .step(
                "fetch",
                text -> {
                  new CountDownLatch(1).await();
                  return text;
                },
                with -> with.timeout(ofMillis(20)).onFailure(this::instead))
            .build();
    try (Durable durable = db.start(refused, late)) {
      assertThat(durable.start(refused, "r").result(SOON)).isEqualTo("r instead");
      assertThat(durable.start(late, "l").result(SOON)).isEqualTo("l instead");
    }
    assertThat(ran)
        .satisfiesExactly(
            one -> assertThat(one).contains(NonRetryableException.class.getName()),
            two -> assertThat(two).contains(StepTimeoutException.class.getName()));
  }

  @Test
  @DisplayName("as a transaction: what it wrote is rolled back")
  void aTransaction() {
    db.script("create table if not exists written (text text)");
    Workflow<String, String> flow =
        Workflow.define("in_transaction", String.class)
            .transaction(
                "write",
                (text, tx) -> {
                  Bookings.execute(tx, "insert into written values ('x')");
                  return fail(text);
                },
                (text, written) -> text + written,
                with -> with.onFailure(this::instead))
            .build();
    try (Durable durable = db.start(flow)) {
      ExecutionHandle<String> handle = durable.start(flow, "x");
      assertThat(handle.result(SOON)).isEqualTo("x instead");
      assertThat(rows(durable, handle.id(), "write")).containsExactly("1 failed", "2 completed");
      assertThat(db.rows("select * from written")).isEmpty();
    }
  }

  @Test
  @DisplayName("with the context of its own attempt")
  void itsContext() {
    Workflow<String, String> flow =
        flow(
            "context",
            with ->
                with.onFailure(
                    (text, error) ->
                        AttemptContext.current().path() + AttemptContext.current().attempt()));
    assertThat(db.run(flow, "x")).isEqualTo("fetch2!");
  }

  // ---- what comes of it ----

  @Test
  @DisplayName("It is undone like any node, and its compensation gets the value")
  void undone() {
    Workflow<String, String> flow =
        Workflow.define("undone", String.class)
            .step(
                "fetch",
                this::fail,
                with ->
                    with.onFailure(this::instead)
                        .compensate("undo", text -> ran.add("undo " + text)))
            .step(
                "last",
                text -> {
                  throw new IllegalStateException("later");
                })
            .build();
    try (Durable durable = db.start(flow)) {
      untilStatus(durable.start(flow, "x"), ExecutionStatus.COMPENSATED);
    }
    assertThat(ran).contains("undo x instead");
  }

  @Test
  @DisplayName("What it throws fails the node, and the trace names both; a retry runs the body")
  void itFailsItself() {
    Workflow<String, String> flow =
        flow(
            "fails",
            with ->
                with.onFailure(
                    (text, error) -> {
                      ran.add("instead");
                      throw new IllegalArgumentException("nor so");
                    }));
    try (Durable durable = db.start(flow)) {
      ExecutionHandle<String> handle = durable.start(flow, "x");
      untilStatus(handle, ExecutionStatus.COMPENSATED);
      ErrorInfo error = durable.find(handle.id()).orElseThrow().error();
      assertThat(error.type()).isEqualTo(IllegalArgumentException.class.getName());
      assertThat(error.message()).isEqualTo("nor so");
      assertThat(error.stackTrace())
          .contains("It was to handle java.lang.IllegalStateException: no x");
      assertThat(ran).containsExactly("body", "instead", "undo x");
    }
  }

  @Test
  @DisplayName("In a part of a fork it is not run again after it has failed")
  void itFailsInAPart() {
    Workflow<String, String> flow =
        Workflow.define("fails_in_a_part", String.class)
            .parallel(
                "both",
                par -> {
                  var lost =
                      par.step(
                          "lost",
                          String.class,
                          this::fail,
                          with ->
                              with.onFailure(
                                  (text, error) -> {
                                    ran.add("instead");
                                    throw new IllegalArgumentException("nor so");
                                  }));
                  par.path("other", String.class, path -> path.sleep("rest", s -> ofHours(1)));
                  return par.join(
                      (text, all) ->
                          all.outcome(lost) instanceof BranchOutcome.Failed<String> failed
                              ? failed.error().message()
                              : "?");
                },
                with -> with.completeAll())
            .build();
    try (Durable first = db.start(flow)) {
      ExecutionHandle<String> handle = first.start(flow, "x");
      untilStatus(handle, ExecutionStatus.WAITING);
      Gate.until(() -> rows(first, handle.id(), "both/lost").size() == 2);
      db.makeDue(handle.id());
      assertThat(handle.result(SOON)).isEqualTo("nor so");
    }
    assertThat(ran).containsExactly("body", "instead");
  }

  @Test
  @DisplayName("An operator's retry of a later failure keeps the value")
  void aRetryOfALaterStep() {
    Workflow<String, String> flow =
        Workflow.define("later", String.class)
            .step("fetch", this::fail, with -> with.onFailure(this::instead))
            .step("last", this::fail)
            .build();
    try (Durable durable = db.start(flow)) {
      ExecutionHandle<String> handle = durable.start(flow, "x");
      untilStatus(handle, ExecutionStatus.FAILED);
      mended.set(true);
      durable.retry(handle.id());
      assertThat(handle.result(SOON)).isEqualTo("x instead itself");
    }
  }

  // ---- what is not handled ----

  @Test
  @DisplayName("A cancel, a workflow's timeout and a step that failed before are not its failures")
  void notHandled() {
    Workflow<String, String> held = held("held", ofHours(1));
    Workflow<String, String> late = held("held_late", ofMillis(50));
    Workflow<String, String> before =
        Workflow.define("before", String.class)
            .step("first", this::fail)
            .step("fetch", text -> text, with -> with.onFailure(this::instead))
            .build();
    try (Durable durable = db.start(held, late, before)) {
      ExecutionHandle<String> cancelled = durable.start(held, "x");
      Gate.until(() -> ran.iterator().hasNext());
      durable.cancel(cancelled.id(), "enough");
      untilStatus(cancelled, ExecutionStatus.CANCELLED);
      untilStatus(durable.start(late, "x"), ExecutionStatus.FAILED);
      untilStatus(durable.start(before, "x"), ExecutionStatus.FAILED);
    }
    assertThat(ran).noneMatch(note -> note.startsWith("instead"));
  }

  private Workflow<String, String> held(String name, Duration timeout) {
    return Workflow.define(name, String.class, with -> with.timeout(timeout))
        .step(
            "fetch",
            text -> {
              ran.add("held");
              new CountDownLatch(1).await();
              return text;
            },
            with -> with.onFailure(this::instead))
        .build();
  }

  @Test
  @DisplayName("A policy that parks is refused beside it, also the workflow's")
  void beside() {
    assertThatThrownBy(
            () -> flow("parks", with -> with.retry(TWICE.thenPark()).onFailure(this::instead)))
        .isInstanceOf(InvalidWorkflowException.class)
        .hasMessageContaining("Step 'fetch' has onFailure and a policy that parks");
    assertThatThrownBy(
            () ->
                Workflow.define("parks", String.class, with -> with.retry(TWICE.thenPark()))
                    .decide("d", List.of("fetch"), text -> Decision.next())
                    .transaction("fetch", (text, tx) -> text, with -> with.onFailure(this::instead))
                    .build())
        .isInstanceOf(InvalidWorkflowException.class)
        .hasMessageContaining("give the step one of its own");
    assertThatThrownBy(() -> flow("null", with -> with.onFailure(null)))
        .isInstanceOf(NullPointerException.class)
        .hasMessage("instead");
  }

  // ---- a lost worker ----

  @Test
  @DisplayName("After its worker is lost, it is run again by another, and the body is not")
  void takenOver() {
    AtomicBoolean first = new AtomicBoolean(true);
    Workflow<String, String> flow =
        flow(
            "taken_over",
            with ->
                with.onFailure(
                    (text, error) -> {
                      ran.add("instead");
                      if (first.getAndSet(false)) {
                        gate.passUninterrupted();
                      }
                      return error.message();
                    }));
    takenOver(flow);
    assertThat(ran).containsExactly("body", "instead", "instead");
  }

  @Test
  @DisplayName("An at-most-once body whose worker is lost is not run again: it is handled")
  void atMostOnce() {
    Workflow<String, String> flow =
        Workflow.define("at_most_once", String.class)
            .step(
                "fetch",
                text -> {
                  ran.add("body");
                  gate.passUninterrupted();
                  return text;
                },
                with -> with.atMostOnce().onFailure((text, error) -> error.type()))
            .build();
    assertThat(takenOver(flow)).isEqualTo(ErrorInfo.WORKER_LOST);
    assertThat(ran).containsExactly("body");
  }

  /** The worker is lost when something has come to the gate. */
  private String takenOver(Workflow<String, String> flow) {
    try (HikariDataSource pool = db.newPool(5);
        Durable client = Durable.on(db.dataSource()).register(flow).build();
        Durable doomed =
            Durable.on(pool)
                .register(flow)
                .worker(
                    w ->
                        w.name(flow.name())
                            .heartbeat(Duration.ofSeconds(3))
                            .showRunningAfter(Duration.ofMillis(5))
                            .drainTime(ofMillis(1)))
                .startWorker()) {
      ExecutionHandle<String> handle = client.start(flow, "x");
      gate.awaitReached();
      db.expireLease(flow.name());
      try (Durable other = db.start(flow)) {
        untilEnded(other, handle.id());
        assertThat(db.violations()).isEmpty();
        return handle.result(SOON);
      } finally {
        gate.open();
      }
    }
  }
}
