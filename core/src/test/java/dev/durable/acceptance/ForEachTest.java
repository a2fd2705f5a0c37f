package dev.durable.acceptance;

import static java.time.Duration.ofMillis;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.durable.Durable;
import dev.durable.execution.ExecutionHandle;
import dev.durable.execution.ExecutionStatus;
import dev.durable.retry.RetryPolicy;
import dev.durable.testing.DatabaseExtension;
import dev.durable.testing.Proves;
import dev.durable.testing.TestDatabase;
import dev.durable.workflow.StepRef;
import dev.durable.workflow.Workflow;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(DatabaseExtension.class)
@DisplayName("forEach")
class ForEachTest {

  private final TestDatabase db;
  private final Notes ran = new Notes();

  ForEachTest(TestDatabase db) {
    this.db = db;
  }

  @Test
  @Proves("G9")
  @DisplayName("A null among the items is the failure of the list, and is undone like any other")
  void nullItems() {
    Workflow<Integer, List<Integer>> nulls =
        Workflow.define("nulls", Integer.class)
            .step("booked", n -> n, w -> w.compensate("unbook", n -> {}))
            .forEach(
                "each",
                new dev.durable.json.TypeRef<List<Integer>>() {},
                dev.durable.json.TypeRef.of(Integer.class),
                n -> java.util.Arrays.asList(1, null, 3),
                each -> each.step("square", n -> n * n),
                (n, results) -> results.completed())
            .build();
    try (Durable durable = db.start(nulls)) {
      ExecutionHandle<List<Integer>> handle = durable.start(nulls, 7);
      assertThatThrownBy(() -> handle.result(java.time.Duration.ofSeconds(30)))
          .hasMessageContaining("forEach 'each' has a null at index 1");
      assertThat(handle.status()).isEqualTo(ExecutionStatus.COMPENSATED);
    }
  }

  private Workflow<Integer, List<Integer>> squares(int concurrency, int bad) {
    return Workflow.define("squares", Integer.class)
        .forEach(
            "each",
            new dev.durable.json.TypeRef<List<Integer>>() {},
            dev.durable.json.TypeRef.of(Integer.class),
            n -> IntStream.range(0, n).boxed().toList(),
            each ->
                each.step(
                        "square",
                        n -> {
                          if (n == bad) {
                            throw new IllegalStateException("item " + n);
                          }
                          return ran.note("s" + n, n * n);
                        })
                    .step("plus", n -> n + 1),
            (n, results) -> results.completed(),
            with -> with.concurrency(concurrency).completeAll())
        .build();
  }

  @Test
  @DisplayName("Results keep the order of the items; a failed item is told apart")
  void keepsTheOrder() {
    assertThat(db.run(squares(4, 2), 6)).containsExactly(1, 2, 10, 17, 26);
    assertThat(db.run(squares(1, -1), 3)).containsExactly(1, 2, 5);
    assertThat(db.run(squares(3, -1), 0)).isEmpty();
  }

  @Test
  @DisplayName("Never more at once than the concurrency allows")
  void boundedConcurrency() {
    AtomicInteger now = new AtomicInteger();
    AtomicInteger most = new AtomicInteger();
    Workflow<Integer, Integer> each =
        Workflow.define("bounded", Integer.class)
            .forEach(
                "each",
                Integer.class,
                n -> IntStream.range(0, n).boxed().toList(),
                path ->
                    path.step(
                        "work",
                        n -> {
                          most.accumulateAndGet(now.incrementAndGet(), Math::max);
                          Thread.sleep(2);
                          now.decrementAndGet();
                          return n;
                        }),
                with -> with.concurrency(3))
            .build();
    db.run(each, 40);
    assertThat(most.get()).isBetween(2, 3);
  }

  @Test
  @Proves("G3")
  @DisplayName(
      "An item whose retry is due while all turns are taken runs once, and no other is lost")
  void anItemThatIsDueLaterRunsOnce() {
    Workflow<Integer, List<Integer>> each =
        Workflow.define("due later", Integer.class)
            .forEach(
                "each",
                new dev.durable.json.TypeRef<List<Integer>>() {},
                dev.durable.json.TypeRef.of(Integer.class),
                n -> IntStream.range(0, n).boxed().toList(),
                path ->
                    path.step(
                        "do",
                        (n, step) -> {
                          ran.add(n + " #" + step.attempt());
                          boolean last = n == 2;
                          if (step.attempt() == 1) {
                            // All rest at once, and the last is due after the others.
                            Thread.sleep(last ? 100 : 0);
                            throw new IllegalStateException("not yet");
                          }
                          // The others leave their turns one by one when the last is due.
                          Thread.sleep(last ? 300 : 200 + 100 * n);
                          return n;
                        },
                        with -> with.retry(RetryPolicy.constant(ofMillis(200)).maxAttempts(2))),
                (n, results) -> results.completed(),
                with -> with.concurrency(2).completeAll())
            .build();
    assertThat(db.run(each, 3)).containsExactly(0, 1, 2);
    assertThat(ran).containsExactlyInAnyOrder("0 #1", "1 #1", "2 #1", "0 #2", "1 #2", "2 #2");
  }

  @Test
  @DisplayName("10,000 items")
  void tenThousandItems() {
    assertThat(db.run(squares(50, 5), 10_000)).hasSize(9_999);
  }

  @Test
  @DisplayName("An item sees the results of its own steps")
  void anItemSeesItsOwnSteps() {
    Workflow<Integer, Integer> each =
        Workflow.define("own", Integer.class)
            .forEach(
                "each",
                Integer.class,
                n -> IntStream.range(0, n).boxed().toList(),
                path ->
                    path.step("one", n -> n * 10)
                        .step("two", n -> 0)
                        .step(
                            "three",
                            (n, step) -> step.result(StepRef.of("each/one", Integer.class))),
                (n, results) -> results.completed().stream().mapToInt(i -> i).sum(),
                with -> with.failFast())
            .build();
    assertThat(db.run(each, 4)).isEqualTo(60);
  }

  @Test
  @DisplayName("docs/steps.md: after a forEach, a step of an item goes by its path")
  void resultsOfItemsAfterwards() {
    Workflow<Integer, Integer> each =
        Workflow.define("afterwards", Integer.class)
            .forEach(
                "each",
                Integer.class,
                n -> IntStream.range(0, n).boxed().toList(),
                path -> path.step("one", n -> n * 10),
                (n, results) -> n,
                with -> with.failFast())
            .step("sum", (n, step) -> step.result(StepRef.of("each[1]/one", Integer.class)))
            .build();
    assertThat(db.run(each, 3)).isEqualTo(10);
  }
}
