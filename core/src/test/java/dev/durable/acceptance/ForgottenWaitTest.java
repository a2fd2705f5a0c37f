package dev.durable.acceptance;

import static dev.durable.acceptance.BodyEntries.BACK;
import static dev.durable.acceptance.BodyEntries.CHILD;
import static dev.durable.acceptance.BodyEntries.PAYMENT;
import static dev.durable.acceptance.BodyEntries.RESTOCK;
import static dev.durable.acceptance.BodyEntries.TICK;
import static dev.durable.acceptance.BodyEntries.got;
import static dev.durable.acceptance.BodyEntries.isAtRest;
import static dev.durable.acceptance.BodyEntries.paths;
import static dev.durable.acceptance.BodyEntries.sideBySide;
import static dev.durable.testing.DurableFixture.SOON;
import static dev.durable.testing.DurableFixture.untilStatus;
import static org.assertj.core.api.Assertions.assertThat;

import dev.durable.Durable;
import dev.durable.execution.ExecutionHandle;
import dev.durable.execution.ExecutionStatus;
import dev.durable.execution.StepExecution;
import dev.durable.execution.StepStatus;
import dev.durable.question.Question;
import dev.durable.retry.RetryPolicy;
import dev.durable.testing.DatabaseExtension;
import dev.durable.testing.Gate;
import dev.durable.testing.Proves;
import dev.durable.testing.StruckStatements;
import dev.durable.testing.TestDatabase;
import dev.durable.wait.Delivery;
import dev.durable.workflow.ParentClosePolicy;
import dev.durable.workflow.StepContext;
import dev.durable.workflow.Workflow;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

@ExtendWith(DatabaseExtension.class)
@Proves({"F6.1", "F6.6"})
@DisplayName("A wait that a body no longer asks for")
@Tag("newest")
class ForgottenWaitTest {

  private final TestDatabase db;

  ForgottenWaitTest(TestDatabase db) {
    this.db = db;
  }

  private static StepStatus status(Durable durable, UUID id, String path) {
    return durable.steps(id).stream()
        .filter(row -> row.path().equals(path))
        .map(StepExecution::status)
        .reduce((first, last) -> last)
        .orElseThrow();
  }

  private final AtomicBoolean low = new AtomicBoolean(true);
  private final AtomicInteger entries = new AtomicInteger();

  private String stock(StepContext<String> step) {
    boolean isLow = low.get();
    // A test that sees this entry may change what the next one finds.
    entries.incrementAndGet();
    if (isLow) {
      got(step, RESTOCK);
    }
    return got(step, PAYMENT);
  }

  @Test
  @Proves("F6.1")
  @DisplayName("It is closed when the body rests, and its event stays in the mailbox")
  void isClosedAtRest() {
    Workflow<String, String> body =
        Workflow.of("stock", String.class, String.class, (data, step) -> stock(step));
    try (Durable durable = db.start(body)) {
      ExecutionHandle<String> handle = durable.start(body, "");
      Gate.until(() -> isAtRest(db, handle.id()));
      low.set(false);
      durable.send(handle.id(), RESTOCK, "r");
      Gate.until(() -> paths(durable, handle.id()).equals(List.of("body/payment")));
      Gate.until(() -> isAtRest(db, handle.id()));
      assertThat(status(durable, handle.id(), "body/restock")).isEqualTo(StepStatus.CANCELLED);
      assertThat(durable.send(handle.id(), PAYMENT, "p")).isEqualTo(Delivery.DELIVERED);
      assertThat(handle.result(SOON)).isEqualTo("p");
      assertThat(entries).hasValue(3);
      assertThat(
              db.rows(
                  "select status from durable.pending_events"
                      + " where event_name = 'restock' and workflow_id = ?::uuid",
                  handle.id().toString()))
          .containsExactly("pending");
    }
  }

  @Test
  @Proves("F6.1")
  @DisplayName("It stays open when the body rests only because the database does not answer")
  void staysOpenWithoutAnAnswer() {
    StruckStatements struck =
        new StruckStatements(
            sql -> sql.contains("i.prompt"),
            number -> {
              if (number == 1) {
                throw new SQLException("no answer", "08006");
              }
            });
    Question<String> reminded =
        Question.text("?").remindEvery(Duration.ofMillis(100), reminder -> {});
    Workflow<String, String> body =
        Workflow.of(
            "unanswered",
            String.class,
            String.class,
            (data, step) -> {
              if (entries.incrementAndGet() == 1) {
                sideBySide(
                    List.of(
                        () -> step.ask("reminded", reminded),
                        () -> step.ask("question", Question.text("?"))));
              }
              if (struck.count() == 0) {
                step.ask("reminded", reminded);
              }
              return step.ask("question", Question.text("?"));
            });
    try (Durable durable = Durable.on(struck.on(db.dataSource())).register(body).startWorker()) {
      ExecutionHandle<String> handle = durable.start(body, "");
      Gate.until(() -> struck.count() > 0 && paths(durable, handle.id()).size() == 1);
      assertThat(paths(durable, handle.id())).containsExactly("body/question");
      durable.questions().answer(handle.id(), "question", "yes", "ada");
      assertThat(handle.result(SOON)).isEqualTo("yes");
      assertThat(
              db.number("select count(*) from durable.pending_inputs where path like '%question'"))
          .isEqualTo(1);
    }
  }

