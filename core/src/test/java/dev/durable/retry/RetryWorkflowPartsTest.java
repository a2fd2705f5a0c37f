package dev.durable.retry;

import static dev.durable.testing.DurableFixture.SOON;
import static dev.durable.testing.DurableFixture.untilStatus;
import static java.time.Duration.ZERO;
import static java.time.Duration.ofHours;
import static org.assertj.core.api.Assertions.assertThat;

import dev.durable.Durable;
import dev.durable.execution.Execution;
import dev.durable.execution.ExecutionStatus;
import dev.durable.execution.StepType;
import dev.durable.testing.DatabaseExtension;
import dev.durable.testing.Gate;
import dev.durable.testing.TestDatabase;
import dev.durable.wait.Event;
import dev.durable.workflow.EffectFailedException;
import dev.durable.workflow.StepBody;
import dev.durable.workflow.Workflow;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(DatabaseExtension.class)
@DisplayName("When a whole workflow is tried again")
@Tag("newest")
class RetryWorkflowPartsTest {

  private static final RetryPolicy AT_ONCE = RetryPolicy.constant(ZERO).maxAttempts(3);
  private static final RetryPolicy HOURLY = RetryPolicy.constant(ofHours(1)).maxAttempts(3);
  private static final Event<String> GO = Event.of("go", String.class);

  private final TestDatabase db;
  private final FlakyWork work = new FlakyWork();

  /** Charges, which is not repeated, and ships. */
  private final Workflow<String, String> order =
      Workflow.define("order", String.class)
          .step("charge", s -> work.does("charge"))
          .step("ship", s -> work.does("ship"))
          .build();

  RetryWorkflowPartsTest(TestDatabase db) {
    this.db = db;
  }

  @AfterEach
  void nothingIsViolated() {
    assertThat(db.violations()).isEmpty();
  }

  private static Workflow<String, String> body(
      RetryPolicy policy, StepBody<String, String, String> body) {
    return Workflow.of("body", String.class, String.class, body, w -> w.retryWorkflow(policy));
  }

  private static void untilItRests(Durable durable, UUID id) {
    Gate.until(
        () ->
            durable.steps(id).stream().anyMatch(row -> row.type() == StepType.RETRY)
                && durable.find(id).orElseThrow().status() == ExecutionStatus.WAITING);
  }

  @Test
  @DisplayName("a body keeps its effects, and tries those anew that their policies had given up")
  void effects() {
    work.breaks("pay", 3);
    Workflow<String, String> flow =
        body(
            AT_ONCE,
            (s, step) -> {
              for (int i = 0; i < 40; i++) {
                step.run("reserve " + i, String.class, () -> work.does("reserve"));
              }
              return step.run(
                  "pay",
                  String.class,
                  () -> work.does("pay"),
                  with -> with.retry(RetryPolicy.constant(ZERO).maxAttempts(2)));
            });
    assertThat(db.run(flow, "x")).isEqualTo("pay");
    assertThat(work.times("reserve")).isEqualTo(40);
    assertThat(work.times("pay")).isEqualTo(4);
  }

  @Test
  @DisplayName("a failure that a body has handled stays: not both ways are gone")
  void handled() {
    work.breaks("card", 1);
    work.breaks("ship", 2);
    Workflow<String, String> flow =
        body(
            AT_ONCE,
            (s, step) -> {
              String paid;
              try {
                paid =
                    step.run(
                        "card",
                        String.class,
                        () -> work.does("card"),
                        with -> with.retry(RetryPolicy.none()));
              } catch (EffectFailedException failed) {
                paid = step.run("invoice", String.class, () -> work.does("invoice"));
              }
              return paid + " " + step.run("ship", String.class, () -> work.does("ship"));
            });
    assertThat(db.run(flow, "x")).isEqualTo("invoice ship");
    assertThat(work.ran()).containsExactly("card", "invoice", "ship", "ship", "ship");
  }

