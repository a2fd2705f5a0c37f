package dev.durable.retry;

import static dev.durable.testing.DurableFixture.SOON;
import static dev.durable.testing.DurableFixture.steps;
import static dev.durable.testing.DurableFixture.untilStatus;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.durable.Durable;
import dev.durable.execution.ErrorInfo;
import dev.durable.execution.Execution;
import dev.durable.execution.ExecutionHandle;
import dev.durable.execution.ExecutionParkedException;
import dev.durable.execution.ExecutionStatus;
import dev.durable.testing.DatabaseExtension;
import dev.durable.testing.TestDatabase;
import dev.durable.workflow.Decision;
import dev.durable.workflow.Workflow;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(DatabaseExtension.class)
@DisplayName("A step that has used up its attempts holds its execution for a person")
class ThenParkTest {

  private static final RetryPolicy TWICE =
      RetryPolicy.constant(Duration.ZERO).maxAttempts(2).thenPark();

  private final TestDatabase db;
  private final AtomicInteger calls = new AtomicInteger();
  private final AtomicBoolean mended = new AtomicBoolean();
  private final List<String> ran = new CopyOnWriteArrayList<>();

  ThenParkTest(TestDatabase db) {
    this.db = db;
  }

  private String ship(String text) {
    calls.incrementAndGet();
    if (!mended.get()) {
      throw new IllegalStateException("no lorry");
    }
    return text + "!";
  }

  private Workflow<String, String> shipping(RetryPolicy policy) {
    return Workflow.define("shipping", String.class)
        .step("book", s -> s, with -> with.compensate("unbook", s -> ran.add("unbook")))
        .step("ship", this::ship, with -> with.retry(policy))
        .build();
  }

  /** Whether the last failure of a step and the execution's parking are of one transaction. */
  private void assertThatOneEntryParks(UUID id, String path) {
    assertThat(
            db.rows(
                "select e.status, s.xmin::text = e.xmin::text from durable.workflow_executions e"
                    + " join durable.step_executions s on s.workflow_id = e.id"
                    + " where e.id = ? and s.path = ? and s.status = 'failed'"
                    + " order by s.seq desc limit 1",
                id,
                path))
        .containsExactly("parked|t");
  }

  @Test
  @DisplayName("It is parked with the reason, undoes nothing, and goes on after a retry")
  void parks() {
    Workflow<String, String> flow = shipping(TWICE);
    try (Durable durable = db.start(flow)) {
      ExecutionHandle<String> handle = durable.start(flow, "a");
      assertThatThrownBy(() -> handle.result(SOON)).isInstanceOf(ExecutionParkedException.class);
      Execution parked = durable.find(handle.id()).orElseThrow();
      assertThat(parked.status()).isEqualTo(ExecutionStatus.PARKED);
      assertThat(parked.error().type()).isEqualTo(ErrorInfo.RETRIES_EXHAUSTED);
      assertThat(parked.error().step()).isEqualTo("ship");
      assertThat(parked.error().message())
          .isEqualTo(
              "All of its 2 attempts failed; the last error is"
                  + " java.lang.IllegalStateException: no lorry");
      assertThat(steps(durable, handle.id()))
          .containsExactly("book completed", "ship failed", "ship failed");
      assertThatOneEntryParks(handle.id(), "ship");
      durable.retry(handle.id());
      untilStatus(handle, ExecutionStatus.PARKED);
      assertThat(calls.get()).isEqualTo(4);
      mended.set(true);
      durable.retry(handle.id());
      assertThat(handle.result(SOON)).isEqualTo("a!");
      assertThat(calls.get()).isEqualTo(5);
      assertThat(ran).isEmpty();
    }
  }

  @Test
  @DisplayName("RetryPolicy.none().thenPark() parks after the only attempt")
  void parksWithoutRetries() {
    Workflow<String, String> flow = shipping(RetryPolicy.none().thenPark());
    try (Durable durable = db.start(flow)) {
      UUID id = durable.start(flow, "a").id();
      untilStatus(durable, id, ExecutionStatus.PARKED);
      assertThat(durable.find(id).orElseThrow().error().message()).startsWith("Its attempt failed");
      assertThat(calls.get()).isEqualTo(1);
    }
  }

