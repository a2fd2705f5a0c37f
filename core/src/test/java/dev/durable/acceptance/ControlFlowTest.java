package dev.durable.acceptance;

import static dev.durable.testing.DurableFixture.SOON;
import static dev.durable.testing.DurableFixture.untilStatus;
import static java.time.Duration.ofMillis;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.durable.Durable;
import dev.durable.execution.Execution;
import dev.durable.execution.ExecutionFailedException;
import dev.durable.execution.ExecutionHandle;
import dev.durable.execution.ExecutionStatus;
import dev.durable.execution.StepExecution;
import dev.durable.execution.StepType;
import dev.durable.retry.RetryPolicy;
import dev.durable.testing.DatabaseExtension;
import dev.durable.testing.Proves;
import dev.durable.testing.TestDatabase;
import dev.durable.workflow.BranchRef;
import dev.durable.workflow.CompensationTrigger;
import dev.durable.workflow.Decision;
import dev.durable.workflow.Outcome;
import dev.durable.workflow.ParallelResults;
import dev.durable.workflow.StepRef;
import dev.durable.workflow.Workflow;
import dev.durable.workflow.WorkflowBuilder;
import java.math.BigDecimal;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(DatabaseExtension.class)
class ControlFlowTest {

  private final TestDatabase db;
  private final List<String> ran = new CopyOnWriteArrayList<>();

  ControlFlowTest(TestDatabase db) {
    this.db = db;
  }

  enum Kind {
    PHYSICAL,
    DIGITAL
  }

  record Order(Kind kind, int amount) {}

  sealed interface Payment permits Card, Cash {}

  record Card(String number) implements Payment {}

  record Cash(int amount) implements Payment {}

  private <T> T note(String what, T value) {
    ran.add(what);
    return value;
  }

  private <I, O> O run(Workflow<I, O> workflow, I input) {
    try (Durable durable = db.start(workflow)) {
      return durable.start(workflow, input).result(SOON);
    }
  }

  private List<String> history(ExecutionHandle<?> handle, Durable durable) {
    return durable.steps(handle.id()).stream()
        .map(row -> row.type().text() + " " + row.path() + " " + row.status().text())
        .toList();
  }

  @Nested
  @DisplayName("Branch")
  class Branches {

    private final Workflow<Order, String> fulfil =
        Workflow.define("fulfil", Order.class)
            .branch(
                "fulfil",
                String.class,
                Order::kind,
                cases ->
                    cases
                        .when(
                            Kind.PHYSICAL,
                            path ->
                                path.step("pack", o -> note("pack", o))
                                    .step("ship", String.class, o -> note("ship", "shipped")))
                        .when(
                            Kind.DIGITAL,
                            path -> path.step("send", String.class, o -> note("send", "sent"))))
            .step("after", text -> note("after", text + "!"))
            .build();

    @Test
    @Proves({"R-014", "R-015", "R-018", "R-019"})
    @DisplayName("Only the matching case runs, in order, and it goes on")
    void onlyTheMatchingCaseRuns() {
      assertThat(run(fulfil, new Order(Kind.PHYSICAL, 1))).isEqualTo("shipped!");
      assertThat(ran).containsExactly("pack", "ship", "after");
      ran.clear();
      assertThat(run(fulfil, new Order(Kind.DIGITAL, 1))).isEqualTo("sent!");
      assertThat(ran).containsExactly("send", "after");
    }

    @Test
    @Proves({"R-011", "R-012", "R-130"})
    @DisplayName("The choice is a row of its own; other cases leave none")
    void theChoiceIsCommitted() {
      try (Durable durable = db.start(fulfil)) {
        ExecutionHandle<String> handle = durable.start(fulfil, new Order(Kind.DIGITAL, 1));
        handle.result(SOON);
        assertThat(history(handle, durable))
            .containsExactly(
                "branch fulfil completed",
                "step fulfil/digital/send completed",
                "step after completed");
        assertThat(durable.steps(handle.id()).get(0).output()).contains("\"digital\"");
      }
    }