  @Test
  @DisplayName("branches and items that are done stay, of nodes and of bodies")
  void branchesAndItems() {
    work.breaks("b", 1);
    work.breaks("item 1", 1);
    work.breaks("inner 1", 1);
    Workflow<String, String> flow =
        Workflow.define("forks", String.class, with -> with.retryWorkflow(AT_ONCE.maxAttempts(4)))
            .step("a", s -> work.does("a"))
            .parallel(
                "both",
                par -> {
                  par.step("c", String.class, s -> work.does("c"));
                  par.step("b", String.class, s -> work.does("b"));
                  return par.join((s, results) -> s);
                },
                with -> with.quorum(2))
            .forEach(
                "each",
                Integer.class,
                s -> List.of(0, 1),
                each -> each.step("do", String.class, n -> work.does("item " + n)),
                with -> with.concurrency(1))
            .step(
                "body",
                (s, step) -> {
                  step.forEach(
                      "inner",
                      List.of(0, 1),
                      (n, item) -> {
                        work.does("inner " + n);
                      },
                      with -> with.concurrency(1));
                  return "done";
                })
            .build();
    assertThat(db.run(flow, "x")).isEqualTo("done");
    assertThat(work.times("a")).isEqualTo(1);
    assertThat(work.times("b")).isEqualTo(2);
    assertThat(work.times("item 0")).isEqualTo(1);
    assertThat(work.times("item 1")).isEqualTo(2);
    assertThat(work.times("inner 0")).isEqualTo(1);
    assertThat(work.times("inner 1")).isEqualTo(2);
  }

  @Test
  @DisplayName("the same child continues, with its key, and charges once; of nodes and of bodies")
  void children() {
    Workflow<String, String> node =
        Workflow.define("node", String.class, with -> with.retryWorkflow(AT_ONCE))
            .call("child", order, s -> s, (s, result) -> result)
            .build();
    Workflow<String, String> calls =
        body(AT_ONCE, (s, step) -> step.call("child", order, s, with -> with.key("k " + s)));
    for (Workflow<String, String> flow : List.of(node, calls)) {
      long charged = work.times("charge");
      work.breaks("ship", 2);
      try (Durable durable = db.start(flow, order)) {
        UUID id = durable.start(flow, "x").id();
        assertThat(durable.handle(id, flow).result(SOON)).isEqualTo("ship");
        assertThat(durable.children(id)).hasSize(1);
        assertThat(work.times("charge")).isEqualTo(charged + 1);
      }
    }
  }

  @Test
  @DisplayName("its parent sees it wait, and gets the result of the try that succeeds")
  void asAChild() {
    work.breaks("ship", 1);
    Workflow<String, String> child =
        Workflow.define("patient", String.class, with -> with.retryWorkflow(HOURLY))
            .step("ship", s -> work.does("ship"))
            .build();
    Workflow<String, String> parent =
        Workflow.of("parent", String.class, String.class, (s, step) -> step.call(child, s));
    try (Durable durable = db.start(parent, child)) {
      UUID id = durable.start(parent, "x").id();
      Gate.until(() -> !durable.children(id).isEmpty());
      UUID called = durable.children(id).getFirst().id();
      untilItRests(durable, called);
      untilStatus(durable, id, ExecutionStatus.WAITING);
      durable.reschedule(called, ZERO);
      assertThat(durable.handle(id, parent).result(SOON)).isEqualTo("ship");
    }
  }

  @Test
  @DisplayName("a child that was started is not cancelled, and an event that came meanwhile counts")
  void meanwhile() {
    work.breaks("ship", 1);
    Workflow<String, String> waits =
        Workflow.define("waits", String.class).await("go", GO, (s, got) -> got).build();
    Workflow<String, String> flow =
        body(
            HOURLY,
            (s, step) -> {
              step.start("started", waits, s);
              work.does("ship");
              return step.await(GO);
            });
    try (Durable durable = db.start(flow, waits)) {
      UUID id = durable.start(flow, "x").id();
      untilItRests(durable, id);
      Execution started = durable.children(id).getFirst();
      untilStatus(durable, started.id(), ExecutionStatus.WAITING);
      durable.send(id, GO, "on");
      assertThat(work.times("ship")).isEqualTo(1);
      durable.reschedule(id, ZERO);
      assertThat(durable.handle(id, flow).result(SOON)).isEqualTo("on");
      assertThat(durable.children(id)).hasSize(1);
      durable.send(started.id(), GO, "too");
      untilStatus(durable, started.id(), ExecutionStatus.COMPLETED);
    }
  }
}
