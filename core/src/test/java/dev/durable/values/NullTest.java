package dev.durable.values;

import static dev.durable.testing.DurableFixture.SOON;
import static dev.durable.testing.DurableFixture.untilStatus;
import static java.time.Duration.ofDays;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.durable.Durable;
import dev.durable.StartOptions;
import dev.durable.execution.ExecutionHandle;
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
import java.sql.Connection;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

@ExtendWith(DatabaseExtension.class)
@SuppressWarnings({"NullAway", "DataFlowIssue"}) // Nulls are what this is about.
@Tag("newest")
class NullTest {

  private static final Event<String> EVENT = Event.of("event", String.class);
  private static final Workflow<String, String> ECHO =
      Workflow.define("echo", String.class).step("echo", t -> t).build();
  private static final Workflow<Void, String> NOTHING =
      Workflow.define("nothing", Void.class).step("echo", String.class, t -> "none").build();

  private final TestDatabase db;

  NullTest(TestDatabase db) {
    this.db = db;
  }

  private interface Call {
    Object on(Durable durable, Connection connection) throws Exception;
  }

  private static Call of(java.util.function.Consumer<Durable> call) {
    return (durable, connection) -> {
      call.accept(durable);
      return "";
    };
  }

  private static Map<String, Call> calls() {
    UUID id = UUID.fromString("00000000-0000-7000-8000-000000000000");
    Map<String, Call> calls = new LinkedHashMap<>();
    calls.put("input of workflow 'echo'", of(d -> d.start(ECHO, null)));
    calls.put("workflow 1", of(d -> d.start((Workflow<String, String>) null, "x")));
    calls.put("with 1", of(d -> d.start(ECHO, "x", null)));
    calls.put("workflow 2", of(d -> d.start((String) null, "\"x\"")));
    calls.put("json 2", of(d -> d.start("echo", null)));
    calls.put("with 2", of(d -> d.start("echo", "\"x\"", null)));
    calls.put("input of workflow 'echo' by name", of(d -> d.start("echo", "null")));
    calls.put("inputs 3", of(d -> d.startAll(ECHO, null, (i, o) -> {})));
    calls.put(
        "input of workflow 'echo' in a list",
        of(d -> d.startAll(ECHO, Arrays.asList("x", null), (i, o) -> {})));
    calls.put("workflow 3", of(d -> d.startAll(null, List.of("x"), (i, o) -> {})));
    calls.put("with 3", of(d -> d.startAll(ECHO, List.of("x"), null)));
    calls.put("id 4", of(d -> d.handle(null)));
    calls.put("id 5", of(d -> d.handle(null, ECHO)));
    calls.put("workflow 5", of(d -> d.handle(id, null)));
    calls.put("id 6", of(d -> d.find((UUID) null)));
    calls.put("workflow 7", of(d -> d.find(null, "key")));
    calls.put("key 7", of(d -> d.find("echo", null)));
    calls.put("filter 8", of(d -> d.executions(null)));
    calls.put("filter 9", of(d -> d.countByStatus(null)));
    calls.put("id 10", of(d -> d.steps(null)));
    calls.put("workflow 11", of(d -> d.graph((String) null)));
    calls.put("id 12", of(d -> d.graph((UUID) null)));
    calls.put("id 13", of(d -> d.cancel(null)));
    calls.put("reason 13", of(d -> d.cancel(id, null)));
    calls.put("id 14", of(d -> d.retry(null)));
    calls.put("time 14", of(d -> d.reschedule(id, (Instant) null)));
    calls.put("wait 14", of(d -> d.reschedule(id, (Duration) null)));
    calls.put("id 15", of(d -> d.send(null, EVENT, "x")));
    calls.put("event 15", of(d -> d.send(id, (Event<String>) null, "x")));
    calls.put("payload of event 'event'", of(d -> d.send(id, EVENT, null)));
    calls.put("with 15", of(d -> d.send(id, EVENT, "x", null)));
    calls.put("id 16", of(d -> d.send(null, "event", "\"x\"", o -> {})));
    calls.put("event 16", of(d -> d.send(id, (String) null, "\"x\"", o -> {})));
    calls.put("json 16", of(d -> d.send(id, "event", null, o -> {})));
    calls.put("workflow 17", of(d -> d.sendByKey(null, "key", EVENT, "x")));
    calls.put("key 17", of(d -> d.sendByKey(ECHO, null, EVENT, "x")));
    calls.put("event 17", of(d -> d.sendByKey(ECHO, "key", null, "x")));
    calls.put("payload of event 'event' by key", of(d -> d.sendByKey(ECHO, "key", EVENT, null)));
    calls.put("workflow 18", of(d -> d.startAndSend(null, "x", EVENT, "x", o -> {})));
    calls.put(
        "input of workflow 'echo' 18", of(d -> d.startAndSend(ECHO, null, EVENT, "", o -> {})));
    calls.put("event 18", of(d -> d.startAndSend(ECHO, "x", null, "x", o -> {})));
    calls.put(
        "payload of event 'event' 18", of(d -> d.startAndSend(ECHO, "", EVENT, null, o -> {})));
    calls.put("id 19", of(d -> d.waits(null)));
    calls.put("id 20", of(d -> d.cancelWaits(null)));
    calls.put("path 20", of(d -> d.cancelWait(id, null)));
    calls.put("id 21", of(d -> d.children(null)));
    calls.put("connection 22", of(d -> d.using(null)));
    calls.put("filter 23", of(d -> d.questions().list(null)));
    calls.put("execution 24", of(d -> d.questions().open(null)));
    calls.put("execution 25", of(d -> d.questions().open(null, "q")));
    calls.put("name 25", of(d -> d.questions().open(id, null)));
    calls.put("execution 26", of(d -> d.questions().answer(null, "q", "a", "eve")));
    calls.put("name 26", of(d -> d.questions().answer(id, null, "a", "eve")));
    calls.put("answer 26", of(d -> d.questions().answer(id, "q", null, "eve")));
    calls.put("by 26", of(d -> d.questions().answer(id, "q", "a", null)));
    calls.put("approval 27", of(d -> d.questions().answer(id, "q", null)));
    calls.put("json 28", of(d -> d.questions().answerJson(id, "q", null, "eve")));
    calls.put("by 28", of(d -> d.questions().answerJson(id, "q", "1", null)));
    Map<String, Call> scoped = new LinkedHashMap<>();
    scoped.put("input of workflow 'echo' 30", (d, c) -> d.using(c).start(ECHO, null));
    scoped.put("workflow 30", (d, c) -> d.using(c).start((Workflow<String, ?>) null, "x"));
    scoped.put("with 30", (d, c) -> d.using(c).start(ECHO, "x", null));
    scoped.put("json 31", (d, c) -> d.using(c).start("echo", null, o -> {}));
    scoped.put("event 32", (d, c) -> d.using(c).send(id, null, "x"));
    scoped.put("payload of event 'event' 32", (d, c) -> d.using(c).send(id, EVENT, null));
    scoped.put("id 32", (d, c) -> d.using(c).send(null, EVENT, "x"));
    scoped.put("key 33", (d, c) -> d.using(c).sendByKey(ECHO, null, EVENT, "x", o -> {}));
    Call cancelled =
        (d, c) -> {
          d.using(c).cancel(id, null);
          return "";
        };
    scoped.put("reason 34", cancelled);
    calls.putAll(scoped);
    return calls;
  }

