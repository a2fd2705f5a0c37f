package dev.durable.values;

import static dev.durable.testing.DurableFixture.SOON;
import static dev.durable.testing.DurableFixture.untilStatus;
import static org.assertj.core.api.Assertions.assertThat;

import dev.durable.Durable;
import dev.durable.execution.ExecutionHandle;
import dev.durable.execution.ExecutionStatus;
import dev.durable.json.TypeRef;
import dev.durable.question.Approval;
import dev.durable.question.Question;
import dev.durable.testing.DatabaseExtension;
import dev.durable.testing.Gate;
import dev.durable.testing.Proves;
import dev.durable.testing.TestDatabase;
import dev.durable.wait.Event;
import dev.durable.workflow.BranchRef;
import dev.durable.workflow.Decision;
import dev.durable.workflow.Workflow;
import dev.durable.workflow.WorkflowBuilder;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

@ExtendWith(DatabaseExtension.class)
@Proves("F7.4")
@DisplayName("The user's codec never touches what the engine writes for itself")
@Tag("newest")
class CodecTest {

  private static final Order ORDER =
      new Order("Ann Secretive", new BigDecimal("12.50"), Kind.BULKY_GOODS, List.of("fresh"));
  private static final Queue<Order> UNDONE = new ConcurrentLinkedQueue<>();

  private final TestDatabase db;

  CodecTest(TestDatabase db) {
    this.db = db;
  }

  /** A kind with a name of two words. */
  enum Kind {
    BULKY_GOODS,
    SMALL_PARTS
  }

  /** Names of two words, so that a renaming codec has something to rename. */
  record Order(String customerName, BigDecimal netPrice, Kind goodsKind, List<String> doneSoFar) {
    Order and(Object what) {
      List<String> more = new ArrayList<>(doneSoFar);
      more.add(String.valueOf(what));
      return new Order(customerName, netPrice, goodsKind, more);
    }
  }

  /** An item of a list. */
  record LineItem(String articleNumber, int pieceCount) {}

  /** A message. */
  record PaymentReceived(String paidBy, BigDecimal paidAmount) {}

  /** Another message. */
  record Note(String text) {}

  /** A form. */
  record Delivery(
      String streetName,
      int houseNumber,
      BigDecimal maxWeight,
      LocalDate earliestDay,
      boolean leaveOutside,
      Kind goodsKind,
      @Nullable String ringTwice) {}

  private static final Event<PaymentReceived> PAID = Event.of("paid", PaymentReceived.class);
  private static final Event<Note> CHANGED = Event.of("changed", Note.class);

  private static final Workflow<LineItem, Order> CHILD =
      Workflow.define("child", LineItem.class)
          .step("made", Order.class, item -> ORDER.and("child of " + item.articleNumber()))
          .build();

  /** What a construct does to an order, and what must be done from outside for that. */
  private record Construct(
      UnaryOperator<WorkflowBuilder<Order, Order>> adds, Outside outside, Order result) {}

  private interface Outside {
    void act(Durable durable, ExecutionHandle<Order> handle) throws Exception;
  }

  private static final Outside NOTHING = (durable, handle) -> {};

  private static Outside answers(Object answer) {
    return (durable, handle) -> {
      untilAsked(durable, handle);
      durable.questions().answer(handle.id(), "question", answer, "eve");
    };
  }

  private static Outside answersJson(String json) {
    return (durable, handle) -> {
      untilAsked(durable, handle);
      durable.questions().answerJson(handle.id(), "question", json, "eve");
    };
  }

  private static void untilAsked(Durable durable, ExecutionHandle<Order> handle) {
    Gate.until(
        () -> {
          ExecutionStatus status = durable.find(handle.id()).orElseThrow().status();
          assertThat(status).isNotIn(ExecutionStatus.FAILED, ExecutionStatus.PARKED);
          return !durable.questions().open(handle.id()).isEmpty();
        });
  }

