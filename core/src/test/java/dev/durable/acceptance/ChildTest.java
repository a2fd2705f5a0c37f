package dev.durable.acceptance;

import static dev.durable.testing.DurableFixture.SOON;
import static dev.durable.testing.DurableFixture.status;
import static dev.durable.testing.DurableFixture.untilWaiting;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.zaxxer.hikari.HikariDataSource;
import dev.durable.Durable;
import dev.durable.execution.Execution;
import dev.durable.execution.ExecutionFailedException;
import dev.durable.execution.ExecutionHandle;
import dev.durable.execution.ExecutionStatus;
import dev.durable.execution.StepType;
import dev.durable.testing.DatabaseExtension;
import dev.durable.testing.Gate;
import dev.durable.testing.Proves;
import dev.durable.testing.TestDatabase;
import dev.durable.wait.Event;
import dev.durable.workflow.ChildFailedException;
import dev.durable.workflow.ParentClosePolicy;
import dev.durable.workflow.StepContext;
import dev.durable.workflow.Workflow;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.IntStream;
import javax.sql.DataSource;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(DatabaseExtension.class)
@Proves({"R-111 to R-123", "R-217"})
@DisplayName("Children")
class ChildTest {

  private static final Event<String> GO = Event.of("go", String.class);

  private static final Workflow<String, String> ECHO =
      Workflow.define("echo", String.class).step("say", s -> s + "!").build();

  private static final Workflow<String, String> BROKEN =
      Workflow.define("broken", String.class)
          .step(
              "fail",
              (String s) -> {
                throw new IllegalArgumentException("no " + s);
              })
          .build();

  /** Waits until it may continue. */
  private static final Workflow<String, String> PATIENT =
      Workflow.define("patient", String.class).await("go", GO, (s, got) -> s + got).build();

  private final TestDatabase db;

  ChildTest(TestDatabase db) {
    this.db = db;
  }

  private Durable start(Workflow<?, ?>... workflows) {
    return Durable.on(db.dataSource())
        .register(ECHO, BROKEN, PATIENT)
        .register(workflows)
        .startWorker();
  }

  private static Workflow<String, String> calling(String name, Workflow<String, String> child) {
    return Workflow.define(name, String.class)
        .call("child", child, s -> s, (s, result) -> s + " got " + result)
        .build();
  }

  private static Execution onlyChild(Durable durable, UUID parent) {
    Gate.until(() -> durable.children(parent).size() == 1);
    return durable.children(parent).getFirst();
  }

  @Test
  @Proves({"R-111", "R-112", "R-114"})
  @DisplayName("A call waits for its one child, and gets its result")
  void callsAChild() {
    Workflow<String, String> parent = calling("caller", ECHO);
    try (Durable durable = start(parent)) {
      ExecutionHandle<String> handle = durable.start(parent, "a", o -> o.priority(7));
      assertThat(handle.result(SOON)).isEqualTo("a got a!");
      assertThat(durable.children(handle.id()))
          .singleElement()
          .satisfies(
              child -> {
                assertThat(child.parentId()).isEqualTo(handle.id());
                assertThat(child.parentStep()).isEqualTo("child/child");
                assertThat(child.priority()).as("B-56").isEqualTo(7);
                assertThat(child.status()).isEqualTo(ExecutionStatus.COMPLETED);
                assertThat(durable.steps(handle.id()))
                    .filteredOn(row -> row.type() == StepType.CHILD)
                    .singleElement()
                    .satisfies(row -> assertThat(row.childId()).isEqualTo(child.id()));
              });
    }
  }

  @Test
  @Proves({"R-113", "B-05", "B-26"})
  @DisplayName("A failed child fails its call, typed, with its reason")
  void aFailedChildFailsItsCall() {
    Workflow<String, String> parent = calling("calls_broken", BROKEN);
    Workflow<String, String> careful =
        Workflow.of(
            "careful",
            String.class,
            String.class,
            (s, step) -> {
              try {
                return step.call(BROKEN, s);
              } catch (ChildFailedException failed) {
                return failed.status() + " " + failed.error().message();
              }
            });
    try (Durable durable = start(parent, careful)) {
      assertThatThrownBy(() -> durable.start(parent, "way").result(SOON))
          .isInstanceOf(ExecutionFailedException.class)
          .hasMessageContaining("of workflow 'broken' ended as failed: no way");
      assertThat(durable.start(careful, "way").result(SOON)).isEqualTo("FAILED no way");
    }
  }

