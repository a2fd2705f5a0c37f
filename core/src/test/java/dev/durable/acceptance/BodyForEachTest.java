package dev.durable.acceptance;

import static dev.durable.acceptance.Waits.PAID;
import static dev.durable.acceptance.Waits.SHIPPED;
import static dev.durable.acceptance.Waits.body;
import static dev.durable.testing.DurableFixture.SOON;
import static dev.durable.testing.DurableFixture.failureOf;
import static dev.durable.testing.DurableFixture.steps;
import static dev.durable.testing.DurableFixture.untilStatus;
import static dev.durable.testing.DurableFixture.untilWaiting;
import static java.time.Duration.ofDays;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.durable.Durable;
import dev.durable.execution.ExecutionHandle;
import dev.durable.execution.ExecutionStatus;
import dev.durable.retry.NonRetryableException;
import dev.durable.testing.DatabaseExtension;
import dev.durable.testing.Gate;
import dev.durable.testing.TestDatabase;
import dev.durable.workflow.BranchFailedException;
import dev.durable.workflow.ItemResults;
import dev.durable.workflow.Workflow;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(DatabaseExtension.class)
@DisplayName("A forEach in a body")
@Tag("newest")
class BodyForEachTest {

  private static final Workflow<String, String> CHILD =
      Workflow.of(
          "each_child",
          String.class,
          String.class,
          (text, step) -> {
            if (text.equals("bad")) {
              throw new NonRetryableException("bad child");
            }
            return text.equals("waits") ? step.await(SHIPPED) : text + "!";
          });

  private final TestDatabase db;
  private final Notes ran = new Notes();

  BodyForEachTest(TestDatabase db) {
    this.db = db;
  }

  @Test
  @DisplayName("runs for each item, duplicates included, and keeps the order and each result")
  void results() {
    Workflow<String, String> flow =
        body(
            "results",
            (text, step) -> {
              ItemResults<String> all =
                  step.forEach(
                      "pick",
                      String.class,
                      List.of("a", "b", "a"),
                      (item, each) ->
                          each.run("do", String.class, () -> ran.note(each.path(), item + "!")));
              step.await(PAID);
              return String.join(",", all.completed());
            });
    try (Durable durable = db.start(flow)) {
      ExecutionHandle<String> handle = durable.start(flow, "x");
      untilWaiting(durable, handle.id());
      durable.send(handle.id(), PAID, "p");
      assertThat(handle.result(SOON)).isEqualTo("a!,b!,a!");
      assertThat(ran).containsExactlyInAnyOrder("body/pick[0]", "body/pick[1]", "body/pick[2]");
      assertThat(steps(durable, handle.id()))
          .contains(
              "body/pick[*] completed", "body/pick[1]/do completed", "body/pick[1] completed");
    }
  }

  @Test
  @DisplayName("takes an empty list, and one without results; a null in it is refused")
  void emptyAndNull() {
    Workflow<String, String> flow =
        body(
            "empty_and_null",
            (text, step) -> {
              assertThat(
                      step.forEach("none", String.class, List.<String>of(), (item, each) -> item)
                          .outcomes())
                  .isEmpty();
              assertThat(step.forEach("acts", List.of(1, 2), (item, each) -> {}).completed())
                  .hasSize(2);
              assertThatThrownBy(
                      () ->
                          step.forEach(
                              "nulls",
                              String.class,
                              Arrays.asList("a", null),
                              (item, each) -> ran.note("ran", item)))
                  .isInstanceOf(NonRetryableException.class)
                  .hasMessageContaining("'body/nulls' has a null at index 1");
              return "ok";
            });
    assertThat(db.run(flow, "x")).isEqualTo("ok");
    assertThat(ran).isEmpty();
  }

  @Test
  @DisplayName("has no more items begun than it may, across entries, and begins them in order")
  void concurrency() {
    Workflow<String, String> flow =
        body(
            "concurrency",
            (text, step) -> {
              ran.add("body");
              ItemResults<String> all =
                  step.forEach(
                      "pick",
                      String.class,
                      List.of(0, 1, 2, 3),
                      (item, each) -> {
                        each.run("begin", () -> ran.add("begin " + item));
                        return item == 0 ? each.await(PAID) : each.await(SHIPPED);
                      },
                      with -> with.concurrency(2));
              return String.join("", all.completed());
            });
    try (Durable durable = db.start(flow)) {
      ExecutionHandle<String> handle = durable.start(flow, "x");
      untilWaiting(durable, handle.id());
      assertThat(ran).containsExactlyInAnyOrder("body", "begin 0", "begin 1");
      // The second item ends, and the third begins; the first keeps its place.
      durable.send(handle.id(), SHIPPED, "1");
      untilItemsWait(durable, handle, "body/pick[0]/payment.success", "body/pick[2]/shipped");
      assertThat(ran).contains("begin 2").doesNotContain("begin 3");
      durable.send(handle.id(), SHIPPED, "2");
      untilItemsWait(durable, handle, "body/pick[0]/payment.success", "body/pick[3]/shipped");
      durable.send(handle.id(), SHIPPED, "3");
      durable.send(handle.id(), PAID, "0");
      assertThat(handle.result(SOON)).isEqualTo("0123");
    }
  }

