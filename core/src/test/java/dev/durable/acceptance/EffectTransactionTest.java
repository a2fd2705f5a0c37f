package dev.durable.acceptance;

import static dev.durable.testing.DurableFixture.SOON;
import static dev.durable.testing.DurableFixture.history;
import static dev.durable.testing.DurableFixture.untilStatus;
import static java.time.Duration.ZERO;
import static java.time.Duration.ofMillis;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.durable.Durable;
import dev.durable.execution.ExecutionFailedException;
import dev.durable.execution.ExecutionHandle;
import dev.durable.execution.ExecutionStatus;
import dev.durable.retry.RetryPolicy;
import dev.durable.testing.DatabaseExtension;
import dev.durable.testing.Gate;
import dev.durable.testing.TestDatabase;
import dev.durable.wait.Event;
import dev.durable.workflow.AttemptContext;
import dev.durable.workflow.StepContext;
import dev.durable.workflow.StepTimeoutException;
import dev.durable.workflow.TransactionContext;
import dev.durable.workflow.Workflow;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(DatabaseExtension.class)
@DisplayName("An effect that is a transaction")
class EffectTransactionTest {

  private static final Event<String> GO = Event.of("go", String.class);

  private final TestDatabase db;
  private final AtomicInteger calls = new AtomicInteger();

  EffectTransactionTest(TestDatabase db) {
    this.db = db;
  }

  @BeforeEach
  void bookings() {
    db.update("create table if not exists effect_bookings (what text)");
    db.update("truncate effect_bookings");
  }

  private static Workflow<String, String> flow(String name, Effects.Body body) {
    return Workflow.of(name, String.class, String.class, (text, step) -> body.run(step));
  }

  private static void sql(TransactionContext<?> tx, String text) throws SQLException {
    try (Statement statement = tx.connection().createStatement()) {
      statement.execute(text);
    }
  }

  private static void book(TransactionContext<?> tx, String what) throws SQLException {
    sql(tx, "insert into effect_bookings values ('" + what + "')");
  }

  private long booked() {
    return db.number("select count(*) from effect_bookings");
  }

  @Test
  @DisplayName("commits its SQL together with its result, once, however often its body is entered")
  void once() {
    Workflow<String, String> flow =
        flow(
            "once",
            step -> {
              String key =
                  step.transaction(
                      "book",
                      String.class,
                      tx -> {
                        assertThat(AttemptContext.current()).isSameAs(tx);
                        assertThat(tx.input()).isEqualTo("x");
                        book(tx, "a");
                        return tx.idempotencyKey();
                      });
              step.transaction("quiet", tx -> book(tx, "b"));
              return key.replace(step.execution().id().toString(), "id") + step.await(GO);
            });
    try (Durable durable = db.start(flow)) {
      ExecutionHandle<String> handle = durable.start(flow, "x");
      untilStatus(handle, ExecutionStatus.WAITING);
      assertThat(booked()).isEqualTo(2);
      durable.send(handle.id(), GO, "go");
      assertThat(handle.result(SOON)).startsWith("id/body/book");
      assertThat(booked()).isEqualTo(2);
      assertThat(history(durable, handle.id()))
          .startsWith("effect body/book completed", "effect body/quiet completed");
    }
  }

  @Test
  @DisplayName("is rolled back when it throws, and tried again by its policy")
  void retried() {
    Workflow<String, String> flow =
        flow(
            "retried",
            step ->
                step.transaction(
                    "book",
                    String.class,
                    tx -> {
                      book(tx, "a");
                      if (calls.incrementAndGet() < 3) {
                        throw new IllegalStateException("not yet");
                      }
                      return "done";
                    },
                    with -> with.retry(RetryPolicy.constant(ZERO))));
    try (Durable durable = db.start(flow)) {
      ExecutionHandle<String> handle = durable.start(flow, "x");
      assertThat(handle.result(SOON)).isEqualTo("done");
      assertThat(booked()).isEqualTo(1);
      assertThat(history(durable, handle.id()))
          .containsExactly(
              "effect body/book failed",
              "effect body/book failed",
              "effect body/book completed",
              "step body completed");
    }
  }

