package dev.durable.retry;

import static dev.durable.testing.DurableFixture.SOON;
import static dev.durable.testing.DurableFixture.untilItAsks;
import static dev.durable.testing.DurableFixture.untilItAwaitsAnEvent;
import static dev.durable.testing.DurableFixture.untilStatus;
import static java.time.Duration.ZERO;
import static java.time.Duration.ofHours;
import static java.time.Duration.ofMillis;
import static org.assertj.core.api.Assertions.assertThat;

import dev.durable.Durable;
import dev.durable.execution.ExecutionStatus;
import dev.durable.question.Question;
import dev.durable.testing.DatabaseExtension;
import dev.durable.testing.Gate;
import dev.durable.testing.Proves;
import dev.durable.testing.TestDatabase;
import dev.durable.wait.Event;
import dev.durable.workflow.ItemResults;
import dev.durable.workflow.StepContext;
import dev.durable.workflow.Workflow;
import dev.durable.workflow.WorkflowBuilder;
import dev.durable.workflow.WorkflowOptions;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(DatabaseExtension.class)
@Proves("F8.2")
@DisplayName("A retry reaches what brought no result, wherever it stands")
@Tag("newest")
class RetriedPlacesTest {

  private static final Event<String> GO = Event.of("go", String.class);

  private final TestDatabase db;
  private final FlakyWork work = new FlakyWork();
  private final AtomicBoolean late = new AtomicBoolean(true);

  /** Does the work of the name that it gets. */
  private final Workflow<String, String> child =
      Workflow.define("child", String.class).step("work", name -> work.does(name)).build();

  RetriedPlacesTest(TestDatabase db) {
    this.db = db;
  }

  @AfterEach
  void nothingIsViolated() {
    assertThat(db.violations()).isEmpty();
  }

  // ---- the table ----

  /** Adds nodes to a workflow, or to a part of it. */
  private interface Nodes extends UnaryOperator<WorkflowBuilder<String, String>> {}

  /** Puts nodes into a place. */
  private interface Place extends UnaryOperator<Nodes> {}

  private Map<String, Nodes> calls() {
    Map<String, Nodes> all = new TreeMap<>();
    all.put("call", p -> p.call("child", child, name -> name));
    all.put(
        "call in a step",
        p ->
            p.step(
                "body",
                (String name, StepContext<String> step) -> step.call("child", child, name)));
    all.put(
        "callEach",
        p ->
            p.callEach(
                "children",
                child,
                (String name) -> List.of(name, name + " too"),
                (String name, ItemResults<String> results) -> name));
    return all;
  }

  private Map<String, Nodes> waits() {
    Map<String, Nodes> all = new TreeMap<>();
    all.put(
        "await",
        p -> p.await("go", GO, (String s, String go) -> s, with -> with.timeout(s -> limit())));
    all.put(
        "await in a step",
        p ->
            p.step(
                "body",
                (String s, StepContext<String> step) ->
                    step.await("go", GO, limit()).orElseThrow()));
    all.put(
        "ask",
        p ->
            p.ask(
                "sure",
                (String s) -> Question.text("Sure?"),
                (String s, String answer) -> s,
                with -> with.timeout(s -> limit())));
    return all;
  }

  private Duration limit() {
    return late.get() ? ofMillis(1) : ofHours(1);
  }

  private static Map<String, Place> places() {
    Place plain = in -> in;
    Place when = in -> p -> p.when("when", s -> true, in::apply);
    Place branch =
        in ->
            p ->
                p.branch(
                    "branch",
                    s -> "it",
                    cases -> cases.when("it", in::apply).otherwise(other -> other));
    Place repeat = in -> p -> p.repeatUntil("repeat", s -> true, in::apply);
    Place parallel =
        in ->
            p ->
                p.parallel(
                    "parallel",
                    par -> {
                      par.path("path", String.class, in::apply);
                      return par.join((s, results) -> s);
                    });
    Place each =
        in -> p -> p.forEach("each", String.class, s -> List.of(s), in::apply, (s, results) -> s);
    Map<String, Place> all = new LinkedHashMap<>();
    all.put("plain", plain);
    all.put("when", when);
    all.put("branch", branch);
    all.put("repeat", repeat);
    all.put("parallel", parallel);
    all.put("each", each);
    all.put("when in branch", in -> branch.apply(when.apply(in)));
    all.put("when in repeat", in -> repeat.apply(when.apply(in)));
    all.put("repeat in when", in -> when.apply(repeat.apply(in)));
    all.put("branch in each", in -> each.apply(branch.apply(in)));
    all.put("parallel in when", in -> when.apply(parallel.apply(in)));
    return all;
  }

  /** A workflow for each kind of work in each place, by their names. */
  private static Map<String, Workflow<String, String>> all(
      Map<String, Nodes> kinds, Consumer<? super WorkflowOptions> with) {
    Map<String, Workflow<String, String>> all = new LinkedHashMap<>();
    kinds.forEach(
        (kind, nodes) ->
            places()
                .forEach(
                    (where, place) -> {
                      String name = kind + " / " + where;
                      String id = "w" + all.size();
                      all.put(
                          name,
                          place
                              .apply(nodes)
                              .apply(Workflow.define(id, String.class, with))
                              .build());
                    }));
    return all;
  }