    @Test
    @Proves({"R-016", "R-022", "R-023", "R-028"})
    @DisplayName("Texts, null and otherwise")
    void textsAndNull() {
      Workflow<List<String>, String> route =
          Workflow.define("route", new dev.durable.json.TypeRef<List<String>>() {})
              .branch(
                  "by",
                  String.class,
                  list -> list.isEmpty() ? null : list.get(0),
                  cases ->
                      cases
                          .when((String) null, path -> path.step("none", String.class, l -> "none"))
                          .when("a", path -> path.step("a", String.class, l -> "is a"))
                          .otherwise(path -> path.step("else", String.class, l -> "else")))
              .build();
      assertThat(run(route, List.of())).isEqualTo("none");
      assertThat(run(route, List.of("a"))).isEqualTo("is a");
      assertThat(run(route, List.of("z"))).isEqualTo("else");
    }

    @Test
    @Proves({"R-017", "R-024", "R-025", "R-026", "R-027"})
    @DisplayName("Numbers and flags; what nothing matches is skipped")
    void numbersFlagsAndNothing() {
      Workflow<Integer, Integer> route =
          Workflow.define("numbers", Integer.class)
              .branch("by", n -> n, c -> c.when(1, path -> path.step("one", n -> 100)))
              .branch(
                  "big",
                  n -> n > 50,
                  c ->
                      c.when(true, path -> path.step("yes", n -> n + 1))
                          .when(false, path -> path.step("no", n -> n - 1)))
              .build();
      assertThat(run(route, 1)).isEqualTo(101);
      assertThat(run(route, 2)).isEqualTo(1);
    }

    @Test
    @DisplayName("Sealed types: a case for each class")
    void sealedTypes() {
      Workflow<String, String> pay =
          Workflow.define("pay", String.class)
              .branch(
                  "by",
                  (String text) -> (Payment) (text.equals("card") ? new Card("1") : new Cash(1)),
                  cases ->
                      cases
                          .when(Card.class, path -> path.step("charge", t -> "charged"))
                          .when(Cash.class, path -> path.step("count", t -> "counted")))
              .build();
      assertThat(run(pay, "card")).isEqualTo("charged");
      assertThat(run(pay, "cash")).isEqualTo("counted");
    }

    @Test
    @Proves("R-029")
    @DisplayName("An exception in the selector fails the execution")
    void anExceptionInTheSelectorFails() {
      Workflow<Integer, Integer> broken =
          Workflow.define("broken", Integer.class)
              .<Integer>branch(
                  "by",
                  n -> {
                    throw new IllegalStateException("no idea");
                  },
                  c -> c.otherwise(path -> path))
              .build();
      assertThatThrownBy(() -> run(broken, 1))
          .isInstanceOf(ExecutionFailedException.class)
          .hasMessageContaining("no idea");
    }
  }

  @Nested
  @DisplayName("Decide")
  class Decisions {

    private WorkflowBuilder<Integer, Integer> check(List<String> targets, String target) {
      return Workflow.define("check", Integer.class)
          .decide("check", targets, n -> n > 10 ? Decision.goTo(target, n + 1) : Decision.next())
          .step("small", n -> note("small", n))
          .step("more", n -> note("more", n))
          .step("review", n -> note("review", n));
    }

    @Test
    @Proves({"R-032", "R-034", "R-035", "R-036", "R-037", "R-042"})
    @DisplayName("Jumps over steps, or goes on")
    void jumpsOrGoesOn() {
      Workflow<Integer, Integer> workflow = check(List.of("review"), "review").build();
      assertThat(run(workflow, 11)).isEqualTo(12);
      assertThat(ran).containsExactly("review");
      ran.clear();
      try (Durable durable = db.start(workflow)) {
        ExecutionHandle<Integer> handle = durable.start(workflow, 1);
        assertThat(handle.result(SOON)).isEqualTo(1);
        assertThat(ran).containsExactly("small", "more", "review");
        assertThat(durable.steps(handle.id()).get(0).output()).contains("\"continue\"");
        assertThat(history(handle, durable).get(0)).isEqualTo("decision check completed");
      }
    }