  private static final Delivery DELIVERY =
      new Delivery(
          "High Street",
          7,
          new BigDecimal("12.345678901234567890123"),
          LocalDate.of(2026, 1, 31),
          true,
          Kind.SMALL_PARTS,
          null);

  private static Map<String, Construct> constructs() {
    Map<String, Construct> all = new LinkedHashMap<>();
    all.put("step", of(b -> b.step("one", o -> o.and("step")), "step"));
    all.put("transaction", of(b -> b.transaction("one", (o, tx) -> o.and("tx")), "tx"));
    all.put(
        "branch",
        of(
            b ->
                b.branch(
                    "which",
                    Order::goodsKind,
                    cases ->
                        cases
                            .when(Kind.BULKY_GOODS, p -> p.step("truck", o -> o.and("truck")))
                            .when(Kind.SMALL_PARTS, p -> p.step("bike", o -> o.and("bike")))),
            "truck"));
    all.put(
        "decide",
        of(
            b ->
                b.decide("which", List.of("far"), o -> Decision.goTo("far", o.and("goes")))
                    .step("near", o -> o.and("near"))
                    .step("far", o -> o.and("far")),
            "goes",
            "far"));
    all.put("parallel", of(CodecTest::parallel, "left Ann Secretive", "right BULKY_GOODS"));
    all.put(
        "forEach",
        of(
            b ->
                b.forEach(
                    "each",
                    LineItem.class,
                    o -> List.of(new LineItem("a \"1\", [x]", 2), new LineItem("b", 3)),
                    item -> item.step("count", Integer.class, i -> i.pieceCount() * 10),
                    (o, results) -> o.and(results.completed())),
            "[20, 30]"));
    all.put(
        "repeat",
        of(
            b ->
                b.repeatUntil(
                    "again",
                    o -> o.doneSoFar().size() > 3,
                    round -> round.step("more", o -> o.and("more"))),
            "more",
            "more",
            "more"));
    all.put(
        "effects",
        of(
            b ->
                b.step(
                    "one",
                    (o, step) -> {
                      LineItem item = step.run("item", LineItem.class, () -> new LineItem("x", 1));
                      step.sleep("nap", Duration.ofMillis(1));
                      return o.and(item.articleNumber());
                    }),
            "x"));
    all.put(
        "call",
        of(
            b -> b.call("call", CHILD, o -> new LineItem("y", 1), (o, c) -> o.and(c.doneSoFar())),
            "[fresh, child of y]"));
    all.put("start", of(b -> b.start("start", CHILD, o -> new LineItem("y", 1), w -> {})));
    all.put(
        "await",
        of(
            b -> b.await("wait", PAID, (o, paid) -> o.and(paid.paidBy())),
            (durable, handle) ->
                durable.send(handle.id(), PAID, new PaymentReceived("Bob", BigDecimal.ONE)),
            "Bob"));
    all.put(
        "send by name",
        of(
            b -> b.await("wait", CHANGED, (o, c) -> o.and(c.text())),
            (durable, handle) ->
                durable.send(handle.id(), "changed", "{\"text\":\"Bo\"}", with -> {}),
            "Bo"));
    all.put(
        "any",
        of(
            b ->
                b.awaitAny(
                    "wait",
                    any ->
                        any.on(CHANGED, (o, changed) -> o)
                            .on(PAID, (o, paid) -> o.and(paid.paidAmount()))),
            (durable, handle) ->
                durable.send(handle.id(), PAID, new PaymentReceived("Bob", BigDecimal.TWO)),
            "2"));
    asks(all);
    return all;
  }

  private static WorkflowBuilder<Order, Order> parallel(WorkflowBuilder<Order, Order> b) {
    return b.parallel(
        "both",
        fork -> {
          BranchRef<String> left =
              fork.path("left", String.class, p -> p.step("l", String.class, Order::customerName));
          BranchRef<Kind> right =
              fork.path("right", Kind.class, p -> p.step("r", Kind.class, Order::goodsKind));
          return fork.join(
              (o, results) ->
                  o.and("left " + results.get(left)).and("right " + results.get(right)));
        });
  }

