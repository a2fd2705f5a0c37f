package dev.durable.acceptance;

import static dev.durable.acceptance.Bookings.book;
import static dev.durable.testing.DurableFixture.SOON;
import static java.time.Duration.ofMillis;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.durable.Durable;
import dev.durable.execution.ExecutionCancelledException;
import dev.durable.execution.ExecutionFailedException;
import dev.durable.execution.ExecutionHandle;
import dev.durable.execution.ExecutionStatus;
import dev.durable.retry.RetryPolicy;
import dev.durable.testing.DatabaseExtension;
import dev.durable.testing.Gate;
import dev.durable.testing.Proves;
import dev.durable.testing.TestDatabase;
import dev.durable.workflow.TransactionBody;
import dev.durable.workflow.Workflow;
import dev.durable.workflow.WorkflowBuilder;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Savepoint;
import java.sql.Statement;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import javax.sql.DataSource;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@ExtendWith(DatabaseExtension.class)
class TransactionStepTest {

  private final TestDatabase db;

  TransactionStepTest(TestDatabase db) {
    this.db = db;
    db.script("create table if not exists booked (item text not null)");
    db.script("truncate booked");
  }

  private static WorkflowBuilder<String, String> workflow(
      TransactionBody<String, String, String> body) {
    return Workflow.define("booking", String.class)
        .transaction(
            "book", body, with -> with.retry(RetryPolicy.constant(ofMillis(1)).maxAttempts(2)));
  }

  @Test
  @Proves("G5")
  @DisplayName("The step's SQL commits with its checkpoint, in one transaction")
  void commitsWithItsCheckpoint() {
    Workflow<String, String> workflow =
        workflow(
                (text, tx) -> {
                  book(tx, text);
                  return text;
                })
            .build();
    try (Durable durable = db.start(workflow)) {
      ExecutionHandle<String> handle = durable.start(workflow, "x");
      assertThat(handle.result(SOON)).isEqualTo("x");
      assertThat(
              db.rows(
                  "select s.step_type from booked b join durable.step_executions s on s.xmin = b.xmin"
                      + " where s.workflow_id = ?",
                  handle.id()))
          .containsExactly("transaction");
    }
  }

  @Test
  @Proves("G5")
  @DisplayName("An exception rolls the attempt back, and only the attempt that succeeds counts")
  void rollsBackWhenTheBodyThrows() {
    Workflow<String, String> workflow =
        workflow(
                (text, tx) -> {
                  book(tx, text + tx.attempt());
                  if (tx.attempt() == 1) {
                    throw new IllegalStateException("again");
                  }
                  return text;
                })
            .build();
    try (Durable durable = db.start(workflow)) {
      assertThat(durable.start(workflow, "x").result(SOON)).isEqualTo("x");
      assertThat(db.rows("select item from booked")).containsExactly("x2");
    }
  }

  @Test
  void rollsBackWhenTheResultCannotBeStored() {
    Workflow<String, String> workflow =
        workflow(
                (text, tx) -> {
                  book(tx, text);
                  return (String) null;
                })
            .build();
    try (Durable durable = db.start(workflow)) {
      ExecutionHandle<String> handle = durable.start(workflow, "x");
      assertThatThrownBy(() -> handle.result(SOON)).hasMessageContaining("returned null");
      assertThat(db.rows("select item from booked")).isEmpty();
    }
  }

