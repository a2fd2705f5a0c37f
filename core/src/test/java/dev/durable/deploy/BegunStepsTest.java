package dev.durable.deploy;

import static dev.durable.testing.DurableFixture.untilWaiting;
import static org.assertj.core.api.Assertions.assertThat;

import dev.durable.Durable;
import dev.durable.execution.ErrorInfo;
import dev.durable.execution.Execution;
import dev.durable.execution.ExecutionStatus;
import dev.durable.question.Question;
import dev.durable.retry.RetryPolicy;
import dev.durable.testing.DatabaseExtension;
import dev.durable.testing.Gate;
import dev.durable.testing.Proves;
import dev.durable.testing.TestDatabase;
import dev.durable.wait.Event;
import dev.durable.workflow.StepContext;
import dev.durable.workflow.Workflow;
import dev.durable.workflow.WorkflowBuilder;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.extension.ExtendWith;

@Proves("F10.3")
@DisplayName("Work that a step has begun is neither repeated nor skipped under another definition")
@ExtendWith(DatabaseExtension.class)
@Tag("newest")
class BegunStepsTest {

  private static final RetryPolicy LATER = RetryPolicy.constant(Duration.ofHours(1));
  private static final Set<ExecutionStatus> RESTS =
      Set.of(ExecutionStatus.WAITING, ExecutionStatus.PENDING, ExecutionStatus.RUNNING);
  private static final Event<String> GO = Event.of("go", String.class);
  private static final Event<String> PAID = Event.of("paid", String.class);

  /** The first payload of the event. */
  record Paid(int amount) {}

  /** Its payload now. */
  record PaidBy(String amount) {}

  private final TestDatabase db;
  private final List<String> did = new CopyOnWriteArrayList<>();
  private volatile boolean stops;

  BegunStepsTest(TestDatabase db) {
    this.db = db;
  }

  /** An edit, in words; and what the execution has done before it. */
  private record Case(
      String edit,
      UnaryOperator<WorkflowBuilder<Integer, Integer>> before,
      UnaryOperator<WorkflowBuilder<Integer, Integer>> after,
      @Nullable String difference,
      List<String> done) {}