  private static void asks(Map<String, Construct> all) {
    UnaryOperator<WorkflowBuilder<Order, Order>> form =
        b ->
            b.ask(
                "question", o -> Question.form("?", Delivery.class), (o, answer) -> o.and(answer));
    all.put("form", of(form, answers(DELIVERY), DELIVERY.toString()));
    all.put(
        "form by timeout",
        of(
            b ->
                b.ask(
                    "question",
                    o -> Question.form("?", Delivery.class),
                    Order::and,
                    with -> with.timeout(Duration.ofMillis(1)).onTimeout(o -> o.and("no answer"))),
            "no answer"));
    all.put(
        "form by JSON",
        of(
            form,
            answersJson(
                """
                {"streetName": "High Street", "houseNumber": 7,
                 "maxWeight": 12.345678901234567890123, "earliestDay": "2026-01-31",
                 "leaveOutside": true, "goodsKind": "SMALL_PARTS"}
                """),
            DELIVERY.toString()));
    UnaryOperator<WorkflowBuilder<Order, Order>> approval =
        b -> b.ask("question", o -> Question.approval("?"), (o, answer) -> o.and(answer));
    Approval approved = Approval.approved("eve", "well \"done\"");
    all.put(
        "approval",
        of(approval, answers(Approval.approved("mallory", "well \"done\"")), "" + approved));
    all.put(
        "approval by JSON",
        of(
            approval,
            answersJson(
                "{\"approved\": true, \"comment\": \"well \\\"done\\\"\", \"by\": \"mallory\"}"),
            "" + approved));
    all.put(
        "text",
        of(
            b -> b.ask("question", o -> Question.text("?"), (o, answer) -> o.and(answer)),
            answers("some \"text\""),
            "some \"text\""));
    all.put(
        "choice by JSON",
        of(
            b -> b.ask("question", o -> Question.choice("?", List.of("red", "blue")), Order::and),
            answersJson("\"blue\""),
            "blue"));
    all.put(
        "several choices",
        of(
            b ->
                b.ask(
                    "question",
                    o -> Question.multiChoice("?", List.of("red", "blue", "green")),
                    Order::and),
            answers(List.of("green", "red")),
            "[green, red]"));
  }

  private static Construct of(
      UnaryOperator<WorkflowBuilder<Order, Order>> adds, Outside outside, String... done) {
    Order result = ORDER;
    for (String one : done) {
      result = result.and(one);
    }
    return new Construct(adds, outside, result);
  }

  private static Construct of(UnaryOperator<WorkflowBuilder<Order, Order>> adds, String... done) {
    return of(adds, NOTHING, done);
  }

  @ParameterizedTest
  @EnumSource(Codecs.class)
  @Proves("F7.4")
  @DisplayName("Every construct gives the same result with every codec, with and without a rest")
  void everyConstruct(Codecs codecs) {
    Map<String, Construct> all = constructs();
    Map<String, Workflow<Order, Order>> workflows = new LinkedHashMap<>();
    all.forEach(
        (name, construct) -> {
          String id = name.replace(' ', '_');
          WorkflowBuilder<Order, Order> plain = Workflow.define(id, Order.class);
          workflows.put(name, construct.adds.apply(plain).build());
          WorkflowBuilder<Order, Order> rests =
              Workflow.define(id + "_rests", Order.class).sleep("before", Duration.ofMillis(1));
          workflows.put(
              name + " rests",
              construct.adds.apply(rests).sleep("after", Duration.ofMillis(1)).build());
        });
    Map<String, String> wrong = new LinkedHashMap<>();
    try (Durable durable =
        Durable.on(db.dataSource())
            .codec(codecs.codec())
            .register(CHILD)
            .register(workflows.values().toArray(Workflow<?, ?>[]::new))
            .startWorker()) {
      Map<String, ExecutionHandle<Order>> handles = new LinkedHashMap<>();
      workflows.forEach((name, workflow) -> handles.put(name, durable.start(workflow, ORDER)));
      handles.forEach(
          (name, handle) -> {
            Construct construct = all.get(name.replace(" rests", ""));
            try {
              construct.outside.act(durable, handle);
              Order result = handle.result(SOON);
              if (!construct.result.equals(result)) {
                wrong.put(name, "gives " + result);
              }
            } catch (Throwable failure) {
              wrong.put(name, String.valueOf(failure));
            }
          });
    }
    assertThat(wrong).isEmpty();
  }