  @Test
  @Proves("F7.6")
  @DisplayName("A null is refused at the call, by name")
  void refusedAtTheCall() throws Exception {
    Map<String, String> wrong = new LinkedHashMap<>();
    try (Durable durable = db.start(ECHO, NOTHING);
        Connection connection = db.newConnection()) {
      connection.setAutoCommit(false);
      long before = db.number("select count(*) from durable.workflow_executions");
      calls()
          .forEach(
              (name, call) -> {
                String wanted =
                    name.startsWith("input of") || name.startsWith("payload of")
                        ? name.substring(0, name.lastIndexOf('\'') + 1)
                        : name.substring(0, name.indexOf(' '));
                Throwable refused = catchThrowable(() -> call.on(durable, connection));
                String message =
                    refused == null ? "is taken" : String.valueOf(refused.getMessage());
                boolean helpless = message.startsWith("Cannot invoke");
                if (refused == null || helpless || !message.contains(wanted)) {
                  wrong.put(name, message);
                }
              });
      assertThat(db.number("select count(*) from durable.workflow_executions"))
          .as("executions")
          .isEqualTo(before);
      assertThat(durable.start(NOTHING, null).result(SOON)).isEqualTo("none");
      assertThat(durable.start("nothing", "null").result(SOON)).isEqualTo("\"none\"");
    }
    assertThat(wrong).isEmpty();
  }