  @Test
  @Proves("F8.2")
  @DisplayName("An operator's retry of a parent whose child failed continues the same child")
  void aRetryGoesDownToTheChild() {
    java.util.concurrent.atomic.AtomicBoolean mended =
        new java.util.concurrent.atomic.AtomicBoolean();
    Workflow<String, String> flaky =
        Workflow.define("flaky_child", String.class)
            .step(
                "work",
                (String s) -> {
                  if (!mended.get()) {
                    throw new IllegalStateException("not yet");
                  }
                  return s + "!";
                })
            .build();
    Workflow<String, String> parent = calling("calls_flaky", flaky);
    try (Durable durable = start(flaky, parent)) {
      ExecutionHandle<String> handle = durable.start(parent, "a");
      assertThatThrownBy(() -> handle.result(SOON)).hasMessageContaining("not yet");
      mended.set(true);
      durable.retry(handle.id());
      assertThat(durable.handle(handle.id(), parent).result(SOON)).isEqualTo("a got a!");
      assertThat(durable.children(handle.id()))
          .extracting(Execution::status)
          .containsExactly(ExecutionStatus.COMPLETED);
    }
  }

  @Test
  @Proves("B-05")
  @DisplayName("A cancelled child wakes its parent too")
  void aCancelledChildWakesItsParent() {
    Workflow<String, String> parent = calling("calls_patient", PATIENT);
    try (Durable durable = start(parent)) {
      ExecutionHandle<String> handle = durable.start(parent, "a");
      UUID child = onlyChild(durable, handle.id()).id();
      untilWaiting(durable, child);
      durable.cancel(child, "nobody needs it");
      assertThatThrownBy(() -> handle.result(SOON))
          .hasMessageContaining("was cancelled: nobody needs it");
    }
  }

  @Test
  @Proves({"R-119", "R-120", "G15"})
  @DisplayName(
      "Cancelling a parent cancels executions under way below it, not those that have ended")
  void aCancelReachesTheChildren() {
    Workflow<String, String> middle = calling("middle", PATIENT);
    Workflow<String, String> top =
        Workflow.define("top", String.class)
            .call("done", ECHO, s -> s, (s, result) -> result)
            .call("open", middle, s -> s, (s, result) -> result)
            .build();
    try (Durable durable = start(middle, top)) {
      UUID id = durable.start(top, "a").id();
      Gate.until(() -> durable.children(id).size() == 2);
      UUID inner = onlyChild(durable, durable.children(id).get(1).id()).id();
      untilWaiting(durable, inner);
      durable.cancel(id);
      assertThat(durable.children(id))
          .extracting(Execution::status)
          .containsExactly(ExecutionStatus.COMPLETED, ExecutionStatus.CANCELLED);
      Execution cancelled = durable.find(inner).orElseThrow();
      assertThat(cancelled.status()).isEqualTo(ExecutionStatus.CANCELLED);
      assertThat(cancelled.error().message()).startsWith("parent_cancelled");
    }
  }

  @Test
  @Proves("G15")
  @DisplayName("A cancel interrupts the body of a child")
  void aCancelInterruptsAChildsBody() {
    Gate interrupted = new Gate();
    Gate begun = new Gate();
    Workflow<String, String> busy =
        Workflow.define("busy", String.class)
            .step(
                "work",
                (String s) -> {
                  try {
                    begun.pass();
                    return s;
                  } catch (InterruptedException stop) {
                    interrupted.open();
                    interrupted.pass();
                    throw stop;
                  }
                })
            .build();
    Workflow<String, String> parent = calling("calls_busy", busy);
    try (Durable durable = start(busy, parent)) {
      UUID id = durable.start(parent, "a").id();
      begun.awaitReached();
      durable.cancel(id);
      interrupted.awaitReached();
    }
  }

  @Test
  @Proves({"R-116", "R-117", "R-118", "R-122"})
  @DisplayName("Children that no call waits for run on their own")
  void firesAndForgets() {
    Workflow<String, String> parent =
        Workflow.of(
            "fires",
            String.class,
            String.class,
            (s, step) ->
                step.start("one", ECHO, s + "1", with -> {})
                    + " "
                    + step.start("two", ECHO, s + "2", with -> {}));
    try (Durable durable = start(parent)) {
      ExecutionHandle<String> handle = durable.start(parent, "a");
      List<String> ids = List.of(handle.result(SOON).split(" "));
      assertThat(durable.children(handle.id()))
          .extracting(child -> child.id().toString())
          .containsExactlyElementsOf(ids);
      for (String id : ids) {
        assertThat(durable.handle(UUID.fromString(id), ECHO).result(SOON)).endsWith("!");
      }
    }
  }