  @Test
  @DisplayName("throws what its code throws, if it has no policy")
  void thrown() {
    Workflow<String, String> flow =
        flow(
            "thrown",
            step -> {
              assertThatThrownBy(
                      () ->
                          step.transaction(
                              "book",
                              tx -> {
                                book(tx, "a");
                                throw new UnsupportedOperationException("no");
                              }))
                  .isInstanceOf(UnsupportedOperationException.class);
              return "fine";
            });
    try (Durable durable = db.start(flow)) {
      assertThat(durable.start(flow, "x").result(SOON)).isEqualTo("fine");
      assertThat(booked()).isZero();
    }
  }

  @Test
  @DisplayName("runs again without counting an attempt when the database rolls it back")
  void collided() {
    Workflow<String, String> flow =
        flow(
            "collided",
            step ->
                step.transaction(
                    "book",
                    String.class,
                    tx -> {
                      book(tx, "a");
                      if (calls.incrementAndGet() < 3) {
                        sql(tx, "do $$ begin raise exception using errcode = '40001'; end $$");
                      }
                      return "done";
                    }));
    try (Durable durable = db.start(flow)) {
      ExecutionHandle<String> handle = durable.start(flow, "x");
      assertThat(handle.result(SOON)).isEqualTo("done");
      assertThat(calls).hasValue(3);
      assertThat(booked()).isEqualTo(1);
      assertThat(history(durable, handle.id()))
          .containsExactly("effect body/book completed", "step body completed");
    }
  }

  @Test
  @DisplayName("is rolled back when its time is up")
  void timeout() {
    Workflow<String, String> flow =
        flow(
            "timeout",
            step -> {
              assertThatThrownBy(
                      () ->
                          step.transaction(
                              "book",
                              tx -> {
                                book(tx, "a");
                                sql(tx, "select pg_sleep(60)");
                              },
                              with -> with.timeout(ofMillis(50))))
                  .isInstanceOf(StepTimeoutException.class);
              return "fine";
            });
    try (Durable durable = db.start(flow)) {
      assertThat(durable.start(flow, "x").result(SOON)).isEqualTo("fine");
      assertThat(booked()).isZero();
    }
  }

  /** A value that takes its time to be written. */
  record Held(String text) {
    private static final AtomicReference<Gate> GATE = new AtomicReference<>(new Gate());

    @Override
    public String text() {
      GATE.get().passUninterrupted();
      return text;
    }
  }

  @Test
  @DisplayName("is rolled back when its time is up after its code has returned")
  void lateResult() {
    Gate gate = new Gate();
    Held.GATE.set(gate);
    Workflow<String, String> flow =
        flow(
            "late_result",
            step -> {
              assertThatThrownBy(
                      () ->
                          step.transaction(
                              "book",
                              Held.class,
                              tx -> {
                                book(tx, "a");
                                return new Held("late");
                              },
                              with -> with.timeout(ofMillis(50))))
                  .isInstanceOf(StepTimeoutException.class);
              gate.awaitReached();
              gate.open();
              Gate.until(() -> openTransactions() == 0);
              return "fine";
            });
    try (Durable durable = db.start(flow)) {
      ExecutionHandle<String> handle = durable.start(flow, "x");
      assertThat(handle.result(SOON)).isEqualTo("fine");
      assertThat(booked()).isZero();
      assertThat(history(durable, handle.id())).containsExactly("step body completed");
    }
  }

  private long openTransactions() {
    return db.number(
        "select count(*) from pg_locks where mode = 'RowExclusiveLock'"
            + " and relation = 'effect_bookings'::regclass");
  }