  @Test
  @Proves("F6.1")
  @DisplayName("It is closed when the body rests in a branch, beside another that waits")
  void isClosedInABranch() {
    Workflow<String, String> forked =
        Workflow.define("stocks", String.class)
            .parallel(
                "both",
                par -> {
                  var stock =
                      par.step(
                          "stock",
                          String.class,
                          (String data, StepContext<String> step) -> stock(step));
                  var back =
                      par.step(
                          "back",
                          String.class,
                          (String data, StepContext<String> step) -> got(step, BACK));
                  return par.join((in, results) -> results.get(stock) + results.get(back));
                })
            .build();
    try (Durable durable = db.start(forked)) {
      ExecutionHandle<String> handle = durable.start(forked, "");
      Gate.until(() -> isAtRest(db, handle.id()));
      low.set(false);
      durable.send(handle.id(), RESTOCK, "r");
      Gate.until(
          () ->
              paths(durable, handle.id()).equals(List.of("both/back/back", "both/stock/payment")));
      Gate.until(() -> isAtRest(db, handle.id()));
      durable.send(handle.id(), PAYMENT, "p");
      durable.send(handle.id(), BACK, "b");
      assertThat(handle.result(SOON)).isEqualTo("pb");
      assertThat(entries).hasValue(3);
    }
  }

  @Test
  @Proves("F6.1")
  @DisplayName("A wait that is asked for again beside another branch's body is another attempt")
  void isAskedForAgain() {
    Gate gate = new Gate();
    Workflow<String, String> forked = besideABody("stock_again", gate);
    try (Durable durable = db.start(forked)) {
      ExecutionHandle<String> handle = durable.start(forked, "");
      gate.awaitReached();
      untilOpen(durable, handle, "both/stock/restock");
      low.set(false);
      durable.send(handle.id(), RESTOCK, "r");
      untilOpen(durable, handle, "both/stock/payment");
      low.set(true);
      durable.send(handle.id(), PAYMENT, "p");
      Gate.until(() -> status(durable, handle.id(), "both/stock/restock") == StepStatus.COMPLETED);
      gate.open();
      assertThat(handle.result(SOON)).isEqualTo("pb");
      assertThat(durable.steps(handle.id()))
          .filteredOn(row -> row.path().equals("both/stock/restock"))
          .extracting(StepExecution::attempt)
          .containsExactly(1, 2);
    }
  }

  /** The body of one branch waits, that of the other stands at a gate. */
  private Workflow<String, String> besideABody(String name, Gate gate) {
    return Workflow.define(name, String.class)
        .parallel(
            "both",
            par -> {
              var stock =
                  par.step(
                      "stock",
                      String.class,
                      (String data, StepContext<String> step) -> stock(step));
              var busy =
                  par.step(
                      "busy",
                      String.class,
                      (String data, StepContext<String> step) -> {
                        gate.pass();
                        return "b";
                      });
              return par.join((in, results) -> results.get(stock) + results.get(busy));
            })
        .build();
  }

  private void untilOpen(Durable durable, ExecutionHandle<String> handle, String path) {
    Gate.until(() -> paths(durable, handle.id()).equals(List.of(path)));
  }

  @Test
  @Proves("F6.1")
  @DisplayName("It is closed in a branch while another branch's body runs")
  void isClosedBesideABody() {
    Gate gate = new Gate();
    Workflow<String, String> forked = besideABody("stock_beside", gate);
    try (Durable durable = db.start(forked)) {
      ExecutionHandle<String> handle = durable.start(forked, "");
      gate.awaitReached();
      Gate.until(() -> entries.get() == 1);
      low.set(false);
      // Delivered once the wait is open, or found by it.
      durable.send(handle.id(), RESTOCK, "r");
      Gate.until(() -> entries.get() == 2);
      gate.open();
      Gate.until(() -> paths(durable, handle.id()).equals(List.of("both/stock/payment")));
      Gate.until(() -> isAtRest(db, handle.id()));
      durable.send(handle.id(), PAYMENT, "p");
      assertThat(handle.result(SOON)).isEqualTo("pb");
      assertThat(entries.get()).isLessThanOrEqualTo(4);
    }
  }

  /** What a body may wait for. */
  enum Kind {
    EVENT {
      @Override
      void await(StepContext<String> step) {
        step.await(RESTOCK);
      }
    },
    ANY {
      @Override
      void await(StepContext<String> step) {
        step.awaitAny("x", any -> any.on(RESTOCK, e -> e).on(BACK, e -> e));
      }
    },
    ALL {
      @Override
      void await(StepContext<String> step) {
        step.awaitAll("x", RESTOCK, BACK);
      }
    },
    QUESTION {
      @Override
      void await(StepContext<String> step) {
        step.ask("x", Question.text("?").remindEvery(Duration.ofHours(1), reminder -> {}));
      }
    },
    TIMER {
      @Override
      void await(StepContext<String> step) {
        step.sleep("x", Duration.ofHours(1));
      }
    },
    CHILD_THAT_ENDS {
      @Override
      void await(StepContext<String> step) {
        step.call("x", CHILD, "", with -> {});
      }
    },
    CHILD_THAT_GOES_ON {
      @Override
      void await(StepContext<String> step) {
        step.call("x", CHILD, "", with -> with.onParentClose(ParentClosePolicy.ABANDON));
      }
    };

