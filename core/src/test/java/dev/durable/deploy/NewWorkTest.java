package dev.durable.deploy;

import static dev.durable.testing.DurableFixture.untilStatus;
import static dev.durable.testing.DurableFixture.untilWaiting;
import static org.assertj.core.api.Assertions.assertThat;

import dev.durable.Durable;
import dev.durable.execution.Execution;
import dev.durable.execution.ExecutionStatus;
import dev.durable.retry.RetryPolicy;
import dev.durable.testing.DatabaseExtension;
import dev.durable.testing.Proves;
import dev.durable.testing.TestDatabase;
import dev.durable.wait.Event;
import dev.durable.workflow.ForEachOptions;
import dev.durable.workflow.Parallel;
import dev.durable.workflow.ParallelOptions;
import dev.durable.workflow.Workflow;
import dev.durable.workflow.WorkflowBuilder;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.extension.ExtendWith;

@Tag("newest")
@Proves("F10.3")
@DisplayName("Work added inside a completed block or before a completed step parks the execution")
@ExtendWith(DatabaseExtension.class)
class NewWorkTest {

  private static final Event<String> GO = Event.of("go", String.class);

  private final TestDatabase db;
  private final List<String> ran = new CopyOnWriteArrayList<>();

  NewWorkTest(TestDatabase db) {
    this.db = db;
  }

  private interface Definition extends UnaryOperator<WorkflowBuilder<Integer, Integer>> {}

  /**
   * @param parked what the difference says; null if the execution continues
   */
  private record Case(String edit, Definition before, Definition after, @Nullable String parked) {}

  private List<Case> cases() {
    return List.of(
        new Case(
            "a step in a path of a parallel",
            p -> parallel(p, with -> {}, "x"),
            p -> parallel(p, with -> {}, "x", "new"),
            "'par/only/new' is new in 'par', which has completed already"),
        new Case(
            "a step in the path that won the race",
            p -> parallel(p, ParallelOptions::any, "x"),
            p -> parallel(p, ParallelOptions::any, "x", "new"),
            "'par/only/new' is new in 'par'"),
        new Case(
            "a path more where one is enough",
            p -> parallel(p, ParallelOptions::any, "x"),
            p -> parallel(p, ParallelOptions::any, this::more, "x"),
            null),
        new Case(
            "a path more where all are heard",
            p -> parallel(p, ParallelOptions::completeAll, "x"),
            p -> parallel(p, ParallelOptions::completeAll, this::more, "x"),
            "'par/more/more' is new in 'par'"),
        new Case(
            "a step behind a failed one",
            p -> parallel(p, ParallelOptions::completeAll, "x", "fails"),
            p -> parallel(p, ParallelOptions::completeAll, "x", "fails", "new"),
            null),
        new Case(
            "a step before a failed one",
            p -> parallel(p, ParallelOptions::completeAll, "x", "fails"),
            p -> parallel(p, ParallelOptions::completeAll, "x", "new", "fails"),
            "'par/only/new' is new in 'par'"),
        new Case(
            "a step before the failed first one of items",
            p -> each(p, 2, "fails"),
            p -> each(p, 2, "new", "fails"),
            "'each[0]/new' is new in 'each'"),
        new Case(
            "a step for no items at all", p -> each(p, 0, "x"), p -> each(p, 0, "x", "new"), null),
        new Case(
            "a step of a case that was not chosen, in items",
            p -> each(p, 2, q -> branch(q, "o")),
            p -> each(p, 2, q -> branch(q, "new")),
            null),
        new Case(
            "a step of a repeat that is over",
            p -> repeat(p, "x"),
            p -> repeat(p, "x", "new"),
            "'again/new' is new in 'again'"),
        new Case(
            "a step of a repeat that is open",
            p -> p.repeatUntil("again", n -> n > 1, q -> counts(await(q))),
            p -> p.repeatUntil("again", n -> n > 1, q -> counts(steps(await(q), "new"))),
            null));
  }

