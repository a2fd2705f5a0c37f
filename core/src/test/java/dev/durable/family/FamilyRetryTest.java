package dev.durable.family;

import static dev.durable.testing.DurableFixture.SOON;
import static dev.durable.testing.DurableFixture.untilEnded;
import static dev.durable.testing.DurableFixture.untilStatus;
import static dev.durable.testing.DurableFixture.untilWaiting;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.durable.Durable;
import dev.durable.execution.Execution;
import dev.durable.execution.ExecutionHandle;
import dev.durable.execution.ExecutionStatus;
import dev.durable.execution.StepType;
import dev.durable.testing.DatabaseExtension;
import dev.durable.testing.Gate;
import dev.durable.testing.Proves;
import dev.durable.testing.TestDatabase;
import dev.durable.wait.Event;
import dev.durable.wait.WaitTimeoutException;
import dev.durable.workflow.ChildFailedException;
import dev.durable.workflow.StepContext;
import dev.durable.workflow.Workflow;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.stream.IntStream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(DatabaseExtension.class)
@Proves("F8.2")
@DisplayName("An operator's retry of a parent goes down to the child that failed")
class FamilyRetryTest {

  private static final Event<String> GO = Event.of("go", String.class);

  private final TestDatabase db;
  private final ConcurrentLinkedQueue<String> charged = new ConcurrentLinkedQueue<>();
  private final ConcurrentLinkedQueue<String> keys = new ConcurrentLinkedQueue<>();
  private final ConcurrentLinkedQueue<String> other = new ConcurrentLinkedQueue<>();
  private final Set<String> broken = ConcurrentHashMap.newKeySet();

  FamilyRetryTest(TestDatabase db) {
    this.db = db;
  }

  /** Charges once, and ships if that is not broken. */
  private final Workflow<String, String> order =
      Workflow.define("order", String.class)
          .step(
              "charge",
              (String s) -> {
                charged.add(s);
                return s;
              })
          .step("ship", this::ship)
          .build();

  private String ship(String s, StepContext<String> step) {
    keys.add(step.idempotencyKey());
    if (broken.contains(s)) {
      throw new IllegalStateException(s + " cannot be shipped");
    }
    return s + "!";
  }

  private static Workflow<String, String> calling(String name, Workflow<String, String> child) {
    return Workflow.define(name, String.class)
        .call("child", child, s -> s, (s, result) -> s + " got " + result)
        .build();
  }

  private Durable start(Workflow<?, ?>... workflows) {
    return Durable.on(db.dataSource()).register(order).register(workflows).startWorker();
  }

  private static <O> O result(Durable durable, UUID id, Workflow<?, O> workflow) {
    return durable.handle(id, workflow).result(SOON);
  }

  @Test
  @Proves("F8.2")
  @DisplayName("The same child continues, with the same idempotency keys, and charges once")
  void theSameChild() {
    Workflow<String, String> parent = calling("shop", order);
    broken.add("a");
    try (Durable durable = start(parent)) {
      UUID id = durable.start(parent, "a").id();
      untilStatus(durable, id, ExecutionStatus.FAILED);
      durable.retry(id);
      Gate.until(() -> keys.size() == 2);
      untilStatus(durable, id, ExecutionStatus.FAILED);
      broken.clear();
      durable.retry(id);
      assertThat(result(durable, id, parent)).isEqualTo("a got a!");
      assertThat(durable.children(id)).hasSize(1);
      assertThat(charged).containsExactly("a");
      assertThat(Set.copyOf(keys)).hasSize(1);
    }
  }

