package dev.durable.values;

import static dev.durable.testing.DurableFixture.SOON;
import static dev.durable.testing.DurableFixture.untilItAsks;
import static dev.durable.testing.DurableFixture.untilWaiting;
import static org.assertj.core.api.Assertions.assertThat;

import dev.durable.Durable;
import dev.durable.execution.ErrorInfo;
import dev.durable.execution.Execution;
import dev.durable.execution.ExecutionHandle;
import dev.durable.execution.ExecutionStatus;
import dev.durable.json.JsonCodec;
import dev.durable.json.JsonException;
import dev.durable.json.TypeRef;
import dev.durable.question.Question;
import dev.durable.testing.DatabaseExtension;
import dev.durable.testing.Gate;
import dev.durable.testing.Proves;
import dev.durable.testing.TestDatabase;
import dev.durable.wait.Event;
import dev.durable.workflow.BranchRef;
import dev.durable.workflow.StepContext;
import dev.durable.workflow.StepRef;
import dev.durable.workflow.Workflow;
import dev.durable.workflow.WorkflowBuilder;
import java.math.BigDecimal;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

@ExtendWith(DatabaseExtension.class)
@Proves("F7.2")
@DisplayName(
    "An unreadable value parks its execution everywhere; nothing is undone, and a retry continues")
@Tag("newest")
class UnreadableTest {

  private final TestDatabase db;

  UnreadableTest(TestDatabase db) {
    this.db = db;
  }

  /** What the codec can read only so many times. */
  record Fragile(String text) {}

  /** A form with a number. */
  record Price(BigDecimal price) {}

  private static final AtomicInteger READABLE = new AtomicInteger();
  private static final AtomicInteger BODIES = new AtomicInteger();
  private static final AtomicInteger UNDONE = new AtomicInteger();

  @BeforeEach
  void begin() {
    BODIES.set(0);
    UNDONE.set(0);
  }

  /** A codec that cannot read some type any more. */
  private record Failing(JsonCodec codec, Class<?> fragile, Supplier<Throwable> failure)
      implements JsonCodec {

    @Override
    public String encode(@Nullable Object value) {
      return codec.encode(value);
    }

    @Override
    public <T> @Nullable T decode(String json, TypeRef<T> type) {
      if (type.type().equals(fragile) && READABLE.getAndDecrement() <= 0) {
        Throwable broken = failure.get();
        if (broken instanceof Error error) {
          throw error;
        }
        throw (RuntimeException) broken;
      }
      return codec.decode(json, type);
    }
  }

  /**
   * Where a value is read.
   *
   * @param names what the reason names
   * @param readable how often the value is read before that
   */
  record Place(
      String name,
      UnaryOperator<WorkflowBuilder<String, String>> adds,
      Outside outside,
      String names,
      int readable,
      Class<?> type) {

    static Place of(
        String name, UnaryOperator<WorkflowBuilder<String, String>> adds, String names) {
      return new Place(name, adds, (durable, id) -> {}, names, 1, Fragile.class);
    }

    Place outside(Outside what) {
      return new Place(name, adds, what, names, readable, type);
    }

    Place reads(int times, Class<?> of) {
      return new Place(name, adds, outside, names, times, of);
    }

    @Override
    public String toString() {
      return name;
    }
  }

  interface Outside {
    void act(Durable durable, UUID id);
  }

  private static final Event<Fragile> FRAGILE = Event.of("fragile", Fragile.class);
  private static final Event<String> OTHER = Event.of("other", String.class);
  private static final Workflow<String, Fragile> CHILD =
      Workflow.define("child", String.class)
          .step("made", Fragile.class, text -> new Fragile(text + "!"))
          .build();

  private static String effect(String data, StepContext<String> step) throws Exception {
    String text =
        step.run(
                "effect",
                Fragile.class,
                () -> {
                  BODIES.incrementAndGet();
                  return new Fragile(data + "!");
                })
            .text();
    step.sleep("nap", Duration.ofMillis(1));
    return text;
  }

  private static String caughtAwait(String data, StepContext<String> step) {
    try {
      return data + step.await(FRAGILE).text();
    } catch (Exception swallowed) {
      return "swallowed";
    }
  }