    @Test
    @Proves("R-038")
    @DisplayName("A target that was not declared fails with decision_error")
    void anUndeclaredTargetFails() {
      Workflow<Integer, Integer> workflow = check(List.of("review"), "nowhere").build();
      try (Durable durable = db.start(workflow)) {
        ExecutionHandle<Integer> handle = durable.start(workflow, 11);
        assertThatThrownBy(() -> handle.result(SOON)).hasMessageContaining("does not exist");
        assertThat(durable.find(handle.id()).orElseThrow().error().type())
            .isEqualTo("decision_error");
      }
    }

    @Test
    @Proves({"R-031", "R-041", "R-043"})
    @DisplayName("Retried like a step; a decision may jump to another")
    void retriedAndChained() {
      AtomicInteger calls = new AtomicInteger();
      Workflow<Integer, Integer> workflow =
          Workflow.define("chain", Integer.class)
              .decide(
                  "first",
                  List.of("second"),
                  n -> {
                    if (calls.incrementAndGet() < 3) {
                      throw new IllegalStateException("not yet");
                    }
                    return Decision.goTo("second");
                  },
                  with -> with.retry(RetryPolicy.constant(Duration.ZERO).maxAttempts(3)))
              .step("never", n -> note("never", n))
              .decide("second", List.of("end"), n -> Decision.goTo("end"))
              .step("neither", n -> note("neither", n))
              .step("end", n -> note("end", n * 2))
              .build();
      assertThat(run(workflow, 4)).isEqualTo(8);
      assertThat(calls).hasValue(3);
      assertThat(ran).containsExactly("end");
    }

    @Test
    @Proves("B-13")
    @DisplayName("Jumps out of a case, and into one")
    void outOfAndIntoCases() {
      Workflow<Integer, Integer> workflow =
          Workflow.define("nested", Integer.class)
              .decide(
                  "into",
                  List.of("by/true/late"),
                  n -> n == 7 ? Decision.goTo("by/true/late") : Decision.next())
              .branch(
                  "by",
                  n -> n > 10,
                  cases ->
                      cases
                          .when(
                              true,
                              path ->
                                  path.decide(
                                          "out",
                                          List.of("end"),
                                          n -> n > 100 ? Decision.goTo("end") : Decision.next())
                                      .step("late", n -> note("late", n)))
                          .when(false, path -> path.step("small", n -> note("small", n))))
              .step("between", n -> note("between", n))
              .step("end", n -> note("end", n))
              .build();
      run(workflow, 7);
      assertThat(ran).containsExactly("late", "between", "end");
      ran.clear();
      run(workflow, 101);
      assertThat(ran).containsExactly("end");
      ran.clear();
      run(workflow, 11);
      assertThat(ran).containsExactly("late", "between", "end");
    }
  }

  record Dashboard(String user, int orders) {}

  @Nested
  @DisplayName("Parallel")
  class Parallels {

    @Test
    @Proves({"R-044 to R-053", "R-059"})
    @DisplayName("Branches run at once, see what came before, and are joined")
    void branchesRunAtOnce() {
      CyclicBarrier both = new CyclicBarrier(2);
      Workflow<Integer, String> load =
          Workflow.define("load", Integer.class)
              .step("before", n -> n + 1)
              .parallel(
                  "load",
                  Dashboard.class,
                  par -> {
                    BranchRef<String> user =
                        par.branch(
                            "user",
                            String.class,
                            (n, step) -> {
                              both.await();
                              return "user" + n;
                            });
                    BranchRef<Integer> orders =
                        par.branch(
                            "orders",
                            Integer.class,
                            path ->
                                path.step(
                                        "count",
                                        n -> {
                                          both.await();
                                          return n;
                                        })
                                    .step("double", n -> n * 2));
                    return par.join((n, r) -> new Dashboard(r.get(user), r.get(orders)));
                  })
              .step("show", String.class, d -> d.user() + " has " + d.orders())
              .build();
      try (Durable durable = db.start(load)) {
        ExecutionHandle<String> handle = durable.start(load, 1);
        assertThat(handle.result(SOON)).isEqualTo("user2 has 4");
        assertThat(history(handle, durable))
            .contains(
                "step load/user completed",
                "step load/orders/count completed",
                "step load/orders/double completed",
                "parallel load completed");
      }
    }