  @Test
  @Proves("F8.2")
  @DisplayName("A child that was retried and has completed meanwhile gives its result")
  void theChildHasCompletedMeanwhile() {
    Workflow<String, String> parent = calling("shop", order);
    broken.add("a");
    try (Durable durable = start(parent)) {
      UUID id = durable.start(parent, "a").id();
      untilStatus(durable, id, ExecutionStatus.FAILED);
      UUID child = durable.children(id).getFirst().id();
      broken.clear();
      durable.retry(child);
      assertThat(result(durable, child, order)).isEqualTo("a!");
      durable.retry(id);
      assertThat(result(durable, id, parent)).isEqualTo("a got a!");
      assertThat(durable.children(id)).hasSize(1);
      assertThat(charged).hasSize(1);
      assertThat(keys).hasSize(2);
    }
  }

  @Test
  @Proves("F8.2")
  @DisplayName("A child that was retried and is under way is awaited")
  void theChildIsUnderWay() {
    Workflow<String, String> child =
        Workflow.define("slow", String.class)
            .step("ship", this::ship)
            .await("go", GO, (s, got) -> s + got)
            .build();
    Workflow<String, String> parent = calling("waiting_shop", child);
    broken.add("a");
    try (Durable durable = start(parent, child)) {
      UUID id = durable.start(parent, "a").id();
      untilStatus(durable, id, ExecutionStatus.FAILED);
      UUID first = durable.children(id).getFirst().id();
      broken.clear();
      durable.retry(first);
      untilWaiting(durable, first);
      durable.retry(id);
      untilWaiting(durable, id);
      durable.send(first, GO, "?");
      assertThat(result(durable, id, parent)).isEqualTo("a got a!?");
      assertThat(durable.children(id)).hasSize(1);
    }
  }

  @Test
  @Proves("F8.2")
  @DisplayName("The retry reaches the child that failed, however deep it is")
  void downToTheDeepest() {
    Workflow<String, String> middle = calling("middle", order);
    Workflow<String, String> top = calling("top", middle);
    broken.add("a");
    try (Durable durable = start(middle, top)) {
      UUID id = durable.start(top, "a").id();
      untilStatus(durable, id, ExecutionStatus.FAILED);
      broken.clear();
      durable.retry(id);
      assertThat(result(durable, id, top)).isEqualTo("a got a got a!");
      assertThat(charged).hasSize(1);
      assertThat(
              db.number(
                  "select count(*) from durable.workflow_executions"
                      + " where workflow_name in ('middle', 'order') and parent_workflow_id = ?",
                  id))
          .isEqualTo(1);
    }
  }

  @Test
  @Proves("F8.2")
  @DisplayName("callEach: items that failed or were cancelled continue, none twice")
  void items() {
    Workflow<String, String> parent =
        Workflow.define("shops", String.class)
            .callEach(
                "each",
                order,
                s -> IntStream.range(0, 12).mapToObj(i -> s + i).toList(),
                (s, results) -> String.valueOf(results.completed().size()))
            .build();
    broken.addAll(List.of("a2", "a5", "a6"));
    try (Durable durable = start(parent)) {
      UUID id = durable.start(parent, "a").id();
      untilStatus(durable, id, ExecutionStatus.FAILED);
      for (int i = 0; i < 3; i++) {
        durable.retry(id);
        untilEnded(durable, id);
      }
      broken.clear();
      durable.retry(id);
      assertThat(result(durable, id, parent)).isEqualTo("12");
      assertThat(durable.children(id))
          .hasSize(12)
          .extracting(Execution::status)
          .containsOnly(ExecutionStatus.COMPLETED);
      assertThat(charged).hasSize(12).doesNotHaveDuplicates();
    }
  }

  @Test
  @Proves("F8.2")
  @DisplayName("A failure that the body caught and survived stays as it is")
  void aCaughtFailureStays() {
    Workflow<String, String> parent =
        Workflow.of(
            "careful",
            String.class,
            String.class,
            (s, step) -> {
              String first;
              try {
                first = step.call("first", order, s, with -> {});
              } catch (ChildFailedException failed) {
                first = step.run("instead", String.class, () -> "none");
              }
              return first + " " + step.call("second", order, "b", with -> {});
            });
    broken.addAll(List.of("a", "b"));
    try (Durable durable = start(parent)) {
      UUID id = durable.start(parent, "a").id();
      untilStatus(durable, id, ExecutionStatus.FAILED);
      broken.clear();
      durable.retry(id);
      assertThat(result(durable, id, parent)).isEqualTo("none b!");
      assertThat(durable.children(id))
          .extracting(Execution::status)
          .containsExactly(ExecutionStatus.FAILED, ExecutionStatus.COMPLETED);
      assertThat(charged).containsExactly("a", "b");
    }
  }

