package dev.durable.acceptance;

import static dev.durable.testing.DurableFixture.EVENTUALLY;
import static java.time.Duration.ofMillis;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.durable.Durable;
import dev.durable.execution.ExecutionFailedException;
import dev.durable.execution.ExecutionHandle;
import dev.durable.execution.StepExecution;
import dev.durable.retry.RetryPolicy;
import dev.durable.testing.Gate;
import dev.durable.testing.TestDatabase;
import dev.durable.workflow.TransactionBody;
import dev.durable.workflow.TransactionContext;
import dev.durable.workflow.Workflow;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import javax.sql.DataSource;

/** A workflow whose only step books in a transaction, and its two ways to end. */
final class Bookings {

  private final TestDatabase db;
  private final AtomicInteger runs = new AtomicInteger();

  Bookings(TestDatabase db) {
    this.db = db;
    db.script(
        """
        create table if not exists booked (item text not null);
        create table if not exists account (id int primary key, owner int);
        create table if not exists checked (id int);
        truncate booked, account, checked;
        insert into account values (1, 1);
        """);
  }

  TestDatabase db() {
    return db;
  }

  /** Runs of the body. */
  AtomicInteger runs() {
    return runs;
  }

  Workflow<String, String> booking(TransactionBody<String, String, String> body) {
    return booking(body, Duration.ofMinutes(5));
  }

  Workflow<String, String> booking(TransactionBody<String, String, String> body, Duration timeout) {
    return Workflow.define("booking", String.class)
        .transaction(
            "book",
            (text, tx) -> {
              runs.incrementAndGet();
              return body.run(text, tx);
            },
            with -> with.timeout(timeout).retry(RetryPolicy.constant(ofMillis(1)).maxAttempts(2)))
        .build();
  }

  static void book(TransactionContext<?> tx, String item) throws SQLException {
    try (PreparedStatement insert =
        tx.connection().prepareStatement("insert into booked values (?)")) {
      insert.setString(1, item);
      insert.executeUpdate();
    }
  }

  static void execute(TransactionContext<?> tx, String sql) throws SQLException {
    try (Statement statement = tx.connection().createStatement()) {
      statement.execute(sql);
    }
  }

  static int pid(TransactionContext<?> tx) throws SQLException {
    try (Statement statement = tx.connection().createStatement();
        ResultSet row = statement.executeQuery("select pg_backend_pid()")) {
      row.next();
      return row.getInt(1);
    }
  }

  void awaitEnd(int pid) {
    Gate.until(() -> db.number("select count(*) from pg_stat_activity where pid = " + pid) == 0);
  }

  /** The execution fails after both attempts, each counted and each of one run. */
  String failsTwice(DataSource pool, Workflow<String, String> workflow) {
    try (Durable durable = Durable.on(pool).register(workflow).startWorker()) {
      ExecutionHandle<String> handle = durable.start(workflow, "x");
      String[] message = new String[1];
      assertThatThrownBy(() -> handle.result(EVENTUALLY))
          .isInstanceOf(ExecutionFailedException.class)
          .satisfies(failure -> message[0] = failure.getMessage());
      assertThat(runs).hasValue(2);
      assertThat(durable.steps(handle.id()))
          .extracting(StepExecution::attempt)
          .containsExactly(1, 2);
      assertThat(db.rows("select item from booked")).isEmpty();
      return message[0];
    }
  }

  /** The execution completes in its first attempt, whatever was run before. */
  void completesInItsFirstAttempt(DataSource pool, Workflow<String, String> workflow) {
    try (Durable durable = Durable.on(pool).register(workflow).startWorker()) {
      ExecutionHandle<String> handle = durable.start(workflow, "x");
      assertThat(handle.result(EVENTUALLY)).isEqualTo("x");
      assertThat(durable.steps(handle.id())).extracting(StepExecution::attempt).containsExactly(1);
      assertThat(db.rows("select item from booked")).containsExactly("x");
    }
  }
}