  private static void untilItemsWait(Durable durable, ExecutionHandle<?> handle, String... waits) {
    Gate.until(() -> BodyEntries.paths(durable, handle.id()).equals(List.of(waits)));
  }

  @Test
  @DisplayName("runs the code of no more items at once than it may")
  void bodiesAtOnce() {
    AtomicInteger now = new AtomicInteger();
    AtomicInteger most = new AtomicInteger();
    Workflow<String, String> flow =
        body(
            "bodies_at_once",
            (text, step) -> {
              for (int limit : List.of(1, 3, 100)) {
                most.set(0);
                step.forEach(
                    "pick " + limit,
                    IntStream.range(0, 30).boxed().toList(),
                    (item, each) -> {
                      most.accumulateAndGet(now.incrementAndGet(), Math::max);
                      Gate.until(() -> most.get() >= Math.min(limit, 10));
                      now.decrementAndGet();
                    },
                    limit == 100 ? with -> {} : with -> with.concurrency(limit));
                assertThat(most).hasValue(Math.min(limit, 10));
              }
              return "ok";
            });
    assertThat(db.run(flow, "x")).isEqualTo("ok");
  }

  @Test
  @DisplayName("ends with the first item that fails for good, or hands on all outcomes")
  void failures() {
    Workflow<String, String> flow =
        body(
            "failures",
            (text, step) -> {
              ItemResults<String> all =
                  step.forEach(
                      "all",
                      String.class,
                      List.of("a", "bad", "c"),
                      (item, each) -> {
                        if (item.equals("bad")) {
                          throw new java.io.IOException("no " + each.path());
                        }
                        return item;
                      },
                      with -> with.completeAll());
              assertThat(all.failed().get(1).message()).isEqualTo("no body/all[1]");
              assertThatThrownBy(
                      () ->
                          step.forEach(
                              "first",
                              List.of("a", "bad", "c"),
                              (item, each) -> {
                                if (item.equals("bad")) {
                                  throw new NonRetryableException("never");
                                }
                                each.await(item, PAID);
                              }))
                  .isInstanceOf(BranchFailedException.class)
                  .hasMessageContaining("'body/first[1]' failed");
              return String.join("", all.completed());
            });
    try (Durable durable = db.start(flow)) {
      ExecutionHandle<String> handle = durable.start(flow, "x");
      assertThat(handle.result(SOON)).isEqualTo("ac");
      assertThat(durable.waits(handle.id())).isEmpty();
    }
  }

  @Test
  @DisplayName(
      "whose list changes between two entries parks the execution, and never mixes results")
  void changedList() {
    AtomicReference<List<String>> list = new AtomicReference<>(List.of("a", "b"));
    Workflow<String, String> flow =
        body(
            "changed_list",
            (text, step) ->
                String.join(
                    "",
                    step.forEach(
                            "pick",
                            String.class,
                            list.get(),
                            (item, each) -> item + each.await(PAID))
                        .completed()));
    try (Durable durable = db.start(flow)) {
      ExecutionHandle<String> handle = durable.start(flow, "x");
      untilWaiting(durable, handle.id());
      list.set(List.of("b", "a"));
      durable.send(handle.id(), PAID, "1");
      untilStatus(handle, ExecutionStatus.PARKED);
      assertThat(durable.find(handle.id()).orElseThrow().error())
          .extracting(error -> error.message())
          .asString()
          .contains("The list of 'body/pick' has changed", "its item 0 is another one");
      list.set(List.of("a", "b", "c"));
      durable.retry(handle.id());
      Gate.until(
          () ->
              String.valueOf(durable.find(handle.id()).orElseThrow().error())
                  .contains("it had 2 items, and now has 3"));
      list.set(List.of("a", "b"));
      durable.retry(handle.id());
      Gate.until(() -> durable.waits(handle.id()).size() == 1);
      durable.send(handle.id(), PAID, "2");
      assertThat(handle.result(SOON)).isIn("a1b2", "a2b1");
    }
  }