  @ParameterizedTest
  @EnumSource(Codecs.class)
  @Proves("F7.4")
  @DisplayName("A compensation gets the step's result, whatever the codec")
  void compensations(Codecs codecs) {
    UNDONE.clear();
    Workflow<Order, Order> workflow =
        Workflow.define("undone", Order.class)
            .step(
                "one",
                (o, step) ->
                    o.and(
                        step.run(
                                "eff",
                                Order.class,
                                () -> o.and("effect"),
                                with -> with.compensate("undo", e -> UNDONE.add(e)))
                            .doneSoFar()),
                with -> with.compensate("undo", o -> UNDONE.add(o)))
            .sleep("rest", Duration.ofMillis(1))
            .step(
                "fail",
                o -> {
                  throw new IllegalStateException("no");
                })
            .build();
    try (Durable durable =
        Durable.on(db.dataSource()).codec(codecs.codec()).register(workflow).startWorker()) {
      ExecutionHandle<Order> handle = durable.start(workflow, ORDER);
      untilStatus(durable, handle.id(), ExecutionStatus.COMPENSATED);
    }
    assertThat(UNDONE).containsExactly(ORDER.and("[fresh, effect]"), ORDER.and("effect"));
  }

  @ParameterizedTest
  @EnumSource(Codecs.class)
  @Proves("F7.4")
  @DisplayName("A start by name goes through the codec")
  void startByName(Codecs codecs) {
    Workflow<Map<String, Integer>, Integer> workflow =
        Workflow.define("by_name", new TypeRef<Map<String, Integer>>() {})
            .step("get", Integer.class, map -> map.getOrDefault("a", 0) + 1)
            .build();
    try (Durable durable =
        Durable.on(db.dataSource()).codec(codecs.codec()).register(workflow).startWorker()) {
      ExecutionHandle<String> handle = durable.start("by_name", "{\"a\": 41}");
      assertThat(durable.handle(handle.id(), workflow).result(SOON)).isEqualTo(42);
    }
  }

  @ParameterizedTest
  @EnumSource(value = Codecs.class, names = "ENCRYPTING")
  @Proves("F7.4")
  @DisplayName("No column shows a value that an encrypting codec hides")
  void nothingIsReadable(Codecs codecs) throws Exception {
    Workflow<Order, Order> workflow =
        Workflow.define("hidden", Order.class)
            .ask("question", o -> Question.form("?", Delivery.class), Order::and)
            .await("wait", PAID, (o, paid) -> o.and(paid.paidBy()))
            .ask("approval", o -> Question.approval("?"), Order::and)
            .build();
    try (Durable durable =
        Durable.on(db.dataSource()).codec(codecs.codec()).register(workflow).startWorker()) {
      ExecutionHandle<Order> handle = durable.start(workflow, ORDER);
      answers(DELIVERY).act(durable, handle);
      durable.send(
          handle.id(), "paid", "{\"paidBy\":\"Ann Secretive\",\"paidAmount\":1}", with -> {});
      Gate.until(
          () ->
              durable.questions().open(handle.id()).stream()
                  .anyMatch(each -> each.name().equals("approval")));
      durable
          .questions()
          .answerJson(
              handle.id(), "approval", "{\"approved\":true,\"comment\":\"High Street\"}", "e");
      handle.result(SOON);
    }
    for (String table :
        List.of(
            "workflow_executions",
            "step_executions",
            "pending_events",
            "pending_inputs",
            "wait_groups")) {
      assertThat(db.rows("select t::text from durable." + table + " t"))
          .as(table)
          .noneMatch(row -> row.contains("Secretive") || row.contains("High Street"));
    }
  }
}