    abstract void await(StepContext<String> step);

    String children() {
      return this == CHILD_THAT_ENDS ? "cancelled" : "waiting";
    }
  }

  private long open(UUID id) {
    return db.number(
        "select count(*) from durable.step_executions s where s.workflow_id = ?::uuid"
            + " and s.status = 'waiting'",
        id.toString());
  }

  @ParameterizedTest
  @EnumSource
  @Proves("F6.1")
  @DisplayName("A wait of any kind is closed when the body rests, and when its step ends")
  void ofAnyKind(Kind kind) {
    AtomicBoolean wants = new AtomicBoolean(true);
    Workflow<String, String> body =
        Workflow.define("kinds", String.class)
            .step(
                "a",
                (String data, StepContext<String> step) -> {
                  List<Runnable> parts = new ArrayList<>();
                  if (wants.get()) {
                    parts.add(() -> kind.await(step));
                  }
                  parts.add(() -> got(step, TICK));
                  sideBySide(parts);
                  return "ended";
                })
            .await("after", PAYMENT, (data, got) -> data)
            .build();
    try (Durable durable = db.start(body, CHILD)) {
      ExecutionHandle<String> handle = durable.start(body, "");
      Gate.until(() -> isAtRest(db, handle.id()));
      if (kind.name().startsWith("CHILD")) {
        Gate.until(() -> children(handle.id()).equals(List.of("waiting")));
      }
      wants.set(false);
      durable.send(handle.id(), TICK, "t");
      Gate.until(() -> paths(durable, handle.id()).equals(List.of("after/after")));
      Gate.until(() -> isAtRest(db, handle.id()));
      assertThat(open(handle.id())).isEqualTo(1);
      assertThat(durable.questions().open(handle.id())).isEmpty();
      if (kind.name().startsWith("CHILD")) {
        Gate.until(() -> children(handle.id()).equals(List.of(kind.children())));
      }
      durable.send(handle.id(), PAYMENT, "p");
      assertThat(handle.result(SOON)).isEqualTo("ended");
    }
  }

  private List<String> children(UUID parent) {
    return db.rows(
        "select status from durable.workflow_executions where parent_workflow_id = ?::uuid",
        parent.toString());
  }

  @Test
  @Proves("F6.1")
  @DisplayName("It is closed when its step has failed for good, and kept for another attempt")
  void isClosedByAFailure() {
    AtomicInteger entered = new AtomicInteger();
    Gate gate = new Gate();
    Workflow<String, String> body =
        Workflow.define("fails", String.class)
            .parallel(
                "both",
                par -> {
                  par.step(
                      "a",
                      String.class,
                      (String data, StepContext<String> step) -> {
                        switch (entered.incrementAndGet()) {
                          case 1 ->
                              sideBySide(List.of(() -> got(step, TICK), () -> got(step, RESTOCK)));
                          case 3 -> gate.pass();
                          default -> {}
                        }
                        throw new IllegalStateException("not today");
                      },
                      with ->
                          with.retry(RetryPolicy.constant(Duration.ofMillis(10)).maxAttempts(2)));
                  var back =
                      par.step(
                          "back",
                          String.class,
                          (String data, StepContext<String> step) -> got(step, BACK));
                  return par.join((in, results) -> results.get(back));
                },
                with -> with.completeAll())
            .build();
    try (Durable durable = db.start(body)) {
      ExecutionHandle<String> handle = durable.start(body, "");
      Gate.until(() -> paths(durable, handle.id()).size() == 3 && isAtRest(db, handle.id()));
      durable.send(handle.id(), TICK, "t");
      gate.awaitReached();
      assertThat(paths(durable, handle.id())).contains("both/a/restock");
      gate.open();
      Gate.until(() -> paths(durable, handle.id()).equals(List.of("both/back/back")));
      durable.send(handle.id(), BACK, "b");
      assertThat(handle.result(SOON)).isEqualTo("b");
    }
  }

  @Test
  @Proves("F6.6")
  @DisplayName("A sleep that is over leaves no open row when its step times out afterwards")
  void aSleepBeforeATimeout() {
    Workflow<String, String> body =
        Workflow.define("sleeps", String.class)
            .step(
                "a",
                (String data, StepContext<String> step) -> {
                  step.sleep("nap", Duration.ofMillis(1));
                  Thread.sleep(60_000);
                  return "";
                },
                with -> with.timeout(Duration.ofMillis(200)))
            .build();
    try (Durable durable = db.start(body)) {
      ExecutionHandle<String> handle = durable.start(body, "");
      untilStatus(durable, handle.id(), ExecutionStatus.FAILED);
      assertThat(open(handle.id())).isZero();
    }
  }
}