    @Test
    @Proves({"R-057", "B-51"})
    @DisplayName("failFast cancels and interrupts the siblings")
    void failFastCancelsTheSiblings() throws Exception {
      CountDownLatch begun = new CountDownLatch(1);
      CountDownLatch interrupted = new CountDownLatch(1);
      Workflow<Integer, Integer> load =
          Workflow.define("fast", Integer.class)
              .parallel(
                  "load",
                  par -> {
                    par.branch(
                        "slow",
                        Integer.class,
                        (n, step) -> {
                          begun.countDown();
                          try {
                            new CountDownLatch(1).await();
                          } catch (InterruptedException stop) {
                            interrupted.countDown();
                            throw stop;
                          }
                          return n;
                        });
                    par.branch(
                        "broken",
                        Integer.class,
                        (n, step) -> {
                          begun.await();
                          throw new IllegalStateException("broken");
                        });
                    return par.failFast().join((n, r) -> n);
                  })
              .build();
      try (Durable durable = db.start(load)) {
        ExecutionHandle<Integer> handle = durable.start(load, 1);
        assertThatThrownBy(() -> handle.result(SOON)).hasMessageContaining("broken");
        interrupted.await();
        assertThat(history(handle, durable))
            .containsExactlyInAnyOrder("step load/broken failed", "step load/slow cancelled");
      }
    }

    @Test
    @Proves({"R-052", "R-058", "B-27"})
    @DisplayName("completeAll keeps results and errors side by side, typed")
    void completeAllKeepsBoth() {
      Workflow<Integer, String> load =
          Workflow.define("all", Integer.class)
              .parallel(
                  "load",
                  String.class,
                  par -> {
                    BranchRef<Integer> good = par.branch("good", Integer.class, (n, step) -> n);
                    BranchRef<Integer> bad =
                        par.branch(
                            "bad",
                            Integer.class,
                            (n, step) -> {
                              throw new IllegalStateException("bad luck");
                            });
                    return par.completeAll().join((n, r) -> describe(r, good, bad));
                  })
              .build();
      assertThat(run(load, 3)).isEqualTo("3, bad luck");
    }

    private String describe(ParallelResults r, BranchRef<Integer> good, BranchRef<Integer> bad) {
      return r.get(good)
          + ", "
          + switch (r.outcome(bad)) {
            case Outcome.Completed<Integer> c -> "?";
            case Outcome.Failed<Integer> f -> f.error().message();
            case Outcome.Cancelled<Integer> c -> "cancelled";
          };
    }

    @Test
    @DisplayName("Any and quorum: enough is enough, and too many failures are too many")
    void anyAndQuorum() {
      Workflow<Integer, Integer> any =
          Workflow.define("any", Integer.class)
              .parallel(
                  "load",
                  par -> {
                    par.branch(
                        "never",
                        Integer.class,
                        (n, step) -> {
                          new CountDownLatch(1).await();
                          return n;
                        });
                    BranchRef<Integer> quick = par.branch("quick", Integer.class, (n, step) -> n);
                    return par.any().join((n, r) -> r.get(quick) * 10);
                  })
              .build();
      assertThat(run(any, 3)).isEqualTo(30);
      Workflow<Integer, Integer> quorum =
          Workflow.define("quorum", Integer.class)
              .parallel(
                  "load",
                  par -> {
                    for (int i = 0; i < 3; i++) {
                      int number = i;
                      par.branch(
                          "b" + i,
                          Integer.class,
                          (n, step) -> {
                            if (number < n) {
                              throw new IllegalStateException("no");
                            }
                            return n;
                          });
                    }
                    return par.quorum(2).join((n, r) -> n);
                  })
              .build();
      assertThat(run(quorum, 1)).isEqualTo(1);
      assertThatThrownBy(() -> run(quorum, 2)).hasMessageContaining("needs 2 of its 3");
    }