  @Test
  @DisplayName("A failure that would never be retried still fails")
  void failsForGood() {
    Workflow<String, String> flow =
        Workflow.define("declining", String.class)
            .step(
                "pay",
                s -> {
                  throw "final".equals(s)
                      ? new NonRetryableException("declined")
                      : new IllegalArgumentException("refused by the condition");
                },
                with ->
                    with.retry(
                        RetryPolicy.none().thenPark().doNotRetryOn(IllegalArgumentException.class)))
            .build();
    try (Durable durable = db.start(flow)) {
      untilStatus(durable.start(flow, "final"), ExecutionStatus.FAILED);
      untilStatus(durable.start(flow, "other"), ExecutionStatus.FAILED);
    }
  }

  @Test
  @DisplayName("A transaction is rolled back, and parked")
  void parksATransaction() {
    Workflow<String, String> flow =
        Workflow.define("transferring", String.class)
            .transaction("move", (s, tx) -> ship(s), with -> with.retry(TWICE))
            .build();
    parksAndGoesOn(flow, "move");
  }

  @Test
  @DisplayName("A decision is parked")
  void parksADecision() {
    Workflow<String, String> flow =
        Workflow.define("deciding", String.class)
            .decide("which", List.of("end"), s -> Decision.next(ship(s)), with -> with.retry(TWICE))
            .step("end", s -> s)
            .build();
    parksAndGoesOn(flow, "which");
  }

  @Test
  @DisplayName("A branch that parks holds the whole; completed branches are not run again")
  void parksABranch() {
    Workflow<String, String> flow =
        Workflow.define("branching", String.class)
            .parallel(
                "both",
                par -> {
                  par.step("good", String.class, (s, step) -> note("good"));
                  par.path(
                      "bad",
                      String.class,
                      path -> path.step("ship", this::ship, with -> with.retry(TWICE)));
                  return par.join((s, results) -> s + "!");
                },
                with -> with.completeAll())
            .build();
    parksAndGoesOn(flow, "both/bad/ship");
    assertThat(ran).containsOnly("good");
  }

  @Test
  @DisplayName("An item that parks holds the whole, below another fork as well")
  void parksAnItem() {
    Workflow<String, String> flow =
        Workflow.define("listing", String.class)
            .parallel(
                "outer",
                par -> {
                  par.path(
                      "list",
                      String.class,
                      path ->
                          path.forEach(
                              "each",
                              String.class,
                              String.class,
                              s -> List.of("a"),
                              item -> item.step("ship", this::ship, with -> with.retry(TWICE)),
                              (s, results) -> s + "!",
                              with -> with.completeAll()));
                  return par.join((s, results) -> s + "!");
                },
                with -> with.completeAll())
            .build();
    parksAndGoesOn(flow, "outer/list/each[0]/ship");
  }

  @Test
  @DisplayName("In a compensation it has no effect: the execution is compensation_failed")
  void doesNotParkACompensation() {
    Workflow<String, String> flow =
        Workflow.define("undoing", String.class)
            .step(
                "book",
                s -> s,
                with -> with.compensate("unbook", this::ship, undo -> undo.retry(TWICE)))
            .step(
                "pay",
                s -> {
                  throw new IllegalStateException("no money");
                })
            .build();
    try (Durable durable = db.start(flow)) {
      UUID id = durable.start(flow, "a").id();
      untilStatus(durable, id, ExecutionStatus.COMPENSATION_FAILED);
      assertThat(calls.get()).isEqualTo(2);
      mended.set(true);
      durable.retry(id);
      untilStatus(durable, id, ExecutionStatus.COMPENSATED);
    }
  }

  private void parksAndGoesOn(Workflow<String, String> flow, String path) {
    try (Durable durable = db.start(flow)) {
      ExecutionHandle<String> handle = durable.start(flow, "a");
      untilStatus(handle, ExecutionStatus.PARKED);
      assertThat(durable.find(handle.id()).orElseThrow().error().type())
          .isEqualTo(ErrorInfo.RETRIES_EXHAUSTED);
      assertThatOneEntryParks(handle.id(), path);
      mended.set(true);
      durable.retry(handle.id());
      assertThat(handle.result(SOON)).isEqualTo("a!");
      assertThat(calls.get()).isEqualTo(3);
    }
  }

  private String note(String what) {
    ran.add(what);
    return what;
  }
}