  private Durable start(Map<String, Workflow<String, String>> all) {
    return db.start(
        Stream.concat(Stream.of(child), all.values().stream()).toArray(Workflow<?, ?>[]::new));
  }

  private static Map<String, UUID> run(Durable durable, Map<String, Workflow<String, String>> all) {
    Map<String, UUID> ids = new LinkedHashMap<>();
    all.forEach((name, workflow) -> ids.put(name, durable.start(workflow, name).id()));
    return ids;
  }

  /** What has not got that status, when all have ended. */
  private static List<String> without(
      ExecutionStatus status, Durable durable, Map<String, UUID> ids) {
    ids.values().forEach(id -> Gate.until(() -> durable.find(id).orElseThrow().status().isFinal()));
    return ids.entrySet().stream()
        .filter(each -> durable.find(each.getValue()).orElseThrow().status() != status)
        .map(Map.Entry::getKey)
        .toList();
  }

  // ---- the tests ----

  @Test
  @DisplayName("the same children continue when an operator retries their parents")
  void children() {
    Map<String, Workflow<String, String>> all = all(calls(), with -> {});
    all.keySet().forEach(name -> work.breaks(name, 1));
    try (Durable durable = start(all)) {
      Map<String, UUID> ids = run(durable, all);
      assertThat(without(ExecutionStatus.FAILED, durable, ids)).isEmpty();
      ids.values().forEach(durable::retry);
      assertThat(without(ExecutionStatus.COMPLETED, durable, ids)).isEmpty();
      ids.forEach((name, id) -> assertThat(work.times(name)).as(name).isEqualTo(2));
      assertThat(durable.children(ids.get("call / when"))).hasSize(1);
    }
  }

  @Test
  @DisplayName("the same children continue when their parents' policies retry them")
  void retriedByPolicy() {
    Map<String, Workflow<String, String>> all =
        all(calls(), with -> with.retryWorkflow(RetryPolicy.constant(ZERO).maxAttempts(2)));
    all.keySet().forEach(name -> work.breaks(name, 1));
    try (Durable durable = start(all)) {
      Map<String, UUID> ids = run(durable, all);
      assertThat(without(ExecutionStatus.COMPLETED, durable, ids)).isEmpty();
    }
  }

  @Test
  @DisplayName("waits and questions are opened anew after their timeouts")
  void timeouts() {
    Map<String, Workflow<String, String>> all = all(waits(), with -> {});
    try (Durable durable = start(all)) {
      Map<String, UUID> ids = run(durable, all);
      assertThat(without(ExecutionStatus.FAILED, durable, ids)).isEmpty();
      late.set(false);
      ids.values().forEach(durable::retry);
      ids.forEach((name, id) -> reply(durable, name, id));
      assertThat(without(ExecutionStatus.COMPLETED, durable, ids)).isEmpty();
    }
  }

  @Test
  @DisplayName("waits and questions are opened anew after they were cancelled")
  void cancelled() {
    late.set(false);
    Map<String, Workflow<String, String>> all = all(waits(), with -> {});
    try (Durable durable = start(all)) {
      Map<String, UUID> ids = run(durable, all);
      ids.forEach((name, id) -> untilItWaits(durable, name, id));
      ids.values().forEach(durable::cancelWaits);
      assertThat(without(ExecutionStatus.FAILED, durable, ids)).isEmpty();
      ids.values().forEach(durable::retry);
      ids.forEach((name, id) -> reply(durable, name, id));
      assertThat(without(ExecutionStatus.COMPLETED, durable, ids)).isEmpty();
    }
  }

  private static void untilItWaits(Durable durable, String name, UUID id) {
    if (name.startsWith("ask")) {
      untilItAsks(durable, id);
    } else {
      untilItAwaitsAnEvent(durable, id);
    }
  }

  /** Gives a wait what it waits for; one that has failed again is left to the assertion. */
  private static void reply(Durable durable, String name, UUID id) {
    Gate.until(
        () ->
            durable.find(id).orElseThrow().status().isFinal()
                || !durable.waits(id).isEmpty()
                || !durable.questions().open(id).isEmpty());
    if (durable.find(id).orElseThrow().status().isFinal()) {
      return;
    }
    if (name.startsWith("ask")) {
      durable
          .questions()
          .open(id)
          .forEach(asked -> durable.questions().answer(id, asked.path(), "yes", "ann"));
    } else {
      durable.send(id, GO, "on");
    }
  }

  @Test
  @DisplayName("a timeout that a case has handled stays: a retry does not wait for it again")
  void handled() {
    work.breaks("after", 1);
    Workflow<String, String> flow =
        Workflow.define("handled", String.class)
            .when(
                "when",
                s -> true,
                p ->
                    p.await(
                            "go",
                            GO,
                            (String s, String go) -> go,
                            with -> with.timeout(ofMillis(1)).onTimeout(s -> s + " late"))
                        .step("after", s -> s + " " + work.does("after")))
            .build();
    try (Durable durable = db.start(flow)) {
      UUID id = durable.start(flow, "x").id();
      untilStatus(durable, id, ExecutionStatus.FAILED);
      durable.send(id, GO, "on");
      durable.retry(id);
      assertThat(durable.handle(id, flow).result(SOON)).isEqualTo("x late after");
    }
  }
}