  private WorkflowBuilder<Integer, Integer> steps(
      WorkflowBuilder<Integer, Integer> path, String... names) {
    WorkflowBuilder<Integer, Integer> longer = path;
    for (String name : names) {
      longer = longer.step(name, n -> run(name, n), with -> with.retry(RetryPolicy.none()));
    }
    return longer;
  }

  private int run(String name, int n) {
    if (name.equals("fails")) {
      throw new IllegalStateException("as it is to");
    }
    ran.add(name);
    return n;
  }

  private static WorkflowBuilder<Integer, Integer> counts(WorkflowBuilder<Integer, Integer> path) {
    return path.step("count", n -> n + 1);
  }

  private static WorkflowBuilder<Integer, Integer> await(WorkflowBuilder<Integer, Integer> path) {
    return path.await("go", GO, (n, come) -> n);
  }

  private WorkflowBuilder<Integer, Integer> parallel(
      WorkflowBuilder<Integer, Integer> path,
      Consumer<ParallelOptions<Integer>> with,
      String... names) {
    return parallel(path, with, par -> {}, names);
  }

  private WorkflowBuilder<Integer, Integer> parallel(
      WorkflowBuilder<Integer, Integer> path,
      Consumer<ParallelOptions<Integer>> with,
      Consumer<Parallel<Integer, Integer>> others,
      String... names) {
    return path.parallel(
        "par",
        par -> {
          par.path("only", Integer.class, p -> steps(p, names));
          others.accept(par);
          return par.join((n, results) -> n);
        },
        with);
  }

  private void more(Parallel<Integer, Integer> par) {
    par.path("more", Integer.class, p -> steps(p, "more"));
  }

  private WorkflowBuilder<Integer, Integer> each(
      WorkflowBuilder<Integer, Integer> path, int items, String... names) {
    return each(path, items, p -> steps(p, names));
  }

  private WorkflowBuilder<Integer, Integer> each(
      WorkflowBuilder<Integer, Integer> path, int items, Definition item) {
    return path.forEach(
        "each",
        Integer.class,
        n -> List.of(1, 2).subList(0, items),
        item::apply,
        (n, results) -> n,
        ForEachOptions::completeAll);
  }

  private WorkflowBuilder<Integer, Integer> branch(
      WorkflowBuilder<Integer, Integer> path, String other) {
    return path.branch(
        "by", n -> true, c -> c.when(true, p -> steps(p, "x")).otherwise(p -> steps(p, other)));
  }

  private WorkflowBuilder<Integer, Integer> repeat(
      WorkflowBuilder<Integer, Integer> path, String... names) {
    return path.repeatUntil("again", n -> true, p -> steps(p, names));
  }

  @TestFactory
  Stream<DynamicTest> edits() {
    return cases().stream().map(one -> DynamicTest.dynamicTest(one.edit, () -> check(one)));
  }

  private void check(Case one) {
    db.deleteExecutions();
    UUID id;
    Workflow<Integer, Integer> before = define(one.before);
    try (Durable durable = db.start(before)) {
      id = durable.start(before, 0).id();
      untilWaiting(durable, id);
    }
    ran.clear();
    try (Durable durable = db.start(define(one.after))) {
      durable.send(id, GO, "come");
      if (one.parked == null) {
        sendUntilOver(durable, id);
        assertThat(ran).isEqualTo(one.edit.endsWith("open") ? List.of("new", "new") : List.of());
      } else {
        untilStatus(durable, id, ExecutionStatus.PARKED);
        Execution parked = durable.find(id).orElseThrow();
        assertThat(Objects.requireNonNull(parked.error()).message()).contains(one.parked);
        assertThat(ran).isEmpty();
      }
    }
  }

  private static void sendUntilOver(Durable durable, UUID id) {
    for (int i = 0; i < 2; i++) {
      durable.send(id, GO, "come");
    }
    durable.handle(id).result(Duration.ofSeconds(20));
  }

  private Workflow<Integer, Integer> define(Definition definition) {
    return await(definition.apply(Workflow.define("new", Integer.class))).build();
  }
}