  @Test
  @DisplayName("A parent that fails takes its children with it, unless they were to be abandoned")
  void aFailingParentClosesItsChildren() {
    Workflow<String, String> parent =
        Workflow.of(
            "fails_later",
            String.class,
            String.class,
            (s, step) -> {
              step.start("kept", PATIENT, s, with -> with.onParentClose(ParentClosePolicy.ABANDON));
              step.start("closed", PATIENT, s, with -> {});
              throw new IllegalStateException("over");
            });
    try (Durable durable = start(parent)) {
      ExecutionHandle<String> handle = durable.start(parent, "a");
      assertThatThrownBy(() -> handle.result(SOON)).hasMessageContaining("over");
      List<Execution> children = durable.children(handle.id());
      assertThat(children.get(1).status()).isEqualTo(ExecutionStatus.CANCELLED);
      UUID kept = children.get(0).id();
      untilWaiting(durable, kept);
      durable.send(kept, GO, "!");
      assertThat(durable.handle(kept, PATIENT).result(SOON)).isEqualTo("a!");
    }
  }

  @Test
  @Proves("R-217")
  @DisplayName("A call that takes too long fails, and its child is cancelled")
  void aCallTimesOut() {
    Workflow<String, String> parent =
        Workflow.of(
            "hasty",
            String.class,
            String.class,
            (s, step) -> step.call("child", PATIENT, s, Duration.ofMillis(60)).orElseThrow());
    try (Durable durable = start(parent)) {
      ExecutionHandle<String> handle = durable.start(parent, "a");
      assertThatThrownBy(() -> handle.result(SOON))
          .hasMessageContaining(
              "Waited for the result of 'patient' at 'body/child', which did not come in time");
      assertThat(onlyChild(durable, handle.id()).status()).isEqualTo(ExecutionStatus.CANCELLED);
    }
  }

  @Test
  @Proves("R-121")
  @DisplayName("A chain of ten calls comes back up")
  void aChain() {
    Workflow<String, String> last = ECHO;
    Workflow<?, ?>[] chain = new Workflow<?, ?>[10];
    for (int i = 0; i < chain.length; i++) {
      last = calling("link_" + i, last);
      chain[i] = last;
    }
    try (Durable durable = start(chain)) {
      assertThat(durable.start(last, "a").result(SOON)).startsWith("a got a got").endsWith("a!");
    }
  }

  @Test
  @Proves({"R-115", "B-08"})
  @DisplayName("Children in parallel branches and in items, 1,000 of one parent")
  void manyChildren() {
    Workflow<Integer, Integer> twice =
        Workflow.define("twice", Integer.class).step("double", n -> 2 * n).build();
    Workflow<Integer, Integer> parent =
        Workflow.define("many", Integer.class)
            .forEach(
                "each",
                Integer.class,
                n -> IntStream.range(0, n).boxed().toList(),
                each -> each.call("child", twice, i -> i, (i, result) -> result),
                (n, results) -> results.completed().stream().mapToInt(Integer::intValue).sum(),
                with -> with.concurrency(50))
            .build();
    try (Durable durable = start(twice, parent)) {
      ExecutionHandle<Integer> handle = durable.start(parent, 1_000);
      assertThat(handle.result(Duration.ofMinutes(1))).isEqualTo(999 * 1_000);
      assertThat(durable.children(handle.id())).hasSize(1_000);
    }
  }

  @Test
  @DisplayName("forEachAsChildren: the workers that serve the children's queue run the items")
  void itemsAsChildren() {
    Set<String> workers = ConcurrentHashMap.newKeySet();
    Workflow<Integer, Integer> parent = spread(halving("unused", workers));
    // A pool for each, as workers have: three on one of ten connections wait for each other's.
    try (HikariDataSource onePool = db.newPool(10);
        HikariDataSource otherPool = db.newPool(10);
        Durable first = worker("first", workers, onePool);
        Durable second = worker("second", workers, otherPool);
        Durable client =
            Durable.on(db.dataSource())
                .worker(w -> w.name("client"))
                .register(parent, halving("client", workers))
                .startWorker()) {
      ExecutionHandle<Integer> handle = client.start(parent, 200);
      // The even ones of 0 to 199, halved; each odd one has failed.
      assertThat(handle.result(SOON)).isEqualTo(99 * 100 / 2 - 100);
      assertThat(client.children(handle.id()))
          .hasSize(200)
          .allSatisfy(child -> assertThat(child.queue()).isEqualTo("items"));
      assertThat(workers).containsExactlyInAnyOrder("first", "second");
      assertThat(first.find(handle.id())).isEqualTo(second.find(handle.id()));
    }
  }

