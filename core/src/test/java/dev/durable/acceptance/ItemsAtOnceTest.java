package dev.durable.acceptance;

import static dev.durable.testing.DurableFixture.untilWaiting;
import static java.time.Duration.ofHours;
import static org.assertj.core.api.Assertions.assertThat;

import dev.durable.Durable;
import dev.durable.execution.ExecutionStatus;
import dev.durable.execution.StepExecution;
import dev.durable.json.TypeRef;
import dev.durable.retry.RetryPolicy;
import dev.durable.testing.DatabaseExtension;
import dev.durable.testing.Gate;
import dev.durable.testing.Proves;
import dev.durable.testing.TestDatabase;
import dev.durable.wait.Event;
import dev.durable.wait.OpenWait;
import dev.durable.workflow.ForEachOptions;
import dev.durable.workflow.Workflow;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@ExtendWith(DatabaseExtension.class)
@Proves("F13.5")
@DisplayName("Of the items of a forEach, those begun and not ended count")
@Tag("newest")
class ItemsAtOnceTest {

  private static final TypeRef<List<String>> LIST = new TypeRef<>() {};

  private final TestDatabase db;

  ItemsAtOnceTest(TestDatabase db) {
    this.db = db;
  }

  private static Event<String> go(String item) {
    return Event.of("go-" + item, String.class);
  }

  private static List<String> items(int count) {
    return IntStream.range(0, count).mapToObj(i -> "i" + i).toList();
  }

  /** Each item runs a step before and after it waits. */
  private static Workflow<List<String>, Integer> resting(
      String name, Consumer<? super ForEachOptions<Integer>> with) {
    return Workflow.define(name, LIST)
        .forEach(
            "each",
            Integer.class,
            String.class,
            list -> list,
            each ->
                each.step("before", item -> item)
                    .step("wait", (item, step) -> step.await(go(item)))
                    .step("after", item -> item),
            (list, results) -> results.completed().size(),
            with)
        .build();
  }

  private static List<String> open(Durable durable, UUID id) {
    return durable.waits(id).stream()
        .map(OpenWait::path)
        .map(path -> path.substring(0, path.indexOf('/')))
        .sorted()
        .toList();
  }

  private static void untilOpen(Durable durable, UUID id, int from, int to) {
    List<String> wanted =
        IntStream.range(from, to).mapToObj(i -> "each[" + i + "]").sorted().toList();
    Gate.until(
        () ->
            durable.find(id).orElseThrow().status() == ExecutionStatus.WAITING
                && open(durable, id).equals(wanted));
  }

  @ParameterizedTest
  @CsvSource({"1,false", "1,true", "2,false", "2,true"})
  @DisplayName("docs/for-each.md: 1 runs them strictly one after the other, also when they rest")
  void onlySoManyRest(int concurrency, boolean otherWorkers) {
    Workflow<List<String>, Integer> workflow =
        resting("rest" + concurrency + otherWorkers, with -> with.concurrency(concurrency));
    List<String> items = items(5);
    Durable durable = db.start(workflow);
    try {
      UUID id = durable.start(workflow, items).id();
      for (int i = 0; i < items.size(); i++) {
        untilOpen(durable, id, i, Math.min(items.size(), i + concurrency));
        assertThat(begun(id)).isEqualTo(Math.min(items.size(), i + concurrency));
        if (otherWorkers) {
          durable.close();
          durable = db.start(workflow);
        }
        durable.send(id, go(items.get(i)), "done");
      }
      assertThat(durable.handle(id, workflow).result(ofHours(1))).isEqualTo(items.size());
    } finally {
      durable.close();
    }
  }

  private long begun(UUID id) {
    return db.number(
        "select count(*) from durable.step_executions"
            + " where workflow_id = ? and path like 'each[%/before'",
        id);
  }

