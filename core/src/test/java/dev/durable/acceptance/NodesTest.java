package dev.durable.acceptance;

import static dev.durable.testing.DurableFixture.SOON;
import static dev.durable.testing.DurableFixture.untilItAsks;
import static dev.durable.testing.DurableFixture.untilWaiting;
import static java.time.Duration.ZERO;
import static java.time.Duration.ofMillis;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import dev.durable.Durable;
import dev.durable.execution.ExecutionHandle;
import dev.durable.execution.ExecutionStatus;
import dev.durable.question.Approval;
import dev.durable.question.Question;
import dev.durable.retry.RetryPolicy;
import dev.durable.testing.DatabaseExtension;
import dev.durable.testing.TestDatabase;
import dev.durable.wait.Event;
import dev.durable.workflow.AwaitOptions;
import dev.durable.workflow.CompensableOptions;
import dev.durable.workflow.ItemResults;
import dev.durable.workflow.Workflow;
import dev.durable.workflow.WorkflowBuilder;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.extension.ExtendWith;

/** The one rule for every node: {@code (name, [type], what, [into], [with])}. */
@ExtendWith(DatabaseExtension.class)
@DisplayName("Nodes")
@Tag("newest")
class NodesTest {

  private static final Event<String> PAID = Event.of("paid", String.class);
  private static final Event<Integer> WEIGHED = Event.of("weighed", Integer.class);

  private static final Workflow<String, String> ECHO =
      Workflow.define("echo", String.class).step("say", s -> s + "!").build();

  private static final Workflow<String, String> BROKEN =
      Workflow.define("broken", String.class).step("fail", NodesTest::fails).build();

  /** Waits until it is cancelled. */
  private static final Workflow<String, String> PATIENT =
      Workflow.define("patient", String.class).await("paid", PAID).build();

  private final TestDatabase db;
  private final Notes ran = new Notes();

  NodesTest(TestDatabase db) {
    this.db = db;
  }

  private static String fails(String data) {
    throw new IllegalArgumentException("no " + data);
  }

  private static WorkflowBuilder<String, String> define() {
    return Workflow.define("nodes", String.class);
  }

  private Durable start(Workflow<String, String> workflow) {
    return db.start(workflow, ECHO, BROKEN, PATIENT);
  }

  private String result(WorkflowBuilder<String, String> builder) {
    Workflow<String, String> workflow = builder.build();
    try (Durable durable = start(workflow)) {
      ExecutionHandle<String> handle = durable.start(workflow, "a");
      durable.send(handle.id(), PAID, "p");
      durable.send(handle.id(), WEIGHED, 7);
      return handle.result(SOON);
    }
  }

  // ---- into ----

  @Test
  @DisplayName("Each kind of work puts its result into the data")
  void intoOfWork() {
    WorkflowBuilder<String, String> nodes =
        define()
            .step("length", String::length, (s, length) -> s + length)
            .step("path", (s, step) -> step.path(), (s, path) -> s + "," + path)
            .transaction("sql", (s, tx) -> tx.connection().isClosed(), (s, is) -> s + "," + is)
            .run("note", s -> ran.add("run " + s))
            .run("context", (s, step) -> ran.add(step.path() + " " + step.attempt()))
            .runInTransaction("void", (s, tx) -> ran.add(tx.path()));
    assertThat(result(nodes)).isEqualTo("a1,path,false");
    assertThat(ran).containsExactly("run a1,path,false", "context 1", "void");
  }

  @Test
  @DisplayName("Each kind of wait puts what came into the data")
  void intoOfWaits() {
    WorkflowBuilder<String, String> nodes =
        define()
            .await("paid", PAID, (s, paid) -> s + paid)
            .awaitAny("any", any -> any.on(PAID, String::concat).on(WEIGHED, (s, w) -> s + w))
            .call("echo", ECHO, s -> s, (s, said) -> s + "," + said)
            .callEach("each", ECHO, s -> List.of("x", "y"), (s, all) -> s + completed(all))
            .forEach(
                "items",
                String.class,
                s -> List.of("i", "j"),
                item -> item.step("up", i -> i.toUpperCase(Locale.ROOT)),
                (s, all) -> s + completed(all));
    assertThat(result(nodes)).isEqualTo("ap7,ap7![x!, y!][I, J]");
  }

  @Test
  @DisplayName("All of several events go into the data in the order of the definition")
  void intoOfAll() {
    assertThat(
            result(
                define()
                    .awaitAll(
                        "all", all -> all.on(WEIGHED, (s, w) -> s + w).on(PAID, (s, p) -> s + p))))
        .isEqualTo("a7p");
  }

  private static String completed(ItemResults<String> all) {
    return all.completed().toString();
  }