  @Test
  @Proves("F8.2")
  @DisplayName("A compensated child begins again: nothing of it is left to continue")
  void aCompensatedChildBeginsAnew() {
    Workflow<String, String> saga =
        Workflow.define("saga", String.class)
            .step(
                "charge",
                (String s) -> {
                  charged.add(s);
                  return s;
                },
                with -> with.compensate("refund", s -> other.add("refunded " + s)))
            .step("ship", this::ship)
            .build();
    Workflow<String, String> parent = calling("saga_shop", saga);
    broken.add("a");
    try (Durable durable = start(saga, parent)) {
      ExecutionHandle<String> handle = durable.start(parent, "a");
      assertThatThrownBy(() -> handle.result(SOON)).hasMessageContaining("cannot be shipped");
      broken.clear();
      durable.retry(handle.id());
      assertThat(result(durable, handle.id(), parent)).isEqualTo("a got a!");
      assertThat(other).containsExactly("refunded a");
      assertThat(charged).hasSize(2);
      assertThat(durable.children(handle.id()))
          .extracting(Execution::status)
          .containsExactly(ExecutionStatus.COMPENSATED, ExecutionStatus.COMPLETED);
    }
  }

  @Test
  @Proves("F8.2")
  @DisplayName("A child that its call gave up at the timeout continues, once")
  void aChildThatTookTooLong() {
    Workflow<String, String> child =
        Workflow.define("dreamer", String.class)
            .step(
                "charge",
                (String s) -> {
                  charged.add(s);
                  return s;
                })
            .await("go", GO, (s, got) -> s + got)
            .build();
    Workflow<String, String> parent =
        Workflow.of(
            "hasty",
            String.class,
            String.class,
            (s, step) -> step.call("child", child, s, Duration.ofMinutes(10)).orElseThrow());
    try (Durable durable = start(child, parent)) {
      UUID id = durable.start(parent, "a").id();
      Gate.until(() -> durable.children(id).size() == 1);
      UUID dreamer = durable.children(id).getFirst().id();
      untilWaiting(durable, dreamer);
      untilWaiting(durable, id);
      db.letPass(Duration.ofMinutes(11));
      untilStatus(durable, id, ExecutionStatus.FAILED);
      assertThat(durable.find(dreamer).orElseThrow().status()).isEqualTo(ExecutionStatus.CANCELLED);
      durable.retry(id);
      untilWaiting(durable, dreamer);
      durable.send(dreamer, GO, "!");
      assertThat(result(durable, id, parent)).isEqualTo("a!");
      assertThat(charged).hasSize(1);
    }
  }

  @Nested
  @Proves("F8.2")
  @DisplayName("A retry reaches children that were started, and were cancelled with their parent")
  class Started {

    private final Workflow<String, String> leaf =
        Workflow.of("leaf", String.class, String.class, (s, step) -> step.await(GO));

    private final Workflow<String, String> middle =
        Workflow.of(
            "middle",
            String.class,
            String.class,
            (s, step) -> {
              step.start("leaf", leaf, s, with -> {});
              return step.await(GO);
            });

    /** Starts one child, and fails while that is broken. */
    private final Workflow<String, String> starting =
        Workflow.define("starting", String.class)
            .start("middle", middle, s -> s, with -> {})
            .step("ship", FamilyRetryTest.this::ship)
            .build();

    private UUID onlyChild(Durable durable, UUID parent) {
      List<Execution> children = durable.children(parent);
      assertThat(children).hasSize(1);
      return children.getFirst().id();
    }

