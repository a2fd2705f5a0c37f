package dev.durable.acceptance;

import static dev.durable.acceptance.Waits.PAID;
import static dev.durable.acceptance.Waits.body;
import static dev.durable.testing.DurableFixture.SOON;
import static dev.durable.testing.DurableFixture.untilStatus;
import static dev.durable.testing.DurableFixture.untilWaiting;
import static java.time.Duration.ZERO;
import static java.time.Duration.ofMillis;
import static org.assertj.core.api.Assertions.assertThat;

import dev.durable.Durable;
import dev.durable.execution.Execution;
import dev.durable.execution.ExecutionStatus;
import dev.durable.retry.NonRetryableException;
import dev.durable.retry.RetryPolicy;
import dev.durable.testing.DatabaseExtension;
import dev.durable.testing.Gate;
import dev.durable.testing.TestDatabase;
import dev.durable.workflow.BranchFailedException;
import dev.durable.workflow.BranchOutcome;
import dev.durable.workflow.ChildFailedException;
import dev.durable.workflow.EffectFailedException;
import dev.durable.workflow.ForkedBranch;
import dev.durable.workflow.ForkedBranches;
import dev.durable.workflow.StepContext;
import dev.durable.workflow.Workflow;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

@ExtendWith(DatabaseExtension.class)
@DisplayName("After an operator's retry a body")
@Tag("newest")
class HandledFailureTest {

  private static final RetryPolicy ONCE = RetryPolicy.none();
  private static final RetryPolicy PARKS = RetryPolicy.constant(ZERO).maxAttempts(1).thenPark();

  private final TestDatabase db;
  private final Notes ran = new Notes();
  private final Set<String> broken = ConcurrentHashMap.newKeySet();

  HandledFailureTest(TestDatabase db) {
    this.db = db;
  }

  // ---- what bodies do ----

  private String does(String name) {
    ran.add(name);
    if (broken.contains(name)) {
      throw new IllegalStateException("no " + name);
    }
    return name;
  }

  /** An effect whose failure is remembered. */
  private String pays(StepContext<?> step, String name) throws Exception {
    return step.run(name, String.class, () -> does(name), with -> with.retry(ONCE));
  }

  /** An effect whose failure is not remembered. */
  private String ships(StepContext<?> step) throws Exception {
    return step.run("ship", String.class, () -> does("ship"));
  }

  private String paysSomehow(StepContext<?> step) throws Exception {
    try {
      return pays(step, "card");
    } catch (EffectFailedException failed) {
      return step.run("invoice", String.class, () -> does("invoice"));
    }
  }

  private void breaks(String... names) {
    broken.addAll(List.of(names));
  }

  /** Runs a workflow until it ends in a status, mends everything, and retries it. */
  private String retried(Workflow<String, String> flow, ExecutionStatus first) {
    try (Durable durable = db.start(flow)) {
      UUID id = durable.start(flow, "x").id();
      untilStatus(durable, id, first);
      return mended(durable, flow, id);
    }
  }

  private String mended(Durable durable, Workflow<String, String> flow, UUID id) {
    broken.clear();
    durable.retry(id);
    return durable.handle(id, flow).result(SOON);
  }

  @Nested
  @DisplayName("gets the same failure again, if it had handled that and gone on")
  class Again {

    @ParameterizedTest
    @ValueSource(ints = {1, 3})
    @DisplayName("to something that is done: only one of two ways is gone, after any retries")
    void toAnEffect(int retries) {
      Workflow<String, String> flow =
          body("handled", (text, step) -> paysSomehow(step) + " " + ships(step));
      breaks("card", "ship");
      try (Durable durable = db.start(flow)) {
        UUID id = durable.start(flow, "x").id();
        untilStatus(durable, id, ExecutionStatus.FAILED);
        for (int i = 1; i < retries; i++) {
          broken.remove("card");
          durable.retry(id);
          int ships = 1 + i;
          Gate.until(() -> ran.all().stream().filter("ship"::equals).count() == ships);
          untilStatus(durable, id, ExecutionStatus.FAILED);
        }
        assertThat(mended(durable, flow, id)).isEqualTo("invoice ship");
        assertThat(ran.all()).containsOnlyOnce("card").containsOnlyOnce("invoice");
      }
    }