  private static Workflow<Integer, Integer> spread(Workflow<Integer, Integer> each) {
    return Workflow.define("spread", Integer.class)
        .callEach(
            "each",
            each,
            n -> IntStream.range(0, n).boxed().toList(),
            (n, results) ->
                results.completed().stream().mapToInt(Integer::intValue).sum()
                    - results.failed().size(),
            with -> with.queue("items").concurrency(50).completeAll())
        .build();
  }

  private static Workflow<Integer, Integer> halving(String worker, Set<String> workers) {
    return Workflow.define("halving", Integer.class)
        .step(
            "halve",
            n -> {
              workers.add(worker);
              if (n % 2 == 1) {
                throw new IllegalArgumentException(n + " is odd");
              }
              return n / 2;
            })
        .build();
  }

  private Durable worker(String name, Set<String> workers, DataSource pool) {
    return Durable.on(pool)
        .worker(w -> w.name(name).queue("items", q -> q.concurrency(2)))
        .register(halving(name, workers))
        .startWorker();
  }

  @Test
  @DisplayName("forEachAsChildren, failFast: a child that fails cancels the others")
  void oneItemFailsAll() {
    Workflow<String, String> choosy =
        Workflow.define("choosy", String.class)
            .branch(
                "bad",
                s -> s.equals("bad"),
                cases ->
                    cases
                        .when(
                            true,
                            path ->
                                path.step(
                                    "fail",
                                    (String s) -> {
                                      throw new IllegalArgumentException("bad item");
                                    }))
                        .when(false, path -> path.await("go", GO, (s, got) -> s)))
            .build();
    Workflow<String, String> parent =
        Workflow.define("fail_fast", String.class)
            .callEach("each", choosy, s -> List.of("good", "bad", "good too"), (s, results) -> s)
            .build();
    try (Durable durable = start(choosy, parent)) {
      ExecutionHandle<String> handle = durable.start(parent, "a");
      assertThatThrownBy(() -> handle.result(SOON))
          .isInstanceOf(ExecutionFailedException.class)
          .hasMessageContaining("bad item");
      assertThat(durable.children(handle.id()))
          .extracting(Execution::status)
          .contains(ExecutionStatus.FAILED)
          .isSubsetOf(ExecutionStatus.FAILED, ExecutionStatus.CANCELLED);
    }
  }

  @Test
  @DisplayName("any(): the child of the branch that loses is cancelled")
  void theLosersChildIsCancelled() {
    Workflow<String, String> parent =
        Workflow.define("races", String.class)
            .parallel(
                "race",
                par -> {
                  par.path(
                      "fast",
                      String.class,
                      path -> path.call("echo", ECHO, s -> s, (s, result) -> result));
                  par.path(
                      "slow",
                      String.class,
                      path -> path.call("patient", PATIENT, s -> s, (s, result) -> result));
                  return par.join((s, results) -> "won");
                },
                with -> with.any())
            .build();
    try (Durable durable = start(parent)) {
      ExecutionHandle<String> handle = durable.start(parent, "a");
      assertThat(handle.result(SOON)).isEqualTo("won");
      assertThat(durable.children(handle.id()))
          .filteredOn(child -> child.workflow().equals("patient"))
          .extracting(Execution::status)
          .containsExactly(ExecutionStatus.CANCELLED);
    }
  }

  @Test
  @DisplayName("A child of an unregistered workflow fails the step that starts it")
  void unknownWorkflows() {
    Workflow<String, String> stranger =
        Workflow.define("stranger", String.class).step("x", s -> s).build();
    Workflow<String, String> parent = calling("calls_stranger", stranger);
    try (Durable durable = start(parent)) {
      assertThatThrownBy(() -> durable.start(parent, "a").result(SOON))
          .isInstanceOf(ExecutionFailedException.class)
          .hasMessageContaining("stranger");
    }
  }

  @Test
  @DisplayName("A saga undoes a call by what its child returned")
  void aSagaUndoesACall() {
    StringBuilder undone = new StringBuilder();
    Workflow<String, String> parent =
        Workflow.define("saga_with_child", String.class)
            .step(
                "book",
                (String s, StepContext<String> step) -> step.call(ECHO, s),
                with -> with.compensate("unbook", booked -> undone.append(booked)))
            .step(
                "fail",
                (String s) -> {
                  throw new IllegalStateException("over");
                })
            .build();
    try (Durable durable = start(parent)) {
      ExecutionHandle<String> handle = durable.start(parent, "room");
      assertThatThrownBy(() -> handle.result(SOON)).hasMessageContaining("over");
      assertThat(undone).hasToString("room!");
      assertThat(status(durable, handle.id())).isEqualTo(ExecutionStatus.COMPENSATED);
    }
  }
}