  @Test
  @Proves("F7.6")
  @DisplayName("The builder refuses nulls by name")
  void builder() {
    Map<String, Throwable> refused = new LinkedHashMap<>();
    refused.put("dataSource", catchThrowable(() -> Durable.on(null)));
    var builder = Durable.on(db.dataSource());
    refused.put("definitions", catchThrowable(() -> builder.register((Workflow<?, ?>[]) null)));
    refused.put("workflow", catchThrowable(() -> builder.register((Workflow<?, ?>) null)));
    refused.put("queue", catchThrowable(() -> builder.worker(w -> w.queue(null, o -> {}))));
    refused.put("with", catchThrowable(() -> builder.worker(w -> w.queue("q", null))));
    refused.put("prefix", catchThrowable(() -> builder.prefix(null)));
    refused.put("workerName", catchThrowable(() -> builder.worker(w -> w.name(null))));
    refused.put("jsonCodec", catchThrowable(() -> builder.codec(null)));
    refused.put("lease", catchThrowable(() -> builder.worker(w -> w.lease(null))));
    refused.put("heartbeat", catchThrowable(() -> builder.worker(w -> w.heartbeat(null))));
    refused.put("pollInterval", catchThrowable(() -> builder.worker(w -> w.pollInterval(null))));
    refused.put("drainTime", catchThrowable(() -> builder.worker(w -> w.drainTime(null))));
    refused.forEach(
        (name, failure) ->
            assertThat(failure)
                .as(name)
                .isInstanceOf(NullPointerException.class)
                .message()
                .contains(name)
                .doesNotStartWith("Cannot invoke"));
  }

  @Test
  @Proves("F7.6")
  @DisplayName("Times and assignees refuse nulls by name")
  void times() {
    Map<String, Throwable> refused = new LinkedHashMap<>();
    Question<String> question = Question.text("why?");
    refused.put("wait", catchThrowable(() -> StartOptions.of(with -> with.delay(null))));
    refused.put("limit", catchThrowable(() -> StartOptions.of(with -> with.timeout(null))));
    refused.put("longest", catchThrowable(() -> RetryPolicy.constant(Duration.ZERO).cap(null)));
    refused.put("every", catchThrowable(() -> question.remindEvery(null, reminder -> {})));
    refused.put("who", catchThrowable(() -> question.assignee((String[]) null)));
    refused.put("assignee", catchThrowable(() -> question.escalateAfter(ofDays(1), (String) null)));
    refused.put(
        "workflow timeout",
        catchThrowable(() -> Workflow.define("x", String.class, with -> with.timeout(null))));
    refused.put(
        "step timeout",
        catchThrowable(
            () -> Workflow.define("x", String.class).step("x", t -> t, w -> w.timeout(null))));
    refused.put("binding", catchThrowable(() -> Durable.on(db.dataSource()).transactions(null)));
    refused.forEach(
        (name, failure) ->
            assertThat(failure).as(name).isInstanceOf(NullPointerException.class).hasMessage(name));
  }