  @Test
  void oneThatWaitsForItsNextAttemptKeepsItsPlace() {
    List<String> begun = new ArrayList<>();
    Workflow<List<String>, Integer> workflow =
        Workflow.define("backoff", LIST)
            .forEach(
                "each",
                Integer.class,
                String.class,
                list -> list,
                each ->
                    each.step(
                        "try",
                        (item, step) -> {
                          begun.add(item);
                          if (item.equals("i0") && step.attempt() == 1) {
                            throw new IllegalStateException("not yet");
                          }
                          return item;
                        },
                        with -> with.retry(RetryPolicy.constant(ofHours(1)))),
                (list, results) -> results.completed().size(),
                with -> with.concurrency(1))
            .build();
    try (Durable durable = db.start(workflow)) {
      UUID id = durable.start(workflow, items(3)).id();
      untilWaiting(durable, id);
      assertThat(begun).containsExactly("i0");
      db.makeDue(id);
      assertThat(durable.handle(id, workflow).result(ofHours(1))).isEqualTo(3);
      assertThat(begun).containsExactly("i0", "i0", "i1", "i2");
    }
  }

  /** How an item ends the whole. */
  enum Deciding {
    FAILS,
    PARKS,
    CHILD_FAILS,
    VALUE_IS_REFUSED
  }

  private static Workflow<List<String>, Integer> deciding(
      Deciding how, boolean rests, Workflow<String, String> child, List<String> begun) {
    var tree = Workflow.define("decided" + how + rests, LIST);
    if (how == Deciding.CHILD_FAILS) {
      return tree.callEach(
              "each",
              Integer.class,
              child,
              list -> list,
              (list, results) -> 0,
              with -> with.concurrency(1))
          .build();
    }
    return tree.forEach(
            "each",
            Integer.class,
            String.class,
            list -> list,
            each ->
                each.step(
                    "step",
                    (item, step) -> {
                      if (rests && item.equals("i0")) {
                        begun.add(item);
                        return step.await(go(item));
                      }
                      return ended(how, item, begun);
                    },
                    with -> {
                      if (how == Deciding.PARKS) {
                        with.retry(RetryPolicy.none().thenPark());
                      }
                    }),
            (list, results) -> 0,
            with -> with.concurrency(rests ? 2 : 1))
        .build();
  }

  private static String ended(Deciding how, String item, List<String> begun) {
    begun.add(item);
    if (!item.equals("i1")) {
      return item;
    }
    if (how == Deciding.VALUE_IS_REFUSED) {
      return "\0";
    }
    throw new IllegalStateException("of a test");
  }

  @ParameterizedTest
  @CsvSource({
    "FAILS,false",
    "FAILS,true",
    "PARKS,false",
    "PARKS,true",
    "CHILD_FAILS,false",
    "VALUE_IS_REFUSED,false"
  })
  @DisplayName("An item that decides the whole gives its place to no other")
  void nothingBeginsAfterTheDecision(Deciding how, boolean rests) {
    List<String> begun = new CopyOnWriteArrayList<>();
    Workflow<String, String> child =
        Workflow.of(
            "childOf" + how + rests,
            String.class,
            String.class,
            (item, step) -> ended(how, item, begun));
    Workflow<List<String>, Integer> workflow = deciding(how, rests, child, begun);
    try (Durable durable = db.start(workflow, child)) {
      for (int i = 0; i < 40; i++) {
        begun.clear();
        UUID id = durable.start(workflow, items(4)).id();
        ExecutionStatus left =
            how == Deciding.PARKS ? ExecutionStatus.PARKED : ExecutionStatus.FAILED;
        Gate.until(() -> durable.find(id).orElseThrow().status() == left);
        // Beside one that decides, another may not have come to its body.
        assertThat(begun).as("run %d", i).contains("i1").isSubsetOf("i0", "i1");
        assertThat(durable.steps(id))
            .extracting(StepExecution::path)
            .noneMatch(path -> path.startsWith("each[2]"));
      }
    }
  }

  @Test
  void withoutALimitAllOfThemMayWait() {
    Workflow<List<String>, Integer> workflow = resting("many", with -> {});
    List<String> items = items(300);
    try (Durable durable = db.start(workflow)) {
      UUID id = durable.start(workflow, items).id();
      untilOpen(durable, id, 0, items.size());
      items.forEach(item -> durable.send(id, go(item), "done"));
      assertThat(durable.handle(id, workflow).result(ofHours(1))).isEqualTo(items.size());
    }
  }

