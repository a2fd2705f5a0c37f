package dev.durable.acceptance;

import static dev.durable.acceptance.Bookings.book;
import static dev.durable.acceptance.Bookings.execute;
import static dev.durable.acceptance.Bookings.pid;
import static dev.durable.acceptance.ConnectionCalls.isOfAStep;
import static dev.durable.acceptance.ConnectionCalls.on;
import static dev.durable.acceptance.ConnectionCalls.with;
import static dev.durable.testing.DurableFixture.EVENTUALLY;
import static java.time.Duration.ofSeconds;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.durable.Durable;
import dev.durable.execution.ExecutionFailedException;
import dev.durable.execution.ExecutionHandle;
import dev.durable.execution.ExecutionStatus;
import dev.durable.execution.StepExecution;
import dev.durable.testing.DatabaseExtension;
import dev.durable.testing.Gate;
import dev.durable.testing.Proves;
import dev.durable.testing.TestDatabase;
import dev.durable.workflow.TransactionContext;
import dev.durable.workflow.Workflow;
import java.sql.SQLException;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import javax.sql.DataSource;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a transaction step does when its body, its connection or the database fails. */
@ExtendWith(DatabaseExtension.class)
@Tag("newest")
class TransactionFaultTest {

  private final TestDatabase db;
  private final Bookings bookings;

  TransactionFaultTest(TestDatabase db) {
    this.db = db;
    this.bookings = new Bookings(db);
  }

  enum Ending {
    IDLE {
      @Override
      void end(Bookings test, TransactionContext<?> tx) throws SQLException {
        int pid = pid(tx);
        execute(tx, "set local idle_in_transaction_session_timeout = '20ms'");
        test.awaitEnd(pid);
        execute(tx, "select 1");
      }
    },
    IDLE_AT_ITS_END {
      @Override
      void end(Bookings test, TransactionContext<?> tx) throws SQLException {
        int pid = pid(tx);
        execute(tx, "set local idle_in_transaction_session_timeout = '20ms'");
        test.awaitEnd(pid);
      }
    },
    TOO_LONG {
      @Override
      void end(Bookings test, TransactionContext<?> tx) throws SQLException {
        assumeTrue(test.db().majorVersion() >= 17);
        execute(tx, "set local transaction_timeout = '50ms'");
        execute(tx, "select pg_sleep(60)");
      }
    },
    TERMINATED {
      @Override
      void end(Bookings test, TransactionContext<?> tx) throws SQLException {
        execute(tx, "select pg_terminate_backend(pg_backend_pid())");
      }
    },
    TERMINATED_AND_SWALLOWED {
      @Override
      void end(Bookings test, TransactionContext<?> tx) {
        try {
          execute(tx, "select pg_terminate_backend(pg_backend_pid())");
        } catch (SQLException swallowed) {
          // That is what it is for.
        }
      }
    },
    READ_ONLY {
      @Override
      void end(Bookings test, TransactionContext<?> tx) throws SQLException {
        execute(tx, "set transaction read only");
      }
    };

    abstract void end(Bookings test, TransactionContext<?> tx) throws SQLException;
  }

  @ParameterizedTest
  @EnumSource
  @Proves("F1.3")
  @DisplayName("A body that ends its connection, or its right to write, has failed")
  void whatABodyDoesToItsConnectionIsItsFailure(Ending ending) {
    if (ending == Ending.TOO_LONG) {
      assumeTrue(db.majorVersion() >= 17);
    }
    bookings.failsTwice(
        db.dataSource(),
        bookings.booking(
            (text, tx) -> {
              book(tx, text);
              ending.end(bookings, tx);
              return text;
            }));
  }

  @Test
  @Proves("F1.3")
  @DisplayName("A session that the pool's role ends when it is idle: the body has failed")
  void theRolesOwnLimitIsTheBodysFailure() {
    bookings.failsTwice(
        with(db, "set idle_in_transaction_session_timeout = '100ms'"),
        bookings.booking(
            (text, tx) -> {
              book(tx, text);
              bookings.awaitEnd(pid(tx));
              execute(tx, "select 1");
              return text;
            }));
  }

  @ParameterizedTest
  @EnumSource(names = {"IDLE", "TERMINATED"})
  @Proves("F1.3")
  @DisplayName("An exception thrown after the body's connection has ended is the step's error")
  void theBodysOwnExceptionIsTold(Ending ending) {
    String told =
        bookings.failsTwice(
            db.dataSource(),
            bookings.booking(
                (text, tx) -> {
                  book(tx, text);
                  try {
                    ending.end(bookings, tx);
                  } catch (SQLException swallowed) {
                    throw new IllegalStateException("out of stock");
                  }
                  return text;
                }));
    assertThat(told).contains("out of stock");
  }

