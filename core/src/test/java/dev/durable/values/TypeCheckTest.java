package dev.durable.values;

import static dev.durable.testing.DurableFixture.SOON;
import static dev.durable.testing.DurableFixture.untilEnded;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.durable.Durable;
import dev.durable.DurableBuilder;
import dev.durable.UnknownWorkflowException;
import dev.durable.execution.Execution;
import dev.durable.execution.ExecutionHandle;
import dev.durable.execution.ExecutionStatus;
import dev.durable.json.JsonCodec;
import dev.durable.json.JsonException;
import dev.durable.json.TypeRef;
import dev.durable.testing.DatabaseExtension;
import dev.durable.testing.Gate;
import dev.durable.testing.Proves;
import dev.durable.testing.TestDatabase;
import dev.durable.wait.Event;
import dev.durable.workflow.InvalidWorkflowException;
import dev.durable.workflow.StepBody;
import dev.durable.workflow.Workflow;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

@ExtendWith(DatabaseExtension.class)
@Tag("newest")
class TypeCheckTest {

  sealed interface Payment permits Card, Cash {}

  record Card(String number) implements Payment {}

  record Cash(int cents) implements Payment {}

  record Order(String id, List<Payment> payments) {}

  private static final Event<Payment> PAID = Event.of("paid", Payment.class);

  private final TestDatabase db;

  TypeCheckTest(TestDatabase db) {
    this.db = db;
  }

  /** A definition, and the place in it that has the type. */
  record Case(String place, Workflow<?, ?> workflow) {
    @Override
    public String toString() {
      return place;
    }
  }

  private static Case of(String place, Workflow<?, ?> workflow) {
    return new Case(place, workflow);
  }

  static Stream<Case> definitions() {
    return Stream.of(
        of("its input", Workflow.define("w", Payment.class).step("s", p -> p).build()),
        of("its input", Workflow.of("w", Order.class, String.class, (o, step) -> "")),
        of(
            "what 'pay' hands on",
            Workflow.define("w", String.class)
                .step("pay", Payment.class, s -> new Cash(1))
                .step("end", String.class, p -> "")
                .build()),
        of(
            "what 'pay' hands on",
            Workflow.define("w", String.class)
                .transaction("pay", Payment.class, (s, tx) -> new Cash(1))
                .build()),
        of(
            "what 'wait' receives",
            Workflow.define("w", String.class).await("wait", PAID, (s, paid) -> s).build()),
        of(
            "what an item of 'each' hands on",
            Workflow.define("w", String.class)
                .forEach(
                    "each",
                    String.class,
                    String.class,
                    s -> List.of(s),
                    item -> item.step("pay", Payment.class, s -> new Cash(1)),
                    (s, all) -> s)
                .build()),
        of(
            "what 'call' receives",
            Workflow.define("w", String.class)
                .call(
                    "call",
                    Workflow.of("child", String.class, Payment.class, (s, step) -> new Cash(1)),
                    s -> s,
                    (s, p) -> s)
                .build()));
  }

  @ParameterizedTest
  @MethodSource("definitions")
  @Proves("F7.7")
  @DisplayName("A type that could never be read back is refused when an instance starts")
  void refused(Case given) {
    for (Opening opening : List.<Opening>of(DurableBuilder::startWorker, DurableBuilder::build)) {
      assertThatThrownBy(
              () -> opening.open(Durable.on(db.dataSource()).register(given.workflow)).close())
          .isInstanceOf(InvalidWorkflowException.class)
          .hasMessageContaining(given.place)
          .hasMessageContaining(Payment.class.getName())
          .hasMessageContaining("@JsonTypeInfo");
    }
  }

  @Test
  @Proves("F7.7")
  @DisplayName("It is refused on a running instance as well, which registers none of the call")
  void refusedWhileRunning() {
    Workflow<String, String> before = named("type_check_before");
    Workflow<String, String> beside = named("type_check_beside");
    Workflow<Payment, Payment> unreadable =
        Workflow.define("type_check_unreadable", Payment.class).step("s", p -> p).build();
    try (Durable durable = db.start(before)) {
      assertThatThrownBy(() -> durable.register(beside, unreadable))
          .isInstanceOf(InvalidWorkflowException.class)
          .hasMessageContaining("its input")
          .hasMessageContaining(Payment.class.getName());
      assertThat(
              db.rows(
                  "select name from durable.workflow_definitions where name like 'type_check_%'"))
          .containsExactly("type_check_before");
      assertThatThrownBy(() -> durable.start("type_check_beside", "\"x\""))
          .isInstanceOf(UnknownWorkflowException.class);
      durable.register(beside);
      assertThat(durable.start(beside, "x").result(SOON)).isEqualTo("x");
    }
  }