  /** Notes how many bodies are in at once, and lets none go before so many have come. */
  private static final class Crowd {
    private final AtomicInteger inside = new AtomicInteger();
    private final AtomicInteger most = new AtomicInteger();
    private final CountDownLatch enough;
    private final CountDownLatch tooMany;

    Crowd(int wanted) {
      this.enough = new CountDownLatch(wanted);
      this.tooMany = new CountDownLatch(wanted + 1);
    }

    String pass(String item) throws InterruptedException {
      most.accumulateAndGet(inside.incrementAndGet(), Math::max);
      boolean first = enough.getCount() > 0;
      enough.countDown();
      tooMany.countDown();
      assertThat(enough.await(60, TimeUnit.SECONDS)).isTrue();
      // Time for one that should not be here; without one, it passes in vain.
      if (first && tooMany.await(300, TimeUnit.MILLISECONDS)) {
        most.accumulateAndGet(inside.get(), Math::max);
      }
      inside.decrementAndGet();
      return item;
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 25, 10_000})
  @DisplayName(
      "docs/for-each.md: the bodies of one execution that run at once have their own bound")
  void soManyBodiesRunAtOnce(int concurrency) {
    int bodies = concurrency == 0 ? 10 : Math.min(100, concurrency);
    Crowd crowd = new Crowd(bodies);
    Workflow<List<String>, Integer> workflow =
        Workflow.define("bodies" + concurrency, LIST)
            .forEach(
                "each",
                Integer.class,
                String.class,
                list -> list,
                each -> each.step("pass", crowd::pass),
                (list, results) -> results.completed().size(),
                with -> {
                  if (concurrency > 0) {
                    with.concurrency(concurrency);
                  }
                })
            .build();
    try (Durable durable = db.start(workflow)) {
      UUID id = durable.start(workflow, items(250)).id();
      assertThat(durable.handle(id, workflow).result(ofHours(1))).isEqualTo(250);
      assertThat(crowd.most).hasValue(bodies);
    }
  }

  @Test
  void nestedItemsShareTheBoundOfTheirExecution() {
    Crowd crowd = new Crowd(100);
    Workflow<List<String>, Integer> workflow =
        Workflow.define("nested", LIST)
            .forEach(
                "outer",
                Integer.class,
                String.class,
                list -> list,
                each ->
                    each.forEach(
                        "inner",
                        Integer.class,
                        String.class,
                        item -> items(20),
                        inner -> inner.step("pass", item -> crowd.pass(item)),
                        (item, results) -> results.completed().size(),
                        with -> with.concurrency(20)),
                (list, results) -> results.completed().stream().mapToInt(i -> i).sum(),
                with -> with.concurrency(20))
            .build();
    try (Durable durable = db.start(workflow)) {
      UUID id = durable.start(workflow, items(20)).id();
      assertThat(durable.handle(id, workflow).result(ofHours(1))).isEqualTo(400);
      assertThat(crowd.most).hasValue(100);
    }
  }

  @Test
  void aFailedItemGivesItsPlaceAway() {
    var seen = ConcurrentHashMap.<String>newKeySet();
    Workflow<List<String>, Integer> workflow =
        Workflow.define("failing", LIST)
            .forEach(
                "each",
                Integer.class,
                String.class,
                list -> list,
                each ->
                    each.step(
                        "s",
                        item -> {
                          seen.add(item);
                          throw new IllegalStateException(item);
                        }),
                (list, results) -> results.failed().size(),
                with -> with.concurrency(1).completeAll())
            .build();
    try (Durable durable = db.start(workflow)) {
      UUID id = durable.start(workflow, items(4)).id();
      assertThat(durable.handle(id, workflow).result(ofHours(1))).isEqualTo(4);
      assertThat(seen).hasSize(4);
    }
  }
}