  @Test
  @DisplayName("Without into, a node hands on what came; with a type, another one")
  void handingOn() {
    assertThat(result(define().await("paid", PAID))).isEqualTo("p");
    assertThat(result(define().call("echo", ECHO, s -> s))).isEqualTo("a!");
    assertThat(
            result(
                define()
                    .await("weighed", Integer.class, WEIGHED, (s, w) -> w + s.length())
                    .step("text", String.class, w -> "n" + w)))
        .isEqualTo("n8");
    assertThat(
            result(
                define()
                    .awaitAny("any", Integer.class, any -> any.on(WEIGHED, (s, w) -> w))
                    .step("text", String.class, w -> "n" + w)))
        .isEqualTo("n7");
    assertThat(
            result(
                define()
                    .callEach(
                        "each",
                        Integer.class,
                        ECHO,
                        s -> List.of("x"),
                        (s, all) -> all.completed().size())
                    .step("text", String.class, n -> "n" + n)))
        .isEqualTo("n1");
  }

  @Test
  @DisplayName("A path is run when its condition holds, and again until another one does")
  void control() {
    WorkflowBuilder<String, String> nodes =
        define()
            .when("short", s -> s.length() < 2, path -> path.step("b", s -> s + "b"))
            .when("long", s -> s.length() > 9, path -> path.step("no", s -> "no"))
            .when("either", s -> s.isEmpty(), path -> path, path -> path.step("c", s -> s + "c"))
            .repeatUntil("grow", s -> s.endsWith(".."), round -> round.step("dot", s -> s + "."));
    assertThat(result(nodes)).isEqualTo("abc..");
  }

  // ---- the workflow's retry ----

  @Test
  @DisplayName("The workflow's retry policy is the default of its steps, and of a body")
  void defaultRetry() {
    RetryPolicy twice = RetryPolicy.constant(ofMillis(1)).maxAttempts(2);
    AtomicInteger attempts = new AtomicInteger();
    Workflow<String, String> body =
        Workflow.of(
            "body",
            String.class,
            String.class,
            (s, step) -> attempts.incrementAndGet() < 2 ? fails(s) : "ok",
            with -> with.retry(twice));
    assertThat(db.run(body, "a")).isEqualTo("ok");

    AtomicInteger own = new AtomicInteger();
    Workflow<String, String> overridden =
        Workflow.define("own", String.class, with -> with.retry(twice))
            .step(
                "once",
                s -> {
                  own.incrementAndGet();
                  return fails(s);
                },
                with -> with.retry(RetryPolicy.none()))
            .build();
    assertThatThrownBy(() -> db.run(overridden, "a")).hasMessageContaining("no a");
    assertThat(own).hasValue(1);

    AtomicInteger begun = new AtomicInteger();
    Workflow<String, String> atMostOnce =
        Workflow.define("at_most_once", String.class, with -> with.retry(twice))
            .step(
                "once",
                s -> {
                  begun.incrementAndGet();
                  return fails(s);
                },
                with -> with.atMostOnce())
            .build();
    assertThatThrownBy(() -> db.run(atMostOnce, "a")).hasMessageContaining("no a");
    assertThat(begun).hasValue(1);
  }

  // ---- waits that do not receive ----

  /** Each node that waits, with its options. */
  private static Map<String, Waiting> waits() {
    Map<String, Waiting> all = new LinkedHashMap<>();
    all.put("await", with -> define().await("w", PAID, (s, p) -> s + p, with));
    all.put("awaitAny", with -> define().awaitAny("w", any -> any.on(PAID, String::concat), with));
    all.put("awaitAll", with -> define().awaitAll("w", any -> any.on(PAID, String::concat), with));
    all.put(
        "ask",
        with -> define().ask("w", s -> Question.approval("ok?"), (s, a) -> s + a.approved(), with));
    return all;
  }

  private interface Waiting {
    WorkflowBuilder<String, String> with(Consumer<AwaitOptions<String, String>> options);
  }

  @TestFactory
  @DisplayName("A wait whose time is up fails, or hands on what onTimeout says")
  Stream<DynamicTest> timeouts() {
    return waits().entrySet().stream()
        .map(
            each ->
                dynamicTest(
                    each.getKey(),
                    () -> {
                      Waiting node = each.getValue();
                      assertThat(
                              db.run(
                                  node.with(w -> w.timeout(ZERO).onTimeout(s -> s + " late"))
                                      .build(),
                                  "a"))
                          .isEqualTo("a late");
                      assertThat(
                              db.run(
                                  node.with(
                                          w ->
                                              w.timeout(s -> ofMillis(s.length()))
                                                  .onTimeout(s -> s + " late"))
                                      .build(),
                                  "a"))
                          .isEqualTo("a late");
                      assertThatThrownBy(() -> db.run(node.with(w -> w.timeout(ZERO)).build(), "a"))
                          .hasMessageContaining("did not come in time");
                      assertThatThrownBy(() -> node.with(w -> w.onTimeout(s -> s)))
                          .isInstanceOf(IllegalArgumentException.class)
                          .hasMessageContaining("'w'")
                          .hasMessageContaining("timeout");
                    }));
  }

  @TestFactory
  @DisplayName("A cancelled wait fails, or hands on what onCancel says")
  Stream<DynamicTest> cancels() {
    return waits().entrySet().stream()
        .map(
            each ->
                dynamicTest(
                    each.getKey(),
                    () -> {
                      Waiting node = each.getValue();
                      assertThat(cancelled(node.with(w -> w.onCancel(s -> s + " off"))))
                          .isEqualTo("a off");
                      assertThat(
                              cancelled(
                                  node.with(
                                      w -> w.timeout(SOON.multipliedBy(9)).onCancel(s -> "off"))))
                          .isEqualTo("off");
                      assertThatThrownBy(() -> cancelled(node.with(w -> {})))
                          .hasMessageContaining("was cancelled");
                    }));
  }