  @Test
  @DisplayName("of a thousand items costs a thousand times one: rows, entries and lookups")
  void thousand() {
    List<Integer> items = IntStream.range(0, 1_000).boxed().toList();
    Workflow<String, String> flow =
        body(
            "thousand",
            (text, step) -> {
              ran.add("body");
              int sum = 0;
              for (int one :
                  step.forEach(
                          "pick",
                          Integer.class,
                          items,
                          (item, each) -> {
                            each.sleep("nap", ofDays(1));
                            return item;
                          })
                      .completed()) {
                sum += one;
              }
              return String.valueOf(sum);
            });
    try (Durable durable = db.start(flow)) {
      ExecutionHandle<String> handle = durable.start(flow, "x");
      untilWaiting(durable, handle.id());
      db.letPass(ofDays(2));
      assertThat(handle.result(SOON)).isEqualTo("499500");
      assertThat(Collections.frequency(ran.all(), "body")).isLessThan(4);
      assertThat(durable.steps(handle.id())).hasSize(2_002);
    }
  }

  // ---- callEach ----

  @Test
  @DisplayName("that calls a child for each item has their results in order")
  void children() {
    Workflow<String, String> flow =
        body(
            "children",
            (text, step) -> {
              ran.add("body");
              ItemResults<String> all =
                  step.callEach(
                      "ship", CHILD, List.of("a", "b"), with -> with.priority(7).tag("t", "v"));
              return String.join("", all.completed());
            });
    try (Durable durable = db.start(flow, CHILD)) {
      ExecutionHandle<String> handle = durable.start(flow, "x");
      assertThat(handle.result(SOON)).isEqualTo("a!b!");
      assertThat(
              durable.steps(handle.id()).stream()
                  .filter(row -> row.childId() != null)
                  .map(row -> durable.find(row.childId()).orElseThrow().tags().get("t")))
          .containsExactly("v", "v");
      assertThat(
              db.number(
                  "select count(*) from durable.workflow_executions"
                      + " where workflow_name = 'each_child' and priority = 7"))
          .isEqualTo(2);
    }
  }

  @Test
  @DisplayName("that calls children has no more of them at once than it may")
  void childrenAtOnce() {
    Workflow<String, String> flow =
        body(
            "children_at_once",
            (text, step) ->
                String.join(
                    "",
                    step.callEach(
                            "ship",
                            CHILD,
                            List.of("waits", "waits", "c"),
                            with -> with.concurrency(1))
                        .completed()));
    try (Durable durable = db.start(flow, CHILD)) {
      ExecutionHandle<String> handle = durable.start(flow, "x");
      List<java.util.UUID> begun = new ArrayList<>();
      for (int n = 1; n <= 2; n++) {
        int so = n;
        Gate.until(() -> children(durable, handle).size() == so);
        begun = children(durable, handle);
        durable.send(begun.getLast(), SHIPPED, "s" + n);
      }
      assertThat(handle.result(SOON)).isEqualTo("s1s2c!");
      assertThat(children(durable, handle)).hasSize(3).containsAll(begun);
    }
  }

  private static List<java.util.UUID> children(Durable durable, ExecutionHandle<?> handle) {
    return durable.steps(handle.id()).stream()
        .map(row -> row.childId())
        .filter(id -> id != null)
        .toList();
  }

  @Test
  @DisplayName("that calls children cancels the others when one fails, or hands on all outcomes")
  void failingChildren() {
    Workflow<String, String> flow =
        body(
            "failing_children",
            (text, step) -> {
              ItemResults<String> all =
                  step.callEach("all", CHILD, List.of("a", "bad"), with -> with.completeAll());
              assertThat(all.completed()).containsExactly("a!");
              assertThat(all.failed().get(1).message()).contains("bad child");
              return String.join(
                  "", step.callEach("ship", CHILD, List.of("waits", "bad")).completed());
            });
    try (Durable durable = db.start(flow, CHILD)) {
      ExecutionHandle<String> handle = durable.start(flow, "x");
      assertThat(failureOf(handle)).contains("'body/ship[1]' failed", "bad child");
      assertThat(steps(durable, handle.id())).contains("body/ship[0]/each_child cancelled");
      // Of the two that were shipped at once, either may have been stored first.
      Gate.until(
          () ->
              children(durable, handle).stream()
                      .filter(
                          child ->
                              durable.find(child).orElseThrow().status()
                                  == ExecutionStatus.CANCELLED)
                      .count()
                  == 1);
    }
  }
}