  private static Workflow<String, String> named(String name) {
    return Workflow.define(name, String.class).step("s", text -> text).build();
  }

  private interface Opening {
    Durable open(DurableBuilder builder);
  }

  /** Writes and reads a payment as a text. */
  private record OwnCodec(JsonCodec plain) implements JsonCodec {
    @Override
    public String encode(@Nullable Object value) {
      return value instanceof Cash cash ? "" + cash.cents() : plain.encode(value);
    }

    @Override
    @SuppressWarnings("unchecked")
    public <T> @Nullable T decode(String json, TypeRef<T> type) {
      return type.type() == Payment.class
          ? (T) new Cash(Integer.parseInt(json))
          : plain.decode(json, type);
    }

    @Override
    public void check(TypeRef<?> type) {
      if (type.type() == Long.class) {
        throw new JsonException("No longs here.", null);
      }
      if (type.type() != Payment.class) {
        plain.check(type);
      }
    }
  }

  @Test
  @Proves("F7.7")
  @DisplayName("A codec decides for itself which types it takes, wherever it is given")
  void ownCodec() {
    Workflow<Payment, Payment> pay =
        Workflow.define("pay", Payment.class).step("s", p -> p).build();
    JsonCodec codec = new OwnCodec(JsonCodec.jackson());
    try (Durable durable = Durable.on(db.dataSource()).register(pay).codec(codec).startWorker()) {
      assertThat(durable.start(pay, new Cash(7)).result(SOON)).isEqualTo(new Cash(7));
    }
    Workflow<Long, Long> longs = Workflow.define("longs", Long.class).step("s", n -> n).build();
    assertThatThrownBy(
            () -> Durable.on(db.dataSource()).register(longs).codec(codec).startWorker().close())
        .isInstanceOf(InvalidWorkflowException.class)
        .hasMessageContaining("No longs here.");
  }

  @Test
  @Proves("F7.7")
  @DisplayName("A value that a wait has received is read, even if its type is refused by now")
  void receivedBefore() {
    Event<Long> number = Event.of("number", Long.class);
    Event<String> gate = Event.of("gate", String.class);
    Workflow<String, String> workflow =
        Workflow.of(
            "received",
            String.class,
            String.class,
            (s, step) -> step.await(number) + step.await(gate));
    UUID id;
    try (Durable durable = db.start(workflow)) {
      id = durable.start(workflow, "").id();
      durable.send(id, number, 5L);
      Gate.until(() -> durable.waits(id).stream().anyMatch(w -> w.path().equals("body/gate")));
    }
    JsonCodec codec = new OwnCodec(JsonCodec.jackson());
    try (Durable durable =
        Durable.on(db.dataSource()).register(workflow).codec(codec).startWorker()) {
      durable.send(id, gate, "!");
      assertThat(durable.handle(id, workflow).result(SOON)).isEqualTo("5!");
    }
  }

  static Stream<StepBody<String, String, String>> bodies() {
    return Stream.of(
        (s, step) ->
            step.run("charge", Payment.class, () -> new Cash(CHARGES.incrementAndGet())).toString(),
        (s, step) -> step.await(PAID).toString(),
        (s, step) -> step.awaitAll("both", PAID, Event.of("b", String.class)).toString(),
        (s, step) ->
            step.call(
                    "child",
                    Workflow.of("child", String.class, Payment.class, (d, child) -> new Cash(1)),
                    s,
                    with -> {})
                .toString());
  }

  private static final AtomicInteger CHARGES = new AtomicInteger();

  @ParameterizedTest
  @MethodSource("bodies")
  @Proves("F7.7")
  @DisplayName("A type that a body names is refused before its work, not after it")
  void inBodies(StepBody<String, String, String> body) {
    CHARGES.set(0);
    Workflow<String, String> workflow = Workflow.of("w", String.class, String.class, body);
    try (Durable durable = db.start(workflow)) {
      ExecutionHandle<String> handle = durable.start(workflow, "a");
      durable.send(handle.id(), Event.of("paid", Cash.class), new Cash(1));
      untilEnded(durable, handle.id());
      Execution end = durable.find(handle.id()).orElseThrow();
      assertThat(end.status()).isEqualTo(ExecutionStatus.FAILED);
      assertThat(end.error().message()).contains(Payment.class.getName(), "@JsonTypeInfo");
      assertThat(CHARGES).hasValue(0);
    }
  }
}
