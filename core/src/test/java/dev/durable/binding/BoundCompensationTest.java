package dev.durable.binding;

import static dev.durable.testing.DurableFixture.untilEnded;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import dev.durable.Durable;
import dev.durable.execution.ExecutionHandle;
import dev.durable.execution.ExecutionStatus;
import dev.durable.execution.StepExecution;
import dev.durable.execution.StepStatus;
import dev.durable.testing.DatabaseExtension;
import dev.durable.testing.Proves;
import dev.durable.testing.Proxies;
import dev.durable.testing.TestDatabase;
import dev.durable.workflow.CompensationContext;
import dev.durable.workflow.TransactionContext;
import dev.durable.workflow.Workflow;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import javax.sql.DataSource;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.datasource.DataSourceTransactionManager;
import org.springframework.transaction.support.TransactionSynchronization;
import org.springframework.transaction.support.TransactionSynchronizationManager;

/** Compensations whose transactions are Spring's, and whose commits get no answer. */
@ExtendWith(DatabaseExtension.class)
@DisplayName("A compensation in a transaction of Spring's")
@Tag("newest")
class BoundCompensationTest {

  private static final String TRANSACTION = "select pg_current_xact_id()::text";

  private final TestDatabase db;
  private final DataSource pool;
  private final JdbcTemplate jdbc;
  private final AtomicBoolean losesTheAnswer = new AtomicBoolean();
  private final AtomicInteger runs = new AtomicInteger();

  BoundCompensationTest(TestDatabase db) {
    this.db = db;
    this.pool = losing(db.dataSource());
    this.jdbc = new JdbcTemplate(pool);
    db.script("create table if not exists undone (item text); truncate undone");
  }

  /** How the commit of the compensation's transaction is reported to the engine. */
  enum Report {
    COMMITTED {
      @Override
      void prepare(BoundCompensationTest test) {}
    },
    /** The driver throws after the commit. */
    ANSWER_LOST {
      @Override
      void prepare(BoundCompensationTest test) {
        test.losesTheAnswer.set(true);
      }
    },
    /** A listener of the application throws after the commit. */
    LISTENER_FAILED {
      @Override
      void prepare(BoundCompensationTest test) {
        TransactionSynchronizationManager.registerSynchronization(
            new TransactionSynchronization() {
              @Override
              public void afterCommit() {
                throw new IllegalStateException("a listener failed");
              }
            });
      }
    };

    abstract void prepare(BoundCompensationTest test);
  }

  /** Commits, and says that the connection is gone. */
  private DataSource losing(DataSource real) {
    return Proxies.of(
        DataSource.class,
        (method, arguments) -> {
          Object answer = Proxies.call(real, method, arguments);
          return answer instanceof Connection connection ? losing(connection) : answer;
        });
  }

  private Connection losing(Connection real) {
    return Proxies.of(
        Connection.class,
        (method, arguments) -> {
          Object answer = Proxies.call(real, method, arguments);
          if (method.getName().equals("commit") && losesTheAnswer.getAndSet(false)) {
            throw new SQLException("the connection is gone", "08006");
          }
          return answer;
        });
  }

  private Workflow<String, String> ofANode(Report report) {
    return Workflow.define("node", String.class)
        .runInTransaction(
            "book",
            (text, tx) -> {},
            with -> with.compensate("cancel", (t, undo) -> undo(undo, report)))
        .step(
            "fail",
            text -> {
              throw new IllegalStateException("no");
            })
        .build();
  }

  private Workflow<String, Void> ofAnEffect(Report report) {
    return Workflow.of(
        "effect",
        String.class,
        (text, step) -> {
          step.transaction(
              "book",
              tx -> {},
              with -> with.compensate("cancel", (none, undo) -> undo(undo, report)));
          throw new IllegalStateException("no");
        });
  }

  private void undo(CompensationContext<?> undo, Report report) throws Exception {
    undo.transaction(
        "save",
        tx -> {
          runs.incrementAndGet();
          jdbc.update("insert into undone values ('once')");
          assertThat(jdbc.queryForObject(TRANSACTION, String.class)).isEqualTo(transaction(tx));
          report.prepare(this);
        });
  }

  private static String transaction(TransactionContext<?> tx) throws SQLException {
    try (ResultSet row = tx.connection().createStatement().executeQuery(TRANSACTION)) {
      row.next();
      return row.getString(1);
    }
  }

  @ParameterizedTest
  @EnumSource
  @Proves({"G5", "G9"})
  @DisplayName("of a node commits once with what its beans saved, whatever is said of the commit")
  void node(Report report) {
    undoesOnce(ofANode(report));
  }

  @ParameterizedTest
  @EnumSource
  @Proves({"G5", "G9"})
  @DisplayName("of an effect commits once with what its beans saved, whatever is said of it")
  void effect(Report report) {
    undoesOnce(ofAnEffect(report));
  }

  private void undoesOnce(Workflow<String, ?> workflow) {
    SpringTransactions binding =
        new SpringTransactions(pool, new DataSourceTransactionManager(pool));
    try (Durable durable =
        Durable.on(pool).transactions(binding).register(workflow).startWorker()) {
      ExecutionHandle<?> handle = durable.start(workflow, "x");
      untilEnded(durable, handle.id());
      assertThat(handle.status()).isEqualTo(ExecutionStatus.COMPENSATED);
      assertThat(losesTheAnswer).as("the answer is still to be lost").isFalse();
      assertThat(runs).as("runs of the transaction").hasValue(1);
      assertThat(db.rows("select item from undone")).containsExactly("once");
      assertThat(durable.steps(handle.id()))
          .filteredOn(step -> step.path().endsWith("book~cancel/save"))
          .extracting(StepExecution::attempt, StepExecution::status)
          .containsExactly(tuple(1, StepStatus.COMPLETED));
    }
  }
}