  private List<Case> cases() {
    List<Case> all = new ArrayList<>();
    List<String> charged = List.of("charge");
    parked(
        all,
        "F10.3 a step with a committed effect is renamed",
        p -> charging(p, "pay"),
        p -> charging(p, "bill"),
        "step 'pay' has begun, but is not in it",
        charged);
    parked(
        all,
        "F10.3 a step with a committed effect is removed",
        p -> charging(p, "pay"),
        p -> step(p, "other"),
        "step 'pay' has begun, but is not in it",
        charged);
    parked(
        all,
        "F10.3 a step with a committed effect is moved into a branch",
        p -> charging(p, "pay"),
        p ->
            p.branch(
                "by",
                n -> true,
                c -> c.when(true, q -> charging(q, "pay")).otherwise(q -> step(q, "no"))),
        "step 'pay' has begun, but is not in it",
        charged);
    parked(
        all,
        "F10.3 a step with a committed effect is moved behind another",
        p -> step(charging(p, "pay"), "ship"),
        p -> charging(step(p, "ship"), "pay"),
        "'ship' stands before or in place of 'pay', which has begun already",
        charged);
    parked(
        all,
        "F10.3 a step is inserted before one with a committed effect",
        p -> charging(p, "pay"),
        p -> charging(step(p, "new"), "pay"),
        "'new' stands before or in place of 'pay', which has begun already",
        charged);
    parked(
        all,
        "F10.3 a step with a committed effect becomes a transaction",
        p -> charging(p, "pay"),
        p -> p.transaction("pay", (n, tx) -> n),
        "'pay' has begun as a step and is now a transaction",
        charged);
    parked(
        all,
        "F5.3 the effect pay/charge is not the step pay/charge of a parallel",
        p -> charging(p, "pay"),
        p ->
            p.parallel(
                "pay",
                par -> {
                  par.step(
                      "charge",
                      Integer.class,
                      (n, step) -> {
                        did.add("charge");
                        return n;
                      },
                      with -> {});
                  return par.join((n, results) -> n);
                }),
        "'pay' has begun as a step and is now a parallel",
        charged);
    parked(
        all,
        "F5.3 the effect of an item is not the step of its item",
        p ->
            p.forEach(
                "pay",
                Integer.class,
                n -> List.of(1),
                item -> charging(item, "one"),
                (n, results) -> n),
        p ->
            p.forEach(
                "pay",
                Integer.class,
                n -> List.of(1),
                item ->
                    item.parallel(
                        "one",
                        par -> {
                          par.step("charge", Integer.class, (n, step) -> n, with -> {});
                          return par.join((n, results) -> n);
                        }),
                (n, results) -> n),
        "'pay[0]/one' has begun as a step and is now a parallel",
        charged);
    parked(
        all,
        "F10.3 a step with an open wait is renamed",
        p -> await(p, "go", GO),
        p -> await(p, "ready", GO),
        "step 'go' waits, but is not in it",
        List.of());
    parked(
        all,
        "F10.3 a step with an open wait is moved",
        p -> step(await(p, "go", GO), "ship"),
        p -> await(step(p, "ship"), "go", GO),
        "'ship' stands before or in place of 'go', which waits already",
        List.of());
    parked(
        all,
        "F6.3 an open wait is for another event",
        p -> await(p, "go", GO),
        p -> await(p, "go", PAID),
        "'go' waits as a wait (event 'go') and is now a wait (event 'paid')",
        List.of());
    parked(
        all,
        "F6.3 an open wait is for one event and now for any",
        p -> await(p, "go", GO),
        p -> p.awaitAny("go", any -> any.on(GO, (n, go) -> n).on(PAID, (n, paid) -> n)),
        "and is now a wait (event any of 'go', 'paid')",
        List.of());
    parked(
        all,
        "F10.3 the record of an event changes",
        p -> await(p, "go", Event.of("go", Paid.class)),
        p -> await(p, "go", Event.of("go", PaidBy.class)),
        "'go' waits for what has changed: event go: ",
        List.of());
    parked(
        all,
        "F6.3 a wait becomes an approval",
        p -> await(p, "go", GO),
        p -> approval(p, "go"),
        "'go' waits as a wait and is now a question",
        List.of());
    parked(
        all,
        "F6.3 an approval becomes a choice",
        p -> approval(p, "go"),
        p -> p.ask("go", n -> Question.choice("Which?", "a"), (n, answer) -> n),
        "has open 'go/go' as a question of type 'approval', and now uses the name for a question of"
            + " type 'choice'",
        List.of());
    parked(
        all,
        "F6.3 an approval is not skipped because a sleep of its name is over",
        p -> await(p.sleep("ok", Duration.ofMillis(1)), "go", GO),
        p -> await(approval(p, "ok"), "go", GO),
        "'ok' completed as a sleep and is now a question",
        List.of());
    parked(
        all,
        "F6.3 a child becomes another child",
        p -> call(p, "sub", child("one")),
        p -> call(p, "sub", child("two")),
        "'sub' waits as a call (workflow 'one') and is now a call (workflow 'two')",
        List.of());
    parked(
        all,
        "F10.3 the record of a child's result changes",
        p -> call(p, "sub", child("one", Paid.class)),
        p -> call(p, "sub", child("one", PaidBy.class)),
        "'sub' waits for what has changed: result: ",
        List.of());
    fits(
        all,
        "a step is added after one with a committed effect",
        p -> charging(p, "pay"),
        p -> step(charging(p, "pay"), "ship"),
        List.of("charge", "ship"));
    fits(
        all,
        "what has not been reached changes its kind",
        p -> approval(charging(p, "pay"), "ok"),
        p -> charging(p, "pay"),
        charged);
    return all;
  }

  private static void parked(
      List<Case> all,
      String edit,
      UnaryOperator<WorkflowBuilder<Integer, Integer>> before,
      UnaryOperator<WorkflowBuilder<Integer, Integer>> after,
      String difference,
      List<String> done) {
    all.add(new Case(edit, before, after, difference, done));
  }

  private static void fits(
      List<Case> all,
      String edit,
      UnaryOperator<WorkflowBuilder<Integer, Integer>> before,
      UnaryOperator<WorkflowBuilder<Integer, Integer>> after,
      List<String> done) {
    all.add(new Case(edit, before, after, null, done));
  }

  private WorkflowBuilder<Integer, Integer> step(
      WorkflowBuilder<Integer, Integer> path, String name) {
    return path.step(
        name,
        n -> {
          did.add(name);
          return n;
        });
  }

  /** A step that commits an effect, and fails behind it as long as it is to stop. */
  private WorkflowBuilder<Integer, Integer> charging(
      WorkflowBuilder<Integer, Integer> path, String name) {
    return path.step(
        name, (Integer n, StepContext<Integer> step) -> charge(n, step), with -> with.retry(LATER));
  }