    @Test
    @DisplayName("to a wait, also on another worker")
    void toAWait() {
      Workflow<String, String> flow =
          body(
              "waits",
              (text, step) -> {
                try {
                  return pays(step, "card");
                } catch (EffectFailedException failed) {
                  String paid = step.await(PAID);
                  return paid + " " + ships(step);
                }
              });
      breaks("card");
      UUID id;
      try (Durable durable = db.start(flow)) {
        id = durable.start(flow, "x").id();
        untilWaiting(durable, id);
        durable.cancelWaits(id);
        untilStatus(durable, id, ExecutionStatus.FAILED);
        broken.clear();
        durable.retry(id);
        Gate.until(() -> durable.waits(id).size() == 1);
        untilWaiting(durable, id);
      }
      try (Durable durable = db.start(flow)) {
        durable.send(id, PAID, "cash");
        assertThat(durable.handle(id, flow).result(SOON)).isEqualTo("cash ship");
        assertThat(ran.all()).containsExactly("card", "ship");
      }
    }

    @Test
    @DisplayName("to something else that failed, which alone is tried anew")
    void toAnotherFailure() {
      Workflow<String, String> flow =
          body(
              "next",
              (text, step) -> {
                try {
                  return pays(step, "card");
                } catch (EffectFailedException failed) {
                  return pays(step, "invoice");
                }
              });
      breaks("card", "invoice");
      assertThat(retried(flow, ExecutionStatus.FAILED)).isEqualTo("invoice");
      assertThat(ran.all()).containsExactly("card", "invoice", "invoice");
    }

    @ParameterizedTest
    @EnumSource
    @DisplayName("to an effect without a policy that failed, which alone is tried anew")
    void toAnEffectWithoutAPolicy(Shape shape) {
      Workflow<String, String> flow =
          body(
              "bare" + shape,
              (text, step) -> {
                if (shape == Shape.IN_A_BRANCH) {
                  ForkedBranches<?> parts = step.parallel("parts");
                  ForkedBranch<String> part =
                      parts.branch("one", String.class, HandledFailureTest.this::paysSomehow);
                  parts.join();
                  return part.get();
                }
                if (shape == Shape.OF_A_LONG_BODY) {
                  Thread.sleep(1_200);
                }
                try {
                  return paysSomehow(step);
                } catch (IllegalStateException failed) {
                  throw shape == Shape.WRAPPED ? new CompletionException(failed) : failed;
                }
              });
      breaks("card", "invoice");
      assertThat(retried(flow, ExecutionStatus.FAILED)).isEqualTo("invoice");
      assertThat(ran.all()).containsExactly("card", "invoice", "invoice");
    }

    @Test
    @DisplayName("to something that parked the execution, which is tried anew")
    void thenParked() {
      Workflow<String, String> flow =
          body(
              "parked",
              (text, step) ->
                  paysSomehow(step)
                      + " "
                      + step.run(
                          "ship", String.class, () -> does("ship"), with -> with.retry(PARKS)));
      breaks("card", "ship");
      assertThat(retried(flow, ExecutionStatus.PARKED)).isEqualTo("invoice ship");
      assertThat(ran.all()).containsExactly("card", "invoice", "ship", "ship");
    }

    @Test
    @DisplayName("in a round of a repeat")
    void inARound() {
      Workflow<String, String> flow =
          Workflow.define("rounds", String.class)
              .repeatUntil(
                  "rounds",
                  text -> text.endsWith("!!"),
                  path ->
                      path.step(
                          "round",
                          String.class,
                          (text, step) -> {
                            paysSomehow(step);
                            ships(step);
                            return text + "!";
                          }))
              .build();
      breaks("card", "ship");
      assertThat(retried(flow, ExecutionStatus.FAILED)).isEqualTo("x!!");
      assertThat(ran.all()).containsExactly("card", "invoice", "ship", "ship", "card", "ship");
    }