  private static WorkflowBuilder<String, String> once(WorkflowBuilder<String, Fragile> path) {
    return path.step("one", String.class, Fragile::text, with -> with.atMostOnce());
  }

  static Stream<Place> places() {
    Outside sends = (durable, id) -> durable.send(id, FRAGILE, new Fragile("!"));
    Outside sendsBoth =
        (durable, id) -> {
          durable.send(id, OTHER, "o");
          durable.send(id, FRAGILE, new Fragile("!"));
        };
    StepRef<Fragile> made = StepRef.of("made", Fragile.class);
    return Stream.of(
        Place.of("an effect's result", b -> b.step("one", UnreadableTest::effect), "'one/effect'"),
        Place.of(
            "a child's result",
            b -> b.call("call", CHILD, t -> t, (t, child) -> child.text()),
            "'call/call'"),
        Place.of(
            "a step's result",
            b ->
                b.step("made", Fragile.class, t -> new Fragile(t + "!"))
                    .step("between", String.class, f -> "between")
                    .step("one", (t, step) -> step.result(made).text()),
            "'made'"),
        Place.of(
            "a step's result in a transaction",
            b ->
                b.step("made", Fragile.class, t -> new Fragile(t + "!"))
                    .step("between", String.class, f -> "between")
                    .transaction("one", (t, tx) -> tx.result(made).text()),
            "'made'"),
        Place.of(
            "a step's data after a rest",
            b ->
                b.step("made", Fragile.class, t -> new Fragile(t + "!"))
                    .sleep("nap", Duration.ofMillis(1))
                    .step("one", String.class, Fragile::text),
            "'nap'"),
        Place.of(
            "an at-most-once step's data",
            b ->
                b.step("made", Fragile.class, t -> new Fragile(t + "!"))
                    .parallel(
                        "both",
                        String.class,
                        fork -> {
                          BranchRef<String> left =
                              fork.path("left", String.class, UnreadableTest::once);
                          return fork.join((t, results) -> results.get(left));
                        }),
            "'both/left/one'"),
        Place.of(
            "a branch's result",
            b ->
                b.parallel(
                    "both",
                    fork -> {
                      BranchRef<Fragile> left =
                          fork.path(
                              "left",
                              Fragile.class,
                              p -> p.step("l", Fragile.class, t -> new Fragile(t + "!")));
                      return fork.join((t, results) -> results.get(left).text());
                    }),
            "'both/left'"),
        Place.of(
            "an item's result",
            b ->
                b.forEach(
                    "each",
                    String.class,
                    t -> List.of(t + "!"),
                    p -> p.step("l", Fragile.class, Fragile::new),
                    (t, results) -> results.completed().getFirst().text()),
            "'each[0]'"),
        Place.of(
                "an event's payload",
                b -> b.await("wait", FRAGILE, (t, e) -> t + e.text()),
                "'fragile'")
            .outside(sends),
        Place.of(
                "an event's payload in a body that catches everything",
                b -> b.step("wait", UnreadableTest::caughtAwait),
                "'fragile'")
            .outside(sends),
        Place.of(
                "one of several events",
                b ->
                    b.awaitAny(
                        "wait",
                        any ->
                            any.on(FRAGILE, (t, e) -> t + e.text())
                                .on(Event.of("never", String.class), (t, e) -> t)),
                "'fragile'")
            .outside(sends),
        Place.of(
                "all of several events",
                b ->
                    b.awaitAll(
                        "wait",
                        all -> all.on(OTHER, (t, e) -> t).on(FRAGILE, (t, e) -> t + e.text())),
                "'fragile'")
            .outside(sendsBoth),
        Place.of(
                "an answer",
                b ->
                    b.ask(
                        "ask",
                        t -> Question.form("?", Price.class),
                        (t, price) -> t + (price.price().intValue() == 7 ? "!" : "?")),
                "'ask/ask'")
            .outside(
                (durable, id) -> {
                  untilItAsks(durable, id);
                  durable.questions().answer(id, "ask", new Price(new BigDecimal("7")), "eve");
                })
            .reads(0, BigDecimal.class));
  }