    @Test
    @Proves("R-054")
    @DisplayName("A join that throws fails the execution; a branch is retried by itself")
    void joinsThatThrowAndRetries() {
      AtomicInteger calls = new AtomicInteger();
      Workflow<Integer, Integer> load =
          Workflow.define("throws", Integer.class)
              .parallel(
                  "load",
                  par -> {
                    par.branch(
                        "flaky",
                        Integer.class,
                        (n, step) -> {
                          if (calls.incrementAndGet() < 3) {
                            throw new IllegalStateException("flaky");
                          }
                          return n;
                        },
                        with -> with.retry(RetryPolicy.constant(ofMillis(30)).maxAttempts(3)));
                    par.branch("steady", Integer.class, (n, step) -> note("steady", n));
                    return par.join(
                        (n, r) -> {
                          throw new IllegalStateException("cannot join");
                        });
                  })
              .build();
      assertThatThrownBy(() -> run(load, 1)).hasMessageContaining("cannot join");
      assertThat(calls).hasValue(3);
      assertThat(ran).containsExactly("steady");
    }
  }

  @Nested
  @DisplayName("forEach")
  class ForEachs {

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
                  with -> with,
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
                            return note("s" + n, n * n);
                          })
                      .step("plus", n -> n + 1),
              with -> with.concurrency(concurrency).completeAll(),
              (n, results) -> results.completed())
          .build();
    }

    @Test
    @DisplayName("Results keep the order of the items; a failed item is told apart")
    void keepsTheOrder() {
      assertThat(run(squares(4, 2), 6)).containsExactly(1, 2, 10, 17, 26);
      assertThat(run(squares(1, -1), 3)).containsExactly(1, 2, 5);
      assertThat(run(squares(3, -1), 0)).isEmpty();
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
      run(each, 40);
      assertThat(most.get()).isBetween(2, 3);
    }

    @Test
    @Proves("G3")
    @DisplayName(
        "An item whose retry is due while all turns are taken runs once, and no other is " + "lost")
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
                  with -> with.concurrency(2).completeAll(),
                  (n, results) -> results.completed())
              .build();
      assertThat(run(each, 3)).containsExactly(0, 1, 2);
      assertThat(ran).containsExactlyInAnyOrder("0 #1", "1 #1", "2 #1", "0 #2", "1 #2", "2 #2");
    }

    @Test
    @DisplayName("10,000 items")
    void tenThousandItems() {
      assertThat(run(squares(50, 5), 10_000)).hasSize(9_999);
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
                  with -> with.failFast(),
                  (n, results) -> results.completed().stream().mapToInt(i -> i).sum())
              .build();
      assertThat(run(each, 4)).isEqualTo(60);
    }
  }

  @Nested
  @DisplayName("Repeat")
  class Repeats {

    @Test
    @DisplayName("Until the condition holds; only the last round stays in the history")
    void untilTheConditionHolds() {
      Workflow<Integer, Integer> count =
          Workflow.define("count", Integer.class)
              .repeat(
                  "more",
                  with -> with.until(n -> n >= 50),
                  path -> path.step("add", n -> n + 1).step("same", n -> n))
              .step("end", n -> n * 2)
              .build();
      try (Durable durable = db.start(count)) {
        ExecutionHandle<Integer> handle = durable.start(count, 0);
        assertThat(handle.result(SOON)).isEqualTo(100);
        List<StepExecution> rows = durable.steps(handle.id());
        assertThat(rows).hasSizeLessThanOrEqualTo(6);
        assertThat(rows)
            .filteredOn(row -> row.type() == StepType.REPEAT)
            .singleElement()
            .satisfies(row -> assertThat(row.attempt()).isEqualTo(50));
      }
    }

    @Test
    @DisplayName("A cancel between two rounds closes the repeat's row as well")
    void aCancelBetweenRounds() {
      Workflow<Integer, Integer> poll =
          Workflow.define("cancelled_poll", Integer.class)
              .repeat(
                  "poll",
                  with -> with.until(n -> false).every(Duration.ofHours(1)),
                  path -> path.step("add", n -> n + 1))
              .build();
      try (Durable durable = db.start(poll)) {
        ExecutionHandle<Integer> handle = durable.start(poll, 0);
        untilStatus(handle, ExecutionStatus.WAITING);
        durable.cancel(handle.id());
        assertThat(history(handle, durable))
            .containsExactly("step poll[0]/add completed", "repeat poll cancelled");
      }
    }

    @Test
    @DisplayName("With a pause the execution waits without a thread; the limit fails it")
    void pausesAndLimit() {
      Workflow<Integer, Integer> poll =
          Workflow.define("poll", Integer.class)
              .repeat(
                  "poll",
                  with -> with.until(n -> n > 90).every(ofMillis(20)).atMost(3),
                  path -> path.step("add", n -> note("add", n + 1)))
              .build();
      assertThat(run(poll, 88)).isEqualTo(91);
      assertThat(ran).hasSize(3);
      assertThatThrownBy(() -> run(poll, 1)).hasMessageContaining("not done after 3 rounds");
    }
  }

  @Nested
  @DisplayName("Walked again")
  class WalkedAgain {

    @Test
    @Proves("G3")
    @DisplayName("A repeat that has reached its limit begins no other round")
    void aLimitThatWasReachedStays() {
      AtomicInteger rounds = new AtomicInteger();
      AtomicInteger calls = new AtomicInteger();
      Workflow<Integer, Integer> workflow =
          Workflow.define("limited", Integer.class)
              .parallel(
                  "both",
                  par -> {
                    par.branch(
                        "rounds",
                        Integer.class,
                        path ->
                            path.repeat(
                                "more",
                                with -> with.until(n -> false).atMost(2),
                                round -> round.step("add", n -> rounds.incrementAndGet())));
                    par.branch(
                        "flaky",
                        Integer.class,
                        (n, step) -> {
                          if (calls.incrementAndGet() < 3) {
                            throw new IllegalStateException("flaky");
                          }
                          return n;
                        },
                        with -> with.retry(RetryPolicy.constant(ofMillis(300)).maxAttempts(3)));
                    return par.completeAll().join((n, r) -> n);
                  })
              .build();
      assertThat(run(workflow, 1)).isEqualTo(1);
      assertThat(rounds).hasValue(2);
    }
  }

  @Nested
  @DisplayName("A value that the database refuses")
  class Refused {

    private final BigDecimal tooLarge = new BigDecimal("1e200000");

    private Durable refusing(Workflow<?, ?> workflow) {
      Durable durable = db.start(workflow);
      db.script(
          "alter table durable.step_executions add constraint too_large"
              + " check (output is null or output::text not like '%1E+200000%')");
      return durable;
    }

    @AfterEach
    void takesItAgain() {
      db.script("alter table durable.step_executions drop constraint too_large");
    }

    @Test
    @Proves("G12")
    @DisplayName("What fails after it fails the execution with it, and nothing hangs")
    void isFoundOutWithTheNextFailure() {
      Workflow<BigDecimal, BigDecimal> workflow =
          Workflow.define("refused", BigDecimal.class)
              .repeat(
                  "more",
                  with ->
                      with.until(
                          n -> {
                            throw new IllegalStateException("cannot tell");
                          }),
                  round -> round.step("make", n -> tooLarge))
              .build();
      try (Durable durable = refusing(workflow)) {
        ExecutionHandle<BigDecimal> handle = durable.start(workflow, BigDecimal.ONE);
        assertThatThrownBy(() -> handle.result(SOON))
            .isInstanceOf(ExecutionFailedException.class)
            .hasMessageContaining("too_large");
        assertThat(history(handle, durable)).containsExactly("step more[0]/make failed");
      }
    }

    @Test
    @DisplayName("completeAll: only its own branch fails")
    void failsOnlyItsOwnBranch() {
      Workflow<Integer, Integer> workflow =
          Workflow.define("refused_branch", Integer.class)
              .parallel(
                  "both",
                  par -> {
                    par.branch("large", BigDecimal.class, (n, step) -> tooLarge);
                    BranchRef<Integer> small = par.branch("small", Integer.class, (n, step) -> n);
                    return par.completeAll().join((n, results) -> results.get(small) + 1);
                  })
              .build();
      try (Durable durable = refusing(workflow)) {
        assertThat(durable.start(workflow, 1).result(SOON)).isEqualTo(2);
      }
    }
  }

  @Nested
  @DisplayName("Compensation")
  class Sagas {

    private final Set<String> broken = ConcurrentHashMap.newKeySet();

    private void undo(String what) {
      ran.add("undo " + what);
      if (broken.contains(what)) {
        throw new IllegalStateException("cannot undo " + what);
      }
    }

    private Workflow<String, String> trip() {
      return Workflow.define("trip", String.class)
          .step(
              "flight",
              t -> note("flight", "f"),
              w -> w.compensate("cancel_flight", f -> undo("flight " + f)))
          .step(
              "hotel",
              t -> note("hotel", "h"),
              w -> w.compensate("cancel_hotel", h -> undo("hotel " + h)))
          .step(
              "pay",
              t -> {
                throw new IllegalStateException("no money");
              })
          .build();
    }

    @Test
    @Proves({"G9", "R-070", "R-071", "R-072", "R-077"})
    @DisplayName("Undone in reverse order, with the step's own output")
    void undoneInReverse() {
      Workflow<String, String> trip = trip();
      try (Durable durable = db.start(trip)) {
        ExecutionHandle<String> handle = durable.start(trip, "x");
        assertThatThrownBy(() -> handle.result(SOON)).hasMessageContaining("no money");
        assertThat(ran).containsExactly("flight", "hotel", "undo hotel h", "undo flight f");
        Execution ended = durable.find(handle.id()).orElseThrow();
        assertThat(ended.status()).isEqualTo(ExecutionStatus.COMPENSATED);
        assertThat(ended.compensatedAt()).isNotNull();
        assertThat(ended.error().message()).isEqualTo("no money");
        assertThat(ended.compensations())
            .extracting(result -> result.step() + ":" + result.handler())
            .containsExactly("hotel:cancel_hotel", "flight:cancel_flight");
        assertThat(history(handle, durable)).contains("compensation hotel~cancel_hotel completed");
      }
    }

    @Test
    @Proves({"R-073", "R-076", "R-078", "B-09"})
    @DisplayName("A handler that fails is told, the others go on; a retry undoes the rest")
    void aFailingHandlerIsTold() {
      broken.add("hotel h");
      Workflow<String, String> trip = trip();
      try (Durable durable = db.start(trip)) {
        ExecutionHandle<String> handle = durable.start(trip, "x");
        assertThatThrownBy(() -> handle.result(SOON)).hasMessageContaining("no money");
        Execution ended = durable.find(handle.id()).orElseThrow();
        assertThat(ended.status()).isEqualTo(ExecutionStatus.COMPENSATION_FAILED);
        assertThat(ended.compensations())
            .extracting(result -> result.step() + " " + result.status())
            .containsExactly("hotel FAILED", "flight COMPLETED");
        broken.clear();
        ran.clear();
        durable.retry(handle.id());
        assertThatThrownBy(() -> handle.result(SOON)).hasMessageContaining("no money");
        assertThat(durable.find(handle.id()).orElseThrow().status())
            .isEqualTo(ExecutionStatus.COMPENSATED);
        assertThat(ran).containsExactly("undo hotel h");
      }
    }

    @Test
    @Proves({"R-074", "R-075"})
    @DisplayName("Nothing to undo is a plain failure; success undoes nothing")
    void nothingToUndo() {
      Workflow<Integer, Integer> plain =
          Workflow.define("plain", Integer.class)
              .step(
                  "maybe",
                  n -> {
                    if (n == 0) {
                      throw new IllegalStateException("zero");
                    }
                    return n;
                  },
                  w -> w.compensate("undo", n -> undo("maybe")))
              .build();
      try (Durable durable = db.start(plain)) {
        ExecutionHandle<Integer> handle = durable.start(plain, 0);
        assertThatThrownBy(() -> handle.result(SOON)).hasMessageContaining("zero");
        Execution ended = durable.find(handle.id()).orElseThrow();
        assertThat(ended.status()).isEqualTo(ExecutionStatus.FAILED);
        assertThat(ended.compensations()).isEmpty();
        assertThat(durable.start(plain, 1).result(SOON)).isEqualTo(1);
        assertThat(ran).isEmpty();
      }
    }

    @Test
    @DisplayName(
        "stopCompensationOnFailure: what comes after the failed handler stays, until a retry")
    void theFirstFailedHandlerStopsTheOthersIfAsked() {
      broken.add("two");
      Workflow<String, String> workflow =
          Workflow.define("stops", String.class)
              .stopCompensationOnFailure()
              .step("one", t -> t, w -> w.compensate("u", t -> undo("one")))
              .step("two", t -> t, w -> w.compensate("u", t -> undo("two")))
              .step(
                  "fails",
                  t -> {
                    throw new IllegalStateException("no");
                  })
              .build();
      try (Durable durable = db.start(workflow)) {
        ExecutionHandle<String> handle = durable.start(workflow, "x");
        assertThatThrownBy(() -> handle.result(SOON)).hasMessageContaining("no");
        assertThat(durable.find(handle.id()).orElseThrow().status())
            .isEqualTo(ExecutionStatus.COMPENSATION_FAILED);
        assertThat(ran).containsExactly("undo two");
        broken.clear();
        durable.retry(handle.id());
        assertThatThrownBy(() -> handle.result(SOON)).hasMessageContaining("no");
        assertThat(durable.find(handle.id()).orElseThrow().status())
            .isEqualTo(ExecutionStatus.COMPENSATED);
        assertThat(ran).containsExactly("undo two", "undo two", "undo one");
      }
    }

    private Workflow<String, String> late(String name, CompensationTrigger... triggers) {
      return Workflow.define(name, String.class)
          .timeout(ofMillis(300))
          .compensateOn(triggers)
          .step("one", t -> t, w -> w.compensate("u", t -> undo(name)))
          .step(
              "blocks",
              t -> {
                new CountDownLatch(1).await();
                return t;
              })
          .build();
    }

    @Test
    @DisplayName("compensateOn(TIMEOUT): a workflow that runs too long is undone only if asked")
    void aTimeoutUndoesIfAsked() {
      Workflow<String, String> asked = late("asked", CompensationTrigger.TIMEOUT);
      Workflow<String, String> unasked = late("unasked");
      try (Durable durable = db.start(asked, unasked)) {
        ExecutionHandle<String> undone = durable.start(asked, "x");
        ExecutionHandle<String> left = durable.start(unasked, "x");
        assertThatThrownBy(() -> undone.result(SOON)).hasMessageContaining("workflow's timeout");
        assertThatThrownBy(() -> left.result(SOON)).hasMessageContaining("workflow's timeout");
        assertThat(undone.status()).isEqualTo(ExecutionStatus.COMPENSATED);
        assertThat(left.status()).isEqualTo(ExecutionStatus.FAILED);
        assertThat(ran).containsExactly("undo asked");
      }
    }

    @Test
    @Proves({"R-079", "B-10"})
    @DisplayName("Branches, items and effects are undone as well")
    void everyPartIsUndone() {
      Workflow<Integer, Integer> wide =
          Workflow.define("wide", Integer.class)
              .parallel(
                  "both",
                  par -> {
                    par.branch(
                        "a", Integer.class, (n, s) -> 1, w -> w.compensate("u", r -> undo("a")));
                    return par.join((n, r) -> n);
                  })
              .forEach(
                  "each",
                  Integer.class,
                  n -> List.of(7, 8),
                  path -> path.step("do", n -> n, w -> w.compensate("u", r -> undo("item " + r))),
                  with -> with.concurrency(1))
              .step(
                  "body",
                  (n, step) -> {
                    step.run("effect", String.class, () -> "e");
                    throw new IllegalStateException("late");
                  },
                  w -> w.compensateEffect("effect", "u", String.class, e -> undo("effect " + e)))
              .build();
      try (Durable durable = db.start(wide)) {
        ExecutionHandle<Integer> handle = durable.start(wide, 1);
        assertThatThrownBy(() -> handle.result(SOON)).hasMessageContaining("late");
        assertThat(durable.find(handle.id()).orElseThrow().status())
            .isEqualTo(ExecutionStatus.COMPENSATED);
        assertThat(ran).containsExactly("undo effect e", "undo item 8", "undo item 7", "undo a");
      }
    }
  }
}