  @Test
  @Proves("G5")
  @DisplayName("Calls that end the transaction are refused, and say why")
  void onlyTheEngineEndsTheTransaction() {
    List<String> refused = new CopyOnWriteArrayList<>();
    Workflow<String, String> workflow =
        workflow(
                (text, tx) -> {
                  book(tx, text);
                  Connection connection = tx.connection();
                  for (Callable<?> call :
                      List.<Callable<?>>of(
                          () -> run(connection::commit),
                          () -> run(connection::rollback),
                          () -> run(connection::close),
                          () -> run(() -> connection.abort(Runnable::run)),
                          () -> run(() -> connection.setAutoCommit(true)),
                          () -> connection.unwrap(Connection.class))) {
                    try {
                      call.call();
                    } catch (SQLException refusal) {
                      refused.add(String.valueOf(refusal.getMessage()));
                    }
                  }
                  Savepoint savepoint = connection.setSavepoint();
                  book(tx, "undone");
                  connection.rollback(savepoint);
                  return text;
                })
            .build();
    try (Durable durable = db.start(workflow)) {
      assertThat(durable.start(workflow, "x").result(SOON)).isEqualTo("x");
    }
    assertThat(refused).hasSize(6).allMatch(message -> message.contains("the engine commits"));
    assertThat(db.rows("select item from booked")).containsExactly("x");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "commit",
        "COMMIT AND CHAIN;",
        "end",
        " /* done */ Abort",
        "rollback",
        "rollback work",
        "insert into booked values ('; it''s'); -- and now\n commit",
        "select $a$;commit$a$, E'\\'', \"x;\" from (select 1 as \"x;\") t; Prepare Transaction 'p'"
      })
  @Proves("G5")
  @DisplayName("SQL that would end the transaction is refused before it is sent, and says why")
  void sqlThatEndsTheTransactionIsRefused(String sql) {
    Workflow<String, String> workflow =
        workflow(
                (text, tx) -> {
                  book(tx, text);
                  try (Statement statement = tx.connection().createStatement()) {
                    statement.execute(sql);
                  }
                  return text;
                })
            .build();
    try (Durable durable = db.start(workflow)) {
      ExecutionHandle<String> handle = durable.start(workflow, "x");
      assertThatThrownBy(() -> handle.result(SOON))
          .isInstanceOf(ExecutionFailedException.class)
          .hasMessageContaining("SQL '")
          .hasMessageContaining("the engine commits");
    }
    assertThat(db.rows("select item from booked")).isEmpty();
  }

  @Test
  @Proves("G5")
  @DisplayName("No way leads from a statement to the bare connection")
  void statementsLeadBackToTheGuard() {
    Workflow<String, String> workflow =
        workflow(
                (text, tx) -> {
                  book(tx, text);
                  Connection connection = tx.connection();
                  try (Statement statement = connection.createStatement();
                      ResultSet rows = statement.executeQuery("select 'commit', 'end;'")) {
                    assertThat(statement.getConnection()).isEqualTo(connection);
                    assertThat(rows.getStatement().getConnection()).isEqualTo(connection);
                    assertThat(connection.getMetaData().getConnection()).isEqualTo(connection);
                    assertThatThrownBy(() -> statement.unwrap(Statement.class))
                        .hasMessageContaining("the engine commits");
                    assertThatThrownBy(() -> statement.getConnection().commit())
                        .hasMessageContaining("the engine commits");
                    assertThat(rows.next()).isTrue();
                    statement.execute("savepoint s; insert into booked values ('undone')");
                    statement.execute("rollback to savepoint s");
                    statement.execute("do $$ begin perform 1; end $$");
                  }
                  return text;
                })
            .build();
    try (Durable durable = db.start(workflow)) {
      assertThat(durable.start(workflow, "x").result(SOON)).isEqualTo("x");
    }
    assertThat(db.rows("select item from booked")).containsExactly("x");
  }

  private interface Jdbc {
    void call() throws SQLException;
  }

  private static boolean run(Jdbc jdbc) throws SQLException {
    jdbc.call();
    return true;
  }

  @Test
  void anSqlErrorOfTheBodyIsAFailedAttempt() {
    for (String sql :
        List.of("select 1/0", "set local statement_timeout = 1; select pg_sleep(9)")) {
      Workflow<String, String> workflow =
          workflow(
                  (text, tx) -> {
                    try (Statement statement = tx.connection().createStatement()) {
                      statement.execute(sql);
                    }
                    return text;
                  })
              .build();
      try (Durable durable = db.start(workflow)) {
        ExecutionHandle<String> handle = durable.start(workflow, "x");
        assertThatThrownBy(() -> handle.result(SOON))
            .isInstanceOf(ExecutionFailedException.class)
            .hasMessageContaining("PSQLException");
        assertThat(durable.steps(handle.id())).hasSize(2);
      }
    }
  }

  @Test
  void anSqlExceptionOfTheBodysOwnIsAFailedAttempt() {
    Workflow<String, String> workflow =
        workflow(
                (text, tx) -> {
                  throw new SQLException("out of stock");
                })
            .build();
    try (Durable durable = db.start(workflow)) {
      ExecutionHandle<String> handle = durable.start(workflow, "x");
      assertThatThrownBy(() -> handle.result(SOON)).hasMessageContaining("out of stock");
    }
  }

  @Test
  @DisplayName("A serialization failure runs the body again and counts no attempt")
  void aCollisionCountsNoAttempt() {
    AtomicInteger calls = new AtomicInteger();
    Workflow<String, String> workflow =
        workflow(
                (text, tx) -> {
                  if (calls.incrementAndGet() <= 3) {
                    try (Statement statement = tx.connection().createStatement()) {
                      statement.execute(
                          "do $$ begin raise exception 'x' using errcode = '40001'; end $$");
                    }
                  }
                  return text + tx.attempt();
                })
            .build();
    try (Durable durable = db.start(workflow)) {
      assertThat(durable.start(workflow, "x").result(SOON)).isEqualTo("x1");
    }
  }

  @Test
  @Proves("G15")
  @DisplayName("A cancel while the transaction is open rolls it back")
  void aCancelRollsBack() {
    Gate gate = new Gate();
    CountDownLatch left = new CountDownLatch(1);
    Workflow<String, String> workflow =
        workflow(
                (text, tx) -> {
                  book(tx, text);
                  try {
                    gate.pass();
                  } finally {
                    left.countDown();
                  }
                  return text;
                })
            .build();
    try (Durable durable = db.start(workflow)) {
      ExecutionHandle<String> handle = durable.start(workflow, "x");
      gate.awaitReached();
      durable.cancel(handle.id(), "changed my mind");
      assertThatThrownBy(() -> handle.result(SOON)).isInstanceOf(ExecutionCancelledException.class);
      assertThat(left.await(20, TimeUnit.SECONDS)).isTrue();
    } catch (InterruptedException interrupted) {
      throw new IllegalStateException(interrupted);
    }
    assertThat(db.rows("select item from booked")).isEmpty();
  }

  @Test
  @Proves("G15")
  @DisplayName("A body that was cancelled while it waited for a connection does not begin")
  void aCancelBeforeTheConnection() throws InterruptedException {
    Gate gate = new Gate();
    AtomicInteger begun = new AtomicInteger();
    AtomicReference<Thread> runs = new AtomicReference<>();
    Workflow<String, String> workflow =
        workflow(
                (text, tx) -> {
                  begun.incrementAndGet();
                  return text;
                })
            .build();
    // A pool that is exhausted for bodies, and does not listen to interrupts.
    DataSource slow =
        connecting(
            () -> {
              if (Thread.currentThread().isVirtual()) {
                runs.set(Thread.currentThread());
                gate.passUninterrupted();
              }
              return db.dataSource().getConnection();
            });
    try (Durable durable = Durable.on(slow).register(workflow).startWorker()) {
      ExecutionHandle<String> handle = durable.start(workflow, "x");
      gate.awaitReached();
      durable.cancel(handle.id(), "changed my mind");
      gate.open();
      runs.get().join();
      assertThat(begun).hasValue(0);
      assertThat(handle.status()).isEqualTo(ExecutionStatus.CANCELLED);
    }
  }

  private static DataSource connecting(Callable<Connection> connect) {
    return (DataSource)
        Proxy.newProxyInstance(
            TransactionStepTest.class.getClassLoader(),
            new Class<?>[] {DataSource.class},
            (self, method, arguments) -> connect.call());
  }
}