  /** A body whose lambda gives null, and what the failure says. */
  record Gives(String says, UnaryOperator<WorkflowBuilder<String, String>> adds) {
    @Override
    public String toString() {
      return says;
    }
  }

  private interface Body {
    Object run(StepContext<String> step) throws Exception;
  }

  private static Gives body(String says, Body body) {
    return new Gives(
        says,
        b ->
            b.step(
                "one",
                (t, step) -> {
                  body.run(step);
                  return t;
                }));
  }

  static Stream<Gives> lambdas() {
    return Stream.of(
        new Gives("'nap/nap' cannot sleep", b -> b.sleep("nap", t -> (Duration) null)),
        new Gives("'nap/nap' cannot sleep", b -> b.sleepUntil("nap", t -> null)),
        new Gives("question 'ask/ask'", b -> b.ask("ask", t -> null, (t, a) -> t)),
        new Gives(
            "items of forEach 'each'",
            b -> b.forEach("each", String.class, t -> null, p -> p.step("x", x -> x))),
        new Gives(
            "forEach 'each' has a null at index 1",
            b ->
                b.forEach(
                    "each", String.class, t -> Arrays.asList("a", null), p -> p.step("x", x -> x))),
        new Gives("input of workflow 'echo'", b -> b.call("call", ECHO, t -> null, (t, c) -> c)),
        new Gives("input of workflow 'echo'", b -> b.start("start", ECHO, t -> null, w -> {})),
        new Gives(
            "until(…) of 'again' returned null",
            b -> b.repeatUntil("again", t -> null, p -> p.step("x", x -> x))),
        new Gives("'one' returned null", b -> b.step("one", t -> null)),
        body("'one/effect' returned null", step -> step.run("effect", String.class, () -> null)),
        body("'one/nap' cannot sleep", step -> sleeps(step, null)),
        body("event", step -> step.await("wait", (Event<String>) null)),
        body("event", step -> step.awaitAny("wait", any -> any.on(null, e -> e))),
        body("event", step -> step.awaitAll("wait", EVENT, null)),
        body("events", step -> step.awaitAll("wait", (Event<?>[]) null)),
        body("event", step -> step.await((Event<String>) null)),
        body("event", step -> step.await((Event<String>) null, Duration.ZERO)),
        body("child", step -> step.call((Workflow<String, String>) null, "x")),
        body("child", step -> step.start((Workflow<String, String>) null, "x")),
        body("step", step -> step.result(null)),
        body("effect", step -> step.run("effect", String.class, null)),
        body("name", step -> step.run(null, String.class, () -> "x")));
  }

  private static Object sleeps(StepContext<String> step, Duration time) {
    step.sleep("nap", time);
    return "";
  }

  @ParameterizedTest
  @MethodSource("lambdas")
  @Proves("F7.6")
  @DisplayName("A null that a user's function returns fails by name")
  void lambda(Gives gives) {
    Workflow<String, String> workflow =
        gives.adds.apply(Workflow.define("gives", String.class)).build();
    try (Durable durable = db.start(workflow, ECHO)) {
      ExecutionHandle<String> handle = durable.start(workflow, "x");
      Gate.until(
          () -> {
            ExecutionStatus status = durable.find(handle.id()).orElseThrow().status();
            assertThat(status).isNotIn(ExecutionStatus.COMPLETED, ExecutionStatus.PARKED);
            return status == ExecutionStatus.FAILED;
          });
      assertThat(durable.find(handle.id()).orElseThrow().error().message())
          .contains(gives.says)
          .doesNotStartWith("Cannot invoke");
    }
  }

  /** A choice. */
  enum Size {
    SMALL,
    LARGE
  }

  /** A choice with parts. */
  sealed interface Shape {}

  /** A shape. */
  record Round() implements Shape {}

  /** Another shape. */
  record Square() implements Shape {}

  /** What a branch may cover. */
  enum Covers {
    AN_ENUM,
    A_BOOLEAN,
    A_SEALED_TYPE;