  @Test
  @Proves("F1.3")
  @DisplayName("A body that throws the engine's own exception has failed, too")
  void theEnginesOwnExceptionFromABodyCounts() {
    bookings.failsTwice(
        db.dataSource(),
        bookings.booking(
            (text, tx) -> {
              throw new dev.durable.DatabaseUnavailableException(
                  "another database is away", new SQLException("away", "08006"));
            }));
  }

  @Test
  @Tag("slow") // The pauses before it counts are a quarter of a minute together.
  @Proves("F1.3")
  @DisplayName("A body that ends its connection by stealth is run a few times more, and counts")
  void aFunctionThatEndsTheConnection() {
    db.script(
        "create or replace function sly() returns void language sql as"
            + " $$ select pg_terminate_backend(pg_backend_pid()) $$");
    Workflow<String, String> workflow =
        bookings.booking(
            (text, tx) -> {
              book(tx, text);
              execute(tx, "select sly()");
              return text;
            });
    try (Durable durable = db.start(workflow)) {
      ExecutionHandle<String> handle = durable.start(workflow, "x");
      assertThatThrownBy(() -> handle.result(EVENTUALLY))
          .isInstanceOf(ExecutionFailedException.class);
      assertThat(durable.steps(handle.id()))
          .extracting(StepExecution::attempt)
          .containsExactly(1, 2);
      assertThat(bookings.runs()).hasValueBetween(2, 12);
    }
  }

  @Test
  @Proves("F1.3")
  @DisplayName("A body that cancels its own execution in its transaction has failed")
  void theBodyCancelsItself() {
    AtomicReference<Durable> durable = new AtomicReference<>();
    Workflow<String, String> booking =
        bookings.booking(
            (text, tx) -> {
              durable.get().using(tx.connection()).cancel(tx.execution().id(), "enough");
              return text;
            });
    try (Durable worker = db.start(booking)) {
      durable.set(worker);
      ExecutionHandle<String> handle = worker.start(booking, "x");
      assertThatThrownBy(() -> handle.result(Duration.ofSeconds(30)))
          .hasMessageContaining("took its own execution");
      assertThat(handle.status()).isEqualTo(ExecutionStatus.FAILED);
    }
  }

  @ParameterizedTest
  @CsvSource({"08006, 4", "57P01, 4", "error, 4", "unchecked, 4"})
  @Proves("F1.7")
  @DisplayName("A commit whose answer is lost is asked for until the database has answered")
  void anUnknownCommitStaysUnknown(String failure, int refusals) {
    AtomicBoolean away = new AtomicBoolean();
    AtomicInteger refused = new AtomicInteger();
    DataSource losing =
        on(
            db.dataSource(),
            (method, call) -> {
              if (method.equals("getConnection") && away.get()) {
                if (refused.incrementAndGet() > refusals) {
                  away.set(false);
                }
                throw new SQLException("refused", "08001");
              }
              Object answer = call.get();
              if (method.equals("commit") && isOfAStep() && refused.get() == 0) {
                away.set(true);
                throw switch (failure) {
                  case "error" -> new OutOfMemoryError("of a test");
                  case "unchecked" -> new IllegalStateException("a driver's");
                  default -> new SQLException("lost", failure);
                };
              }
              return answer;
            });
    bookings.completesInItsFirstAttempt(
        losing,
        bookings.booking(
            (text, tx) -> {
              book(tx, text);
              return text;
            }));
    assertThat(bookings.runs()).hasValue(1);
    assertThat(refused).hasValueGreaterThan(refusals);
    assertThat(db.violations()).isEmpty();
  }

  @Test
  @Proves("F1.7")
  @DisplayName("A commit that did not happen and whose answer is lost: the body runs again")
  void aLostCommitThatDidNotHappen() {
    AtomicBoolean lost = new AtomicBoolean();
    DataSource losing =
        on(
            db.dataSource(),
            (method, call) -> {
              if (method.equals("commit") && isOfAStep() && lost.compareAndSet(false, true)) {
                throw new SQLException("lost", "08006");
              }
              return call.get();
            });
    bookings.completesInItsFirstAttempt(
        losing,
        bookings.booking(
            (text, tx) -> {
              book(tx, text);
              return text;
            }));
    assertThat(bookings.runs()).hasValue(2);
  }