    @Test
    @DisplayName("of an effect in a branch, which runs again")
    void inABranch() {
      Workflow<String, String> flow =
          body(
              "branches",
              (text, step) -> {
                ForkedBranches<String> both = step.parallel("both");
                ForkedBranch<String> order =
                    both.branch(
                        "order",
                        String.class,
                        branch -> {
                          String paid = paysSomehow(branch);
                          return paid + " " + pays(branch, "pack");
                        });
                ForkedBranch<String> mail = both.run("mail", String.class, () -> does("mail"));
                both.join();
                return order.get() + " " + mail.get();
              });
      breaks("card", "pack");
      assertThat(retried(flow, ExecutionStatus.FAILED)).isEqualTo("invoice pack mail");
      assertThat(ran.all()).containsOnlyOnce("card", "invoice", "mail");
    }

    @Test
    @DisplayName("of a branch and of one inside of it, whatever its effects were")
    void ofABranch() {
      Workflow<String, String> flow =
          body(
              "one_of_two",
              (text, step) -> {
                ForkedBranches<String> both = step.parallel("both", with -> with.completeAll());
                both.branch(
                    "order",
                    branch -> {
                      ForkedBranches<?> inner = branch.parallel("inner");
                      inner.branch("card", deep -> pays(deep, "card"));
                      inner.join();
                    });
                ForkedBranch<Void> stock = both.run("stock", () -> does("stock"));
                both.join();
                assertThat(stock.outcome()).isInstanceOf(BranchOutcome.Failed.class);
                return step.run("instead", String.class, () -> does("instead")) + " " + ships(step);
              });
      breaks("card", "stock", "ship");
      assertThat(retried(flow, ExecutionStatus.FAILED)).isEqualTo("instead ship");
      assertThat(ran.all()).containsOnlyOnce("card", "stock", "instead");
    }

    @Test
    @DisplayName("of a branch that its quorum did not need: it has the same outcome")
    void ofAQuorum() {
      Workflow<String, String> flow =
          body(
              "quorum",
              (text, step) -> {
                ForkedBranches<String> par = step.parallel("p", with -> with.quorum(2));
                ForkedBranch<Void> late = par.run("late", () -> does("late"));
                for (String name : List.of("a", "b")) {
                  par.branch(
                      name,
                      branch -> {
                        branch.await(PAID);
                        does(name);
                      });
                }
                par.join();
                does("joined " + (late.outcome() instanceof BranchOutcome.Failed));
                step.run("next", () -> does("next"));
                return ships(step);
              });
      breaks("late", "ship");
      try (Durable durable = db.start(flow)) {
        UUID id = durable.start(flow, "x").id();
        Gate.until(() -> durable.waits(id).size() == 2);
        untilWaiting(durable, id);
        durable.send(id, PAID, "1");
        durable.send(id, PAID, "2");
        untilStatus(durable, id, ExecutionStatus.FAILED);
        assertThat(mended(durable, flow, id)).isEqualTo("ship");
        assertThat(ran.all())
            .containsOnlyOnce("late", "next")
            .contains("joined true")
            .doesNotContain("joined false");
      }
    }

    @Test
    @DisplayName("of items, with a body or a child of their own")
    void ofItems() {
      Workflow<String, String> child = body("each_child", (text, step) -> does("child " + text));
      Workflow<String, String> flow =
          body(
              "items",
              (text, step) -> {
                int failed =
                    step.forEach(
                            "each",
                            String.class,
                            List.of("a", "b"),
                            (item, each) -> does("item " + item),
                            with -> with.completeAll())
                        .failed()
                        .size();
                failed +=
                    step.callEach("call", child, List.of("a", "b"), with -> with.completeAll())
                        .failed()
                        .size();
                step.run("report", () -> does("report"));
                return failed + ships(step);
              });
      breaks("item b", "child a", "ship");
      try (Durable durable = Durable.on(db.dataSource()).register(child, flow).startWorker()) {
        UUID id = durable.start(flow, "x").id();
        untilStatus(durable, id, ExecutionStatus.FAILED);
        assertThat(mended(durable, flow, id)).isEqualTo("2ship");
        assertThat(ran.all()).containsOnlyOnce("item b", "child a", "report");
      }
    }