  private static Workflow<String, String> workflow(Place place) {
    return place
        .adds
        .apply(
            Workflow.define("fragile", String.class)
                .step(
                    "done", t -> t, with -> with.compensate("undo", t -> UNDONE.incrementAndGet())))
        .build();
  }

  private static Execution parked(Durable durable, UUID id) {
    Gate.until(
        () -> {
          ExecutionStatus status = durable.find(id).orElseThrow().status();
          assertThat(status.isFinal()).as("status %s", status).isFalse();
          return status == ExecutionStatus.PARKED;
        });
    return durable.find(id).orElseThrow();
  }

  static Stream<Place> each() {
    return places();
  }

  @ParameterizedTest
  @MethodSource("each")
  @Proves("F7.2")
  @DisplayName("It is parked as unreadable, names the value, and continues once it can be read")
  void parksAndGoesOn(Place place) {
    readsAgain(place, () -> new JsonException("broken", null));
  }

  @ParameterizedTest
  @MethodSource("each")
  @Proves("F7.2")
  @DisplayName("An exception of a custom codec is the same")
  void anyException(Place place) {
    readsAgain(place, () -> new IllegalStateException("broken"));
  }

  @Test
  @Proves("F7.2")
  @DisplayName("An error of a custom codec is the same")
  void anyError() {
    readsAgain(places().findFirst().orElseThrow(), () -> new AssertionError("broken"));
  }

  private void readsAgain(Place place, Supplier<Throwable> failure) {
    Workflow<String, String> workflow = workflow(place);
    JsonCodec codec = new Failing(JsonCodec.jackson(), place.type, failure);
    READABLE.set(place.readable);
    try (Durable durable =
        Durable.on(db.dataSource()).codec(codec).register(workflow, CHILD).startWorker()) {
      ExecutionHandle<String> handle = durable.start(workflow, "x");
      place.outside.act(durable, handle.id());
      Execution parked = parked(durable, handle.id());
      ErrorInfo reason = parked.error();
      assertThat(reason).isNotNull();
      assertThat(reason.type()).isEqualTo(ErrorInfo.UNREADABLE);
      assertThat(reason.message()).contains(place.names).contains("broken");
      assertThat(UNDONE).hasValue(0);
      READABLE.set(Integer.MAX_VALUE);
      durable.retry(handle.id());
      assertThat(handle.result(SOON)).isEqualTo("x!");
      assertThat(BODIES.get()).isLessThanOrEqualTo(1);
    }
    assertThat(db.violations()).isEmpty();
  }

  private static final Event<Integer> NUMBER = Event.of("number", Integer.class);

  static Stream<Place> waits() {
    return Stream.of(
        Place.of("a node", b -> b.await("wait", NUMBER, (t, e) -> t + e), "'number'"),
        Place.of("a body", b -> b.step("wait", (t, step) -> t + step.await(NUMBER)), "'number'"),
        Place.of(
            "a part",
            b ->
                b.forEach(
                    "each",
                    String.class,
                    List::of,
                    p -> p.await("wait", NUMBER, (t, e) -> t + e),
                    (t, results) -> results.completed().getFirst()),
            "'number'"),
        Place.of(
            "one of several",
            b -> b.awaitAny("wait", any -> any.on(NUMBER, (t, e) -> t + e).on(OTHER, (t, e) -> t)),
            "'number'"));
  }

  @ParameterizedTest
  @MethodSource("waits")
  @Proves("F7.2")
  @DisplayName("A retry sets aside an event that never fits, and waits again")
  void setsAside(Place place) {
    Workflow<String, String> workflow = workflow(place);
    try (Durable durable = db.start(workflow)) {
      ExecutionHandle<String> handle = durable.start(workflow, "x");
      durable.send(handle.id(), "number", "\"no number\"", with -> {});
      assertThat(parked(durable, handle.id()).error().message()).contains(place.names);
      durable.retry(handle.id());
      untilWaiting(durable, handle.id());
      durable.send(handle.id(), "number", "\"again none\"", with -> {});
      parked(durable, handle.id());
      durable.send(handle.id(), NUMBER, 7);
      durable.retry(handle.id());
      assertThat(handle.result(SOON)).isEqualTo("x7");
      assertThat(UNDONE).hasValue(0);
    }
    assertThat(db.violations()).isEmpty();
  }
}