    WorkflowBuilder<String, String> branch(WorkflowBuilder<String, String> b) {
      return switch (this) {
        case AN_ENUM ->
            b.branch(
                "which",
                t -> (Size) null,
                cases ->
                    cases
                        .when(Size.SMALL, p -> p.step("s", x -> x))
                        .when(Size.LARGE, p -> p.step("l", x -> x)));
        case A_BOOLEAN ->
            b.branch(
                "which",
                t -> (Boolean) null,
                cases ->
                    cases
                        .when(true, p -> p.step("s", x -> x))
                        .when(false, p -> p.step("l", x -> x)));
        case A_SEALED_TYPE ->
            b.branch(
                "which",
                t -> (Shape) null,
                cases ->
                    cases
                        .when(Round.class, p -> p.step("s", x -> x))
                        .when(Square.class, p -> p.step("l", x -> x)));
      };
    }
  }

  @ParameterizedTest
  @EnumSource(Covers.class)
  @Proves("F7.9")
  @DisplayName("A branch that covers all values fails at null, and says what to add")
  void covered(Covers covers) {
    Workflow<String, String> workflow =
        covers.branch(Workflow.define("covered", String.class)).build();
    try (Durable durable = db.start(workflow)) {
      ExecutionHandle<String> handle = durable.start(workflow, "x");
      assertThat(catchThrowable(() -> handle.result(SOON)))
          .hasMessageContaining("'which'")
          .hasMessageContaining("null")
          .hasMessageContaining("when(null")
          .hasMessageContaining("otherwise(");
    }
  }

  @Test
  @Proves("F7.9")
  @DisplayName("With when(null, ...) or otherwise(...), or where not all is covered, null is fine")
  void nullIsFine() {
    Workflow<String, String> workflow =
        Workflow.define("fine", String.class)
            .branch(
                "named",
                t -> (Size) null,
                cases ->
                    cases
                        .when((Size) null, p -> p.step("n", x -> x + "n"))
                        .when(Size.SMALL, p -> p.step("s", x -> x))
                        .when(Size.LARGE, p -> p.step("l", x -> x)))
            .branch(
                "rest",
                t -> (Size) null,
                cases ->
                    cases
                        .when(Size.SMALL, p -> p.step("s", x -> x))
                        .otherwise(p -> p.step("o", x -> x + "o")))
            .branch(
                "texts",
                t -> (String) null,
                cases -> cases.when("a", p -> p.step("s", x -> x + "?")))
            .build();
    try (Durable durable = db.start(workflow)) {
      assertThat(durable.start(workflow, "x").result(SOON)).isEqualTo("xno");
    }
  }

  @Test
  @DisplayName("A null that was sent by names is no payload of a typed event, in trees and bodies")
  void nullByNames() {
    Event<Void> empty = Event.of("event", Void.class);
    Map<Workflow<String, String>, ExecutionStatus> flows =
        Map.of(
            Workflow.define("typed", String.class)
                .await("w", EVENT, (s, e) -> s + e.length())
                .build(),
            ExecutionStatus.PARKED,
            Workflow.of("body", String.class, String.class, (s, step) -> s + step.await(EVENT)),
            ExecutionStatus.PARKED,
            Workflow.define("void", String.class).await("w", empty, (s, e) -> s + "!").build(),
            ExecutionStatus.COMPLETED);
    try (Durable durable = db.start(flows.keySet().toArray(Workflow<?, ?>[]::new))) {
      flows.forEach(
          (flow, status) -> {
            UUID id = durable.start(flow, "x").id();
            durable.send(id, "event", "null", o -> {});
            untilStatus(durable, id, status);
            if (status == ExecutionStatus.PARKED) {
              assertThat(durable.find(id).orElseThrow().error().message())
                  .contains("payload of event 'event' is null, which only a Void may be");
              durable.retry(id);
              durable.send(id, "event", "\"y\"", o -> {});
              untilStatus(durable, id, ExecutionStatus.COMPLETED);
            }
          });
    }
  }
}