    @Test
    @DisplayName("of a child, if it went on to something that failed")
    void ofAChild() {
      Workflow<String, String> child = body("child", (text, step) -> does("child"));
      Workflow<String, String> flow =
          body(
              "calls",
              (text, step) -> {
                try {
                  return step.call("call", child, text);
                } catch (ChildFailedException failed) {
                  return pays(step, "instead");
                }
              });
      breaks("child", "instead");
      try (Durable durable = Durable.on(db.dataSource()).register(child, flow).startWorker()) {
        UUID id = durable.start(flow, "x").id();
        untilStatus(durable, id, ExecutionStatus.FAILED);
        assertThat(mended(durable, flow, id)).isEqualTo("instead");
        assertThat(durable.children(id))
            .extracting(Execution::status)
            .containsExactly(ExecutionStatus.FAILED);
      }
    }

    @Test
    @DisplayName("if it is a called child's, and its parent is retried")
    void inAChild() {
      Workflow<String, String> child =
          body("order", (text, step) -> paysSomehow(step) + " " + ships(step));
      Workflow<String, String> flow = body("shop", (text, step) -> step.call("call", child, text));
      breaks("card", "ship");
      try (Durable durable = Durable.on(db.dataSource()).register(child, flow).startWorker()) {
        UUID id = durable.start(flow, "x").id();
        untilStatus(durable, id, ExecutionStatus.FAILED);
        assertThat(mended(durable, flow, id)).isEqualTo("invoice ship");
        assertThat(ran.all()).containsExactly("card", "invoice", "ship", "ship");
      }
    }

    @Test
    @DisplayName("and is undone along the way that it went")
    void undone() {
      Workflow<String, String> flow =
          body(
              "undone",
              (text, step) -> {
                try {
                  pays(step, "card");
                } catch (EffectFailedException failed) {
                  step.run(
                      "invoice",
                      () -> does("invoice"),
                      with -> with.compensate("credit", none -> does("credit")));
                }
                return ships(step);
              });
      breaks("card", "ship", "credit");
      try (Durable durable = db.start(flow)) {
        UUID id = durable.start(flow, "x").id();
        untilStatus(durable, id, ExecutionStatus.COMPENSATION_FAILED);
        broken.clear();
        durable.retry(id);
        untilStatus(durable, id, ExecutionStatus.COMPENSATED);
        assertThat(ran.all()).containsExactly("card", "invoice", "ship", "credit", "credit");
      }
    }
  }

  /** How a body gets to its failure. */
  enum Shape {
    PLAIN,
    WRAPPED,
    IN_A_BRANCH,
    OF_A_LONG_BODY
  }

  @Nested
  @DisplayName("sleeps no sleep again that is over")
  class Asleep {

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void sleeps(boolean inABranch) {
      Workflow<String, String> flow =
          body(
              "naps" + inABranch,
              (text, step) -> {
                if (!inABranch) {
                  step.sleep("nap", ofMillis(20));
                  return ships(step);
                }
                ForkedBranches<?> parts = step.parallel("parts");
                ForkedBranch<String> part =
                    parts.branch(
                        "one",
                        String.class,
                        one -> {
                          one.sleep("nap", ofMillis(20));
                          return ships(one);
                        });
                parts.join();
                return part.get();
              });
      breaks("ship");
      assertThat(retried(flow, ExecutionStatus.FAILED)).isEqualTo("ship");
      assertThat(
              db.number(
                  "select count(*) from durable.step_executions where path like ?",
                  inABranch ? "%/one/nap" : "body/nap"))
          .isEqualTo(1);
    }
  }

  @Nested
  @DisplayName("tries anew what had failed")
  class Anew {

    @Test
    @DisplayName("if it failed because of that after it had run long")
    void theReasonOfALongBody() {
      Workflow<String, String> flow =
          body(
              "long",
              (text, step) -> {
                Thread.sleep(1_200);
                try {
                  return pays(step, "card");
                } catch (EffectFailedException failed) {
                  step.run("alert", () -> does("alert"));
                  throw failed;
                }
              });
      breaks("card");
      assertThat(retried(flow, ExecutionStatus.FAILED)).isEqualTo("card");
      assertThat(ran.all()).containsExactly("card", "alert", "card");
    }