  @Test
  @DisplayName("is rolled back, and its statement cancelled, when its execution is cancelled")
  void cancelled() {
    Gate gate = new Gate();
    Workflow<String, String> flow =
        flow(
            "cancelled",
            step -> {
              step.transaction(
                  "book",
                  tx -> {
                    book(tx, "a");
                    gate.open();
                    gate.pass();
                    sql(tx, "select pg_sleep(60) /* effect */");
                  });
              return "never";
            });
    try (Durable durable = db.start(flow)) {
      ExecutionHandle<String> handle = durable.start(flow, "x");
      gate.awaitReached();
      durable.cancel(handle.id());
      untilStatus(handle, ExecutionStatus.CANCELLED);
      Gate.until(
          () ->
              db.number(
                      "select count(*) from pg_stat_activity where state = 'active'"
                          + " and query like 'select pg_sleep(60) /* effect%'")
                  == 0);
      assertThat(booked()).isZero();
      assertThat(history(durable, handle.id())).noneMatch(row -> row.contains("completed"));
    }
  }

  @Test
  @DisplayName("may be one of several at once")
  void concurrent() {
    Workflow<String, String> flow =
        flow(
            "concurrent",
            step -> {
              List<CompletableFuture<String>> all = new ArrayList<>();
              for (String name : List.of("a", "b", "c")) {
                all.add(
                    CompletableFuture.supplyAsync(
                        () -> booked(step, name), Thread::startVirtualThread));
              }
              return all.stream().map(CompletableFuture::join).toList().toString();
            });
    try (Durable durable = db.start(flow)) {
      assertThat(durable.start(flow, "x").result(SOON)).isEqualTo("[a, b, c]");
      assertThat(booked()).isEqualTo(3);
    }
  }

  private static String booked(StepContext<String> step, String name) {
    try {
      return step.transaction(
          name,
          String.class,
          tx -> {
            book(tx, name);
            return name;
          });
    } catch (Exception failure) {
      throw new CompletionException(failure);
    }
  }

  @Test
  @DisplayName("is rolled back when its result is null or cannot be stored")
  void unstorable() {
    Workflow<String, String> flow =
        flow(
            "unstorable",
            step -> {
              assertThatThrownBy(
                      () ->
                          step.transaction(
                              "broken",
                              Effects.Unwritable.class,
                              tx -> {
                                book(tx, "a");
                                return new Effects.Unwritable("x");
                              }))
                  .hasMessageContaining("body/broken");
              return step.transaction(
                  "null",
                  String.class,
                  tx -> {
                    book(tx, "b");
                    return nothing();
                  });
            });
    try (Durable durable = db.start(flow)) {
      ExecutionHandle<String> handle = durable.start(flow, "x");
      assertThatThrownBy(() -> handle.result(SOON))
          .isInstanceOf(ExecutionFailedException.class)
          .hasMessageContaining("'body/null' returned null");
      assertThat(booked()).isZero();
    }
  }

  @SuppressWarnings("NullAway") // On purpose.
  private static String nothing() {
    return null;
  }

  @Test
  @DisplayName("cannot call the body's other effects")
  void closed() {
    Workflow<String, String> flow =
        flow(
            "closed",
            step -> {
              step.transaction("outer", tx -> step.run("inner", () -> calls.incrementAndGet()));
              return "never";
            });
    try (Durable durable = db.start(flow)) {
      ExecutionHandle<String> handle = durable.start(flow, "x");
      assertThatThrownBy(() -> handle.result(SOON)).hasMessageContaining("asks for 'inner'");
      assertThat(calls).hasValue(0);
    }
  }

  @Test
  @DisplayName("can be part of a compensation")
  void compensation() {
    Workflow<String, String> flow =
        Workflow.define("undone", String.class)
            .step(
                "book",
                text -> text,
                with ->
                    with.compensate(
                        "give_back",
                        (text, undo) -> undo.transaction("back", tx -> book(tx, "back"))))
            .step(
                "pay",
                text -> {
                  throw new IllegalStateException("no money");
                })
            .build();
    try (Durable durable = db.start(flow)) {
      ExecutionHandle<String> handle = durable.start(flow, "x");
      untilStatus(handle, ExecutionStatus.COMPENSATED);
      assertThat(booked()).isEqualTo(1);
    }
  }
}