  private String cancelled(WorkflowBuilder<String, String> builder) {
    Workflow<String, String> workflow = builder.build();
    try (Durable durable = start(workflow)) {
      ExecutionHandle<String> handle = durable.start(workflow, "a");
      untilWaiting(durable, handle.id());
      durable.cancelWaits(handle.id());
      return handle.result(SOON);
    }
  }

  @Test
  @DisplayName("A call hands on what its options say of a child that is late, cancelled or failed")
  void calls() {
    assertThat(
            result(
                define()
                    .call(
                        "w",
                        PATIENT,
                        s -> s,
                        (s, r) -> s + r,
                        w -> w.timeout(ofMillis(1)).onTimeout(s -> s + " late"))))
        .isEqualTo("a late");
    assertThat(
            cancelled(
                define().call("w", PATIENT, s -> s, (s, r) -> r, w -> w.onCancel(s -> "off"))))
        .isEqualTo("off");
    assertThat(
            result(
                define()
                    .call(
                        "w",
                        BROKEN,
                        s -> s,
                        (s, r) -> r,
                        w -> w.onFailure((s, e) -> s + " " + e.getMessage()))))
        .startsWith("a ")
        .contains("no a");
    assertThatThrownBy(() -> result(define().call("w", BROKEN, s -> s, (s, r) -> r)))
        .hasMessageContaining("no a");
  }

  // ---- compensation ----

  /** Each node beside steps and transactions that can be undone. */
  private Map<String, UnaryOperator<WorkflowBuilder<String, String>>> undone() {
    Map<String, UnaryOperator<WorkflowBuilder<String, String>>> all = new LinkedHashMap<>();
    all.put("run", b -> b.run("n", s -> ran.add("run"), this::undo));
    all.put("await", b -> b.await("n", PAID, (s, p) -> s + p, this::undo));
    all.put("awaitAny", b -> b.awaitAny("n", any -> any.on(PAID, String::concat), this::undo));
    all.put("awaitAll", b -> b.awaitAll("n", any -> any.on(PAID, String::concat), this::undo));
    all.put(
        "ask",
        b -> b.ask("n", s -> Question.approval("?"), (s, a) -> s + a.approved(), this::undo));
    all.put("call", b -> b.call("n", ECHO, s -> s, (s, r) -> s + r, this::undo));
    all.put(
        "callEach",
        b -> b.callEach("n", ECHO, s -> List.of("x"), (s, r) -> s + completed(r), this::undo));
    all.put(
        "forEach",
        b ->
            b.forEach(
                "n",
                String.class,
                s -> List.of("x"),
                each ->
                    each.step("i", i -> i, w -> w.compensate("part", i -> ran.add("undo " + i))),
                (s, r) -> s + completed(r),
                this::undo));
    all.put(
        "parallel",
        b ->
            b.parallel(
                "n",
                par -> {
                  var one = par.step("one", String.class, s -> "1");
                  return par.join((s, results) -> s + results.get(one));
                },
                this::undo));
    return all;
  }

  private <S extends CompensableOptions<String, S>> void undo(
      CompensableOptions<String, S> options) {
    options.compensate("undo", done -> ran.add("undo " + done));
  }

  @TestFactory
  @DisplayName("Each node is undone with what it handed on")
  Stream<DynamicTest> compensations() {
    return undone().entrySet().stream()
        .map(
            each ->
                dynamicTest(
                    each.getKey(),
                    () -> undoes(each.getKey().equals("ask"), each.getValue().apply(define()))));
  }

  private void undoes(boolean asks, WorkflowBuilder<String, String> node) {
    ran.clear();
    Workflow<String, String> workflow =
        node.run("see", s -> ran.add("saw " + s)).step("fail", NodesTest::fails).build();
    try (Durable durable = start(workflow)) {
      ExecutionHandle<String> handle = durable.start(workflow, "a");
      durable.send(handle.id(), PAID, "p");
      if (asks) {
        untilItAsks(durable, handle.id());
        durable.questions().answer(handle.id(), "n", Approval.approved("me"));
      }
      assertThatThrownBy(() -> handle.result(SOON)).hasMessageContaining("no a");
      assertThat(handle.status()).isEqualTo(ExecutionStatus.COMPENSATED);
      List<String> notes = new ArrayList<>();
      ran.forEach(notes::add);
      String seen = notes.stream().filter(n -> n.startsWith("saw ")).findFirst().orElseThrow();
      int undo = notes.indexOf("undo " + seen.substring(4));
      assertThat(undo).as("%s", notes).isGreaterThan(notes.indexOf(seen));
      if (notes.contains("undo x")) {
        assertThat(notes.indexOf("undo x")).as("%s", notes).isGreaterThan(undo);
      }
    }
  }
}