  private int charge(int n, StepContext<Integer> step) throws Exception {
    int charged =
        step.run(
            "charge",
            Integer.class,
            () -> {
              did.add("charge");
              return n;
            });
    if (stops) {
      throw new IllegalStateException("not yet");
    }
    return charged;
  }

  private static <E> WorkflowBuilder<Integer, Integer> await(
      WorkflowBuilder<Integer, Integer> path, String name, Event<E> event) {
    return path.await(name, event, (n, come) -> n);
  }

  private static WorkflowBuilder<Integer, Integer> approval(
      WorkflowBuilder<Integer, Integer> path, String name) {
    return path.ask(name, n -> Question.approval("OK?"), (n, answer) -> n);
  }

  private static Workflow<Integer, Integer> child(String name) {
    return await(Workflow.define(name, Integer.class), "never", GO).build();
  }

  private static <R> Workflow<Integer, R> child(String name, Class<R> result) {
    return Workflow.define(name, Integer.class)
        .await("never", result, GO, (n, come) -> null)
        .build();
  }

  private static <R> WorkflowBuilder<Integer, Integer> call(
      WorkflowBuilder<Integer, Integer> path, String name, Workflow<Integer, R> child) {
    return path.call(name, child, n -> n, (n, result) -> n);
  }

  @TestFactory
  Stream<DynamicTest> edits() {
    return cases().stream().map(one -> DynamicTest.dynamicTest(one.edit, () -> check(one)));
  }

  @Test
  @Proves("F10.3")
  @DisplayName("An at-most-once step that may have run is not begun again under another name")
  void atMostOnceIsNotBegunAnew() {
    Gate gate = new Gate();
    Workflow<Integer, Integer> before = once("pay", gate);
    UUID id;
    try (Durable durable =
        Durable.on(db.dataSource())
            .worker(w -> w.drainTime(Duration.ofMillis(1)))
            .register(before)
            .startWorker()) {
      id = durable.start(before, 1).id();
      gate.awaitReached();
    }
    gate.open();
    try (Durable durable = db.start(once("bill", gate))) {
      Gate.until(() -> !RESTS.contains(durable.handle(id).status()));
      Execution end = durable.find(id).orElseThrow();
      assertThat(did).containsExactly("pay");
      assertThat(end.status()).as("%s", end.error()).isEqualTo(ExecutionStatus.PARKED);
      assertThat(Objects.requireNonNull(end.error()).message())
          .contains("step 'pay' has begun, but is not in it");
    }
  }

  private Workflow<Integer, Integer> once(String name, Gate gate) {
    return Workflow.define("once", Integer.class)
        .step(
            name,
            n -> {
              did.add(name);
              gate.pass();
              return n;
            },
            with -> with.atMostOnce())
        .build();
  }

  private void check(Case one) {
    did.clear();
    String name = one.edit.replaceAll("[^a-z]", "");
    UUID id = rested(one.before.apply(Workflow.define(name, Integer.class)).build());
    Workflow<Integer, Integer> now = one.after.apply(Workflow.define(name, Integer.class)).build();
    try (Durable durable = db.start(now, child("one"), child("two"))) {
      Gate.until(() -> !RESTS.contains(durable.handle(id).status()));
      Execution end = durable.find(id).orElseThrow();
      assertThat(did).as("done").isEqualTo(one.done);
      if (one.difference == null) {
        assertThat(end.status()).as("%s", end.error()).isEqualTo(ExecutionStatus.COMPLETED);
      } else {
        assertThat(end.status()).as("%s", end.error()).isEqualTo(ExecutionStatus.PARKED);
        ErrorInfo error = Objects.requireNonNull(end.error());
        assertThat(error.type()).isEqualTo(ErrorInfo.DEFINITION_CHANGED);
        assertThat(error.message()).contains(one.difference);
      }
    }
  }

  /** An execution that rests, and is due. */
  private UUID rested(Workflow<Integer, Integer> before) {
    stops = true;
    UUID id;
    try (Durable durable = db.start(before, child("one"), child("two"))) {
      id = durable.start(before, 1).id();
      untilWaiting(durable, id);
      Gate.until(
          () ->
              durable.steps(id).stream()
                  .noneMatch(row -> row.name().equals("ok") && row.completedAt() == null));
    }
    stops = false;
    db.makeDue(id);
    return id;
  }
}