    private void goOn(Durable durable, UUID child) {
      Gate.until(() -> durable.waits(child).size() == 1);
      durable.send(child, GO, "gone");
      assertThat(durable.handle(child).result(SOON)).isEqualTo("\"gone\"");
    }

    @Test
    @Proves("F8.2")
    @DisplayName("By an operator's retry, with the children it has started")
    void byARetry() {
      broken.add("a");
      try (Durable durable = start(starting, middle, leaf)) {
        UUID id = durable.start(starting, "a").id();
        untilStatus(durable, id, ExecutionStatus.FAILED);
        UUID child = onlyChild(durable, id);
        untilStatus(durable, child, ExecutionStatus.CANCELLED);
        broken.clear();
        durable.retry(id);
        assertThat(result(durable, id, starting)).isEqualTo("a!");
        goOn(durable, child);
        goOn(durable, onlyChild(durable, child));
      }
    }

    @Test
    @Proves("F8.2")
    @DisplayName("By the retry of a parent whose called child has started it")
    void byTheRetryOfACaller() {
      Workflow<String, String> caller = calling("caller", starting);
      broken.add("a");
      try (Durable durable = start(caller, starting, middle, leaf)) {
        UUID id = durable.start(caller, "a").id();
        untilStatus(durable, id, ExecutionStatus.FAILED);
        broken.clear();
        durable.retry(id);
        assertThat(result(durable, id, caller)).isEqualTo("a got a!");
        goOn(durable, onlyChild(durable, onlyChild(durable, id)));
      }
    }

    @Test
    @Proves("F8.2")
    @DisplayName("Children cancelled for their own sake stay cancelled")
    void notWhatAPersonCancelled() {
      Workflow<String, String> patient =
          Workflow.define("patient", String.class)
              .start("middle", middle, s -> s, with -> {})
              .await("go", GO, (s, got) -> s)
              .step("ship", FamilyRetryTest.this::ship)
              .build();
      broken.add("a");
      try (Durable durable = start(patient, middle, leaf)) {
        UUID id = durable.start(patient, "a").id();
        Gate.until(() -> durable.waits(id).size() == 1);
        UUID child = onlyChild(durable, id);
        durable.cancel(child, "not wanted");
        durable.send(id, GO, "go");
        untilStatus(durable, id, ExecutionStatus.FAILED);
        broken.clear();
        durable.retry(id);
        assertThat(result(durable, id, patient)).isEqualTo("a!");
        assertThat(durable.find(child).orElseThrow().status()).isEqualTo(ExecutionStatus.CANCELLED);
      }
    }

    @Test
    @Proves("F8.2")
    @DisplayName("Called children that were given up at their timeout stay cancelled")
    void notWhatWasGivenUp() {
      Workflow<String, String> impatient =
          Workflow.of(
              "impatient",
              String.class,
              String.class,
              (s, step) -> {
                try {
                  step.call("middle", middle, s, Duration.ofMillis(50)).orElseThrow();
                } catch (WaitTimeoutException givenUp) {
                  other.add("given up");
                }
                step.run("another way", String.class, () -> s);
                return ship(s, step);
              });
      broken.add("a");
      try (Durable durable = start(impatient, middle, leaf)) {
        UUID id = durable.start(impatient, "a").id();
        untilStatus(durable, id, ExecutionStatus.FAILED);
        UUID child = onlyChild(durable, id);
        untilStatus(durable, child, ExecutionStatus.CANCELLED);
        broken.clear();
        durable.retry(id);
        assertThat(result(durable, id, impatient)).isEqualTo("a!");
        assertThat(durable.find(child).orElseThrow().status()).isEqualTo(ExecutionStatus.CANCELLED);
        // Not even for a while.
        assertThat(durable.steps(child)).noneMatch(row -> row.type() == StepType.RETRY);
      }
    }
  }
}
