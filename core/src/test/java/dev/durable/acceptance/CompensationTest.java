package dev.durable.acceptance;

import static dev.durable.testing.DurableFixture.SOON;
import static dev.durable.testing.DurableFixture.history;
import static java.time.Duration.ofMillis;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.durable.Durable;
import dev.durable.execution.Execution;
import dev.durable.execution.ExecutionHandle;
import dev.durable.execution.ExecutionStatus;
import dev.durable.execution.StepExecution;
import dev.durable.testing.DatabaseExtension;
import dev.durable.testing.Proves;
import dev.durable.testing.Proxies;
import dev.durable.testing.TestDatabase;
import dev.durable.workflow.CompensationTrigger;
import dev.durable.workflow.StepFunction;
import dev.durable.workflow.TransactionBody;
import dev.durable.workflow.Workflow;
import java.sql.Connection;
import java.sql.Statement;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import javax.sql.DataSource;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@ExtendWith(DatabaseExtension.class)
@DisplayName("Compensation")
class CompensationTest {

  private final TestDatabase db;
  private final Notes ran = new Notes();

  CompensationTest(TestDatabase db) {
    this.db = db;
  }

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
            t -> ran.note("flight", "f"),
            w -> w.compensate("cancel_flight", f -> undo("flight " + f)))
        .step(
            "hotel",
            t -> ran.note("hotel", "h"),
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
  @DisplayName("Steps are undone in reverse order, each with its own output")
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
      assertThat(history(durable, handle.id()))
          .contains("compensation hotel~cancel_hotel completed");
    }
  }

  @Test
  @Proves({"R-073", "R-076", "R-078", "B-09"})
  @DisplayName("A failing handler is reported and the others continue; a retry undoes the rest")
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

  /** Of two parts, a transaction that begins first and ends last. */
  private Workflow<String, String> overlapping(boolean asBody) {
    CountDownLatch begun = new CountDownLatch(1);
    CountDownLatch quickIsCommitted = new CountDownLatch(1);
    TransactionBody<String, String, String> slow =
        (text, tx) -> {
          begun.countDown();
          quickIsCommitted.await();
          return "s";
        };
    StepFunction<String, String> quick =
        text -> {
          begun.await();
          return "q";
        };
    StepFunction<String, String> after =
        text -> {
          quickIsCommitted.countDown();
          return text;
        };
    return asBody
        ? Workflow.of(
            "overlappingBody",
            String.class,
            String.class,
            (text, step) -> {
              var parts = step.parallel("both");
              parts.branch(
                  "one",
                  String.class,
                  one ->
                      one.transaction(
                          "slow",
                          String.class,
                          tx -> slow.run(text, tx),
                          w -> w.compensate("undo_slow", result -> undo("slow"))));
              parts.branch(
                  "other",
                  String.class,
                  other -> {
                    other.run(
                        "quick",
                        String.class,
                        () -> quick.apply(text),
                        w -> w.compensate("undo_quick", result -> undo("quick")));
                    return other.run("after", String.class, () -> after.apply(text));
                  });
              parts.join();
              throw new IllegalStateException("no money");
            })
        : Workflow.define("overlappingTree", String.class)
            .parallel(
                "both",
                par -> {
                  par.path(
                      "one",
                      String.class,
                      one ->
                          one.transaction(
                              "slow",
                              slow,
                              w -> w.compensate("undo_slow", result -> undo("slow"))));
                  par.path(
                      "other",
                      String.class,
                      other ->
                          other
                              .step(
                                  "quick",
                                  quick,
                                  w -> w.compensate("undo_quick", result -> undo("quick")))
                              .step("after", after));
                  return par.join((text, results) -> text);
                })
            .step(
                "pay",
                text -> {
                  throw new IllegalStateException("no money");
                })
            .build();
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  @Proves("G9")
  @DisplayName("A transaction that ends last is undone first, however early it began")
  void transactionsCountByTheirEnd(boolean asBody) {
    Workflow<String, String> workflow = overlapping(asBody);
    DataSource late = lateAnswers("clock_timestamp");
    try (Durable durable = Durable.on(late).register(workflow).startWorker()) {
      ExecutionHandle<String> handle = durable.start(workflow, "x");
      assertThatThrownBy(() -> handle.result(SOON)).hasMessageContaining("no money");
      assertThat(ran).containsExactly("undo slow", "undo quick");
      StepExecution slow = row(durable, handle.id(), "slow");
      StepExecution quick = row(durable, handle.id(), "quick");
      assertThat(slow.startedAt()).isBefore(quick.completedAt());
      assertThat(slow.completedAt()).isAfter(quick.completedAt());
    }
  }

  /** The answers to statements without parameters and with a certain text arrive late. */
  private DataSource lateAnswers(String text) {
    return Proxies.of(
        DataSource.class,
        (ofSource, none) -> {
          Object source = Proxies.call(db.dataSource(), ofSource, none);
          return source instanceof Connection connection ? late(connection, text) : source;
        });
  }

  private static Connection late(Connection connection, String text) {
    return Proxies.of(
        Connection.class,
        (method, arguments) -> {
          Object made = Proxies.call(connection, method, arguments);
          return method.getName().equals("createStatement") ? late((Statement) made, text) : made;
        });
  }

  private static Statement late(Statement statement, String text) {
    return Proxies.of(
        Statement.class,
        (method, arguments) -> {
          Object answer = Proxies.call(statement, method, arguments);
          if (arguments.length > 0 && String.valueOf(arguments[0]).contains(text)) {
            Thread.sleep(100);
          }
          return answer;
        });
  }

  private static StepExecution row(Durable durable, UUID id, String name) {
    return durable.steps(id).stream()
        .filter(step -> step.path().endsWith(name))
        .findFirst()
        .orElseThrow();
  }

  @Test
  @DisplayName("stopCompensationOnFailure: handlers after the failed one wait for a retry")
  void theFirstFailedHandlerStopsTheOthersIfAsked() {
    broken.add("two");
    Workflow<String, String> workflow =
        Workflow.define("stops", String.class, with -> with.stopCompensationOnFailure())
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
    return Workflow.define(
            name, String.class, with -> with.timeout(ofMillis(300)).compensateOn(triggers))
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
      assertThatThrownBy(() -> undone.result(SOON))
          .hasMessageContaining("the timeout of its workflow or start");
      assertThatThrownBy(() -> left.result(SOON))
          .hasMessageContaining("the timeout of its workflow or start");
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
                  par.step("a", Integer.class, (n, s) -> 1, w -> w.compensate("u", r -> undo("a")));
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
                  step.run(
                      "effect",
                      String.class,
                      () -> "e",
                      w -> w.compensate("u", e -> undo("effect " + e)));
                  throw new IllegalStateException("late");
                })
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