  @Test
  @Proves("F1.3")
  @DisplayName("A connection that the database loses runs the body again, uncounted")
  void aLostConnectionCountsNoAttempt() {
    bookings.completesInItsFirstAttempt(
        db.dataSource(),
        bookings.booking(
            (text, tx) -> {
              book(tx, text);
              if (bookings.runs().get() < 3) {
                db.script("select pg_terminate_backend(" + pid(tx) + ")");
                execute(tx, "select 1");
              }
              return text;
            }));
    assertThat(bookings.runs()).hasValue(3);
  }

  @Test
  @Proves("F3.7")
  @DisplayName("A body that runs out of time does not block its own retry")
  void aTimeoutCancelsTheStatement() {
    Workflow<String, String> workflow =
        bookings.booking(
            (text, tx) -> {
              execute(tx, "update account set owner = owner + 1");
              if (bookings.runs().get() == 1) {
                execute(tx, "select pg_sleep(600)");
              }
              book(tx, text);
              return text;
            },
            ofSeconds(3));
    try (Durable durable = db.start(workflow)) {
      assertThat(durable.start(workflow, "x").result(EVENTUALLY)).isEqualTo("x");
      assertThat(bookings.runs()).hasValue(2);
      awaitNoSleeper();
    }
  }

  @Test
  @Proves("F3.7")
  @DisplayName("A cancel ends the statement of the body, and frees its locks")
  void aCancelCancelsTheStatement() {
    Workflow<String, String> workflow =
        bookings.booking(
            (text, tx) -> {
              execute(tx, "update account set owner = owner + 1");
              execute(tx, "select pg_sleep(600)");
              return text;
            });
    try (Durable durable = db.start(workflow)) {
      ExecutionHandle<String> handle = durable.start(workflow, "x");
      Gate.until(() -> sleepers() == 1);
      durable.cancel(handle.id(), "changed my mind");
      awaitNoSleeper();
      db.update("update account set owner = 9");
    }
  }

  private long sleepers() {
    return db.number(
        "select count(*) from pg_stat_activity where datname = current_database()"
            + " and state = 'active' and query like 'select pg_sleep%'");
  }

  private void awaitNoSleeper() {
    Gate.until(() -> sleepers() == 0);
  }

  @Test
  @Proves("F2.8")
  @DisplayName("An Error of the body is reported, and its slot is free")
  void anErrorOfTheBody() {
    Workflow<String, String> workflow =
        bookings.booking(
            (text, tx) -> {
              book(tx, text);
              throw new NoClassDefFoundError("of a test");
            });
    try (Durable durable = db.start(workflow)) {
      for (int i = 0; i < 200; i++) {
        ExecutionHandle<String> handle = durable.start(workflow, "x" + i);
        assertThatThrownBy(() -> handle.result(EVENTUALLY))
            .isInstanceOf(ExecutionFailedException.class)
            .hasMessageContaining("of a test");
      }
    }
    assertThat(db.rows("select item from booked")).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"getConnection", "setAutoCommit", "createStatement", "rollback", "close"})
  @Proves("F2.8")
  @DisplayName("An Error of the driver or the pool never loses an execution")
  void anErrorOfTheDriver(String where) {
    AtomicInteger left = new AtomicInteger(2);
    AtomicBoolean armed = new AtomicBoolean();
    DataSource failing =
        on(
            db.dataSource(),
            (method, call) -> {
              if (armed.get()
                  && isOfAStep()
                  && method.equals(where)
                  && left.getAndDecrement() > 0) {
                throw new NoClassDefFoundError("a driver's");
              }
              return call.get();
            });
    Workflow<String, String> workflow =
        bookings.booking(
            (text, tx) -> {
              book(tx, text);
              return text;
            });
    try (Durable durable = Durable.on(failing).register(workflow).startWorker()) {
      armed.set(true);
      assertThat(durable.start(workflow, "x").result(EVENTUALLY)).isEqualTo("x");
      assertThat(db.rows("select item from booked")).containsExactly("x");
    }
  }

  @Test
  @Proves("F2.8")
  @DisplayName("A constraint that fails at the commit is the body's failure")
  void aDeferredConstraint() {
    db.script(
        "alter table account drop constraint if exists owned;"
            + "alter table account add constraint owned foreign key (owner) references account (id)"
            + " deferrable initially deferred");
    try {
      String told =
          bookings.failsTwice(
              db.dataSource(),
              bookings.booking(
                  (text, tx) -> {
                    execute(tx, "update account set owner = 99");
                    return text;
                  }));
      assertThat(told).contains("owned");
    } finally {
      db.script("alter table account drop constraint owned");
    }
  }
}