    @Test
    @DisplayName("if that was the last thing it got, whatever it made of it")
    void theLast() {
      Workflow<String, String> flow =
          body(
              "last",
              (text, step) -> {
                ships(step);
                try {
                  return pays(step, "card");
                } catch (EffectFailedException failed) {
                  throw new NonRetryableException("not paid");
                }
              });
      breaks("card");
      assertThat(retried(flow, ExecutionStatus.FAILED)).isEqualTo("card");
      assertThat(ran.all()).containsExactly("ship", "card", "card");
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    @DisplayName("if it failed because of that, although it did something in between")
    void theReason(boolean wrapped) {
      Workflow<String, String> flow =
          body(
              "reason",
              (text, step) -> {
                try {
                  return pays(step, "card");
                } catch (EffectFailedException failed) {
                  step.run("alert", () -> does("alert"));
                  throw wrapped ? new CompletionException(failed) : failed;
                }
              });
      breaks("card");
      assertThat(retried(flow, ExecutionStatus.FAILED)).isEqualTo("card");
      assertThat(ran.all()).containsExactly("card", "alert", "card");
    }

    @Test
    @DisplayName("if it had handled that, and failed because of it after another retry")
    void theReasonLater() {
      Workflow<String, String> flow =
          body(
              "later",
              (text, step) -> {
                try {
                  return pays(step, "card");
                } catch (EffectFailedException failed) {
                  step.run("alert", () -> does("alert"));
                  if (broken.contains("patience")) {
                    throw new NonRetryableException("not paid");
                  }
                  throw failed;
                }
              });
      breaks("card", "patience");
      try (Durable durable = db.start(flow)) {
        UUID id = durable.start(flow, "x").id();
        untilStatus(durable, id, ExecutionStatus.FAILED);
        broken.clear();
        durable.retry(id);
        Gate.until(
            () ->
                durable.find(id).orElseThrow().error() != null
                    && durable.find(id).orElseThrow().error().message().contains("no card"));
        assertThat(mended(durable, flow, id)).isEqualTo("card");
        assertThat(ran.all()).containsExactly("card", "alert", "card");
      }
    }

    @Test
    @DisplayName("if it failed because of a branch or a child, although it did something else")
    void otherReasons() {
      Workflow<String, String> child = body("child", (text, step) -> does("child"));
      Workflow<String, String> flow =
          body(
              "others",
              (text, step) -> {
                try {
                  ForkedBranches<?> par = step.parallel("par");
                  par.branch("a", branch -> pays(branch, "card"));
                  par.join();
                  return step.call("call", child, text);
                } catch (BranchFailedException | ChildFailedException failed) {
                  boolean branch = failed instanceof BranchFailedException;
                  step.run("alert " + branch, () -> does("alert " + branch));
                  throw failed;
                }
              });
      breaks("card", "child");
      try (Durable durable = Durable.on(db.dataSource()).register(child, flow).startWorker()) {
        UUID id = durable.start(flow, "x").id();
        untilStatus(durable, id, ExecutionStatus.FAILED);
        broken.remove("card");
        durable.retry(id);
        Gate.until(() -> ran.all().contains("alert false"));
        untilStatus(durable, id, ExecutionStatus.FAILED);
        assertThat(mended(durable, flow, id)).isEqualTo("child");
        assertThat(ran.all())
            .containsExactly("card", "alert true", "card", "child", "alert false", "child");
        assertThat(durable.children(id)).hasSize(1);
      }
    }

    @Test
    @DisplayName("if that had parked it, although another thread of it went on")
    void parked() {
      Gate parked = new Gate();
      Workflow<String, String> flow =
          body(
              "threads",
              (text, step) -> {
                CompletableFuture<String> beside =
                    CompletableFuture.supplyAsync(
                        () -> {
                          try {
                            parked.pass();
                            return step.run("beside", String.class, () -> does("beside"));
                          } catch (Exception failure) {
                            throw new CompletionException(failure);
                          }
                        });
                try {
                  return step.run(
                      "card", String.class, () -> does("card"), with -> with.retry(PARKS));
                } finally {
                  parked.open();
                  beside.join();
                }
              });
      breaks("card");
      assertThat(retried(flow, ExecutionStatus.PARKED)).isEqualTo("card");
      assertThat(ran.all()).containsExactly("card", "beside", "card");
    }
  }
}
