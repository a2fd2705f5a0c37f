package dev.durable.binding;

import static dev.durable.testing.DurableFixture.EVENTUALLY;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.durable.Durable;
import dev.durable.TransactionBinding;
import dev.durable.execution.ExecutionHandle;
import dev.durable.execution.ExecutionStatus;
import dev.durable.execution.StepExecution;
import dev.durable.retry.RetryPolicy;
import dev.durable.testing.DatabaseExtension;
import dev.durable.testing.TestDatabase;
import dev.durable.workflow.Workflow;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import javax.sql.DataSource;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A binding that does not do what it should: each is noticed, and no outcome is wrong. */
@ExtendWith(DatabaseExtension.class)
@Tag("newest")
class HostileBindingTest {

  private static final Workflow<String, String> ECHO =
      Workflow.define("echo", String.class).step("echo", text -> text).build();

  private final TestDatabase db;

  HostileBindingTest(TestDatabase db) {
    this.db = db;
    db.script("create table if not exists saved (item text); truncate saved");
  }

  /** Runs the work in a transaction, not quite as it should. */
  interface Running {
    <R> R run(Plain binding, TransactionBinding.Work<R> work) throws Exception;
  }

  /** A binding to plain JDBC, whose transactions are run in some way. */
  static final class Plain implements TransactionBinding {
    static final ThreadLocal<Connection> HERE = new ThreadLocal<>();

    final DataSource pool;
    final Running running;

    Plain(DataSource pool, Running running) {
      this.pool = pool;
      this.running = running;
    }

    @Override
    public Optional<Connection> current() {
      return Optional.ofNullable(HERE.get());
    }

    @Override
    public <R> R inNewTransaction(Work<R> work) throws Exception {
      return running.run(this, work);
    }

    <R> R commit(Work<R> work) throws Exception {
      try (Connection connection = pool.getConnection()) {
        connection.setAutoCommit(false);
        HERE.set(connection);
        R result;
        try {
          result = work.on(connection);
        } catch (Throwable failure) {
          connection.rollback();
          throw failure;
        } finally {
          HERE.remove();
        }
        connection.commit();
        return result;
      }
    }
  }

  /** What a binding does, and how each attempt ends. */
  enum Hostile {
    COMMITS_NOTHING("returned without having committed") {
      @Override
      <R> R run(Plain plain, TransactionBinding.Work<R> work) throws Exception {
        return plain.commit(
            connection -> {
              R result = work.on(connection);
              connection.rollback();
              return result;
            });
      }
    },
    LEAVES_IT_OPEN("returned without having committed") {
      @Override
      <R> R run(Plain plain, TransactionBinding.Work<R> work) throws Exception {
        Connection connection = plain.pool.getConnection();
        connection.setAutoCommit(false);
        Plain.HERE.set(connection);
        return work.on(connection);
      }
    },
    DOES_NOT_RUN("did not run its work") {
      @Override
      <R> R run(Plain plain, TransactionBinding.Work<R> work) {
        return null;
      }
    },
    RUNS_ELSEWHERE("ran its work on another thread") {
      @Override
      <R> R run(Plain plain, TransactionBinding.Work<R> work) throws Exception {
        AtomicReference<Exception> failure = new AtomicReference<>();
        Thread other =
            Thread.ofVirtual()
                .start(
                    () -> {
                      try {
                        plain.commit(work);
                      } catch (Exception thrown) {
                        failure.set(thrown);
                      }
                    });
        other.join();
        throw failure.get();
      }
    },
    RUNS_TWICE_AND_ROLLS_BACK("ran its work twice") {
      @Override
      <R> R run(Plain plain, TransactionBinding.Work<R> work) throws Exception {
        return plain.commit(
            connection -> {
              work.on(connection);
              return work.on(connection);
            });
      }
    },
    THROWS_INSTEAD_OF_COMMITTING("changed its mind") {
      @Override
      <R> R run(Plain plain, TransactionBinding.Work<R> work) throws Exception {
        return plain.commit(
            connection -> {
              work.on(connection);
              throw new IllegalStateException("changed its mind");
            });
      }
    },
    IN_AUTO_COMMIT("auto-commit mode") {
      @Override
      <R> R run(Plain plain, TransactionBinding.Work<R> work) throws Exception {
        try (Connection connection = plain.pool.getConnection()) {
          Plain.HERE.set(connection);
          return work.on(connection);
        } finally {
          Plain.HERE.remove();
        }
      }
    },
    WITHOUT_CONNECTION("gave its work no connection") {
      @Override
      <R> R run(Plain plain, TransactionBinding.Work<R> work) throws Exception {
        return work.on(null);
      }
    },
    CLOSED("a connection that is closed") {
      @Override
      <R> R run(Plain plain, TransactionBinding.Work<R> work) throws Exception {
        Connection connection = plain.pool.getConnection();
        connection.close();
        return work.on(connection);
      }
    },
    ANOTHER_CONNECTION("current() does not give there") {
      @Override
      <R> R run(Plain plain, TransactionBinding.Work<R> work) throws Exception {
        try (Connection other = plain.pool.getConnection()) {
          other.setAutoCommit(false);
          return plain.commit(connection -> work.on(other));
        }
      }
    },
    NO_CURRENT_CONNECTION("current() does not give there") {
      @Override
      <R> R run(Plain plain, TransactionBinding.Work<R> work) throws Exception {
        return plain.commit(
            connection -> {
              Plain.HERE.remove();
              return work.on(connection);
            });
      }
    },
    SERIALIZABLE_ALREADY("not READ COMMITTED") {
      @Override
      <R> R run(Plain plain, TransactionBinding.Work<R> work) throws Exception {
        return plain.commit(
            connection -> {
              connection.createStatement().execute("set transaction isolation level serializable");
              connection.createStatement().execute("select count(*) from saved");
              return work.on(connection);
            });
      }
    };

    private final String message;

    Hostile(String message) {
      this.message = message;
    }

    abstract <R> R run(Plain plain, TransactionBinding.Work<R> work) throws Exception;
  }

  private Workflow<String, String> saves(AtomicInteger runs) {
    return Workflow.define("saves", String.class)
        .transaction(
            "save",
            (text, tx) -> {
              runs.incrementAndGet();
              try (var insert = tx.connection().prepareStatement("insert into saved values (?)")) {
                insert.setString(1, text);
                insert.executeUpdate();
              }
              return text;
            },
            with -> with.retry(RetryPolicy.constant(Duration.ofMillis(1)).maxAttempts(2)))
        .build();
  }

  private Durable open(Running running, Workflow<?, ?>... workflows) {
    return Durable.on(db.dataSource())
        .transactions(new Plain(db.dataSource(), running))
        .register(workflows)
        .startWorker();
  }

  private static Running running(Hostile hostile) {
    return new Running() {
      @Override
      public <R> R run(Plain plain, TransactionBinding.Work<R> work) throws Exception {
        return hostile.run(plain, work);
      }
    };
  }

  @ParameterizedTest
  @EnumSource
  @DisplayName("A binding that does not commit fails each attempt, says why, and leaves nothing")
  void notCommitted(Hostile hostile) {
    AtomicInteger runs = new AtomicInteger();
    Workflow<String, String> saves = saves(runs);
    try (Durable durable = open(running(hostile), saves)) {
      ExecutionHandle<String> handle = durable.start(saves, "x");
      assertThatThrownBy(() -> handle.result(EVENTUALLY)).hasMessageContaining(hostile.message);
      assertThat(durable.steps(handle.id()))
          .extracting(StepExecution::attempt)
          .containsExactly(1, 2);
      assertThat(db.rows("select item from saved")).isEmpty();
    }
  }

  /** What a binding does although the transaction is committed, or can be. */
  enum Odd {
    THROWS_AFTER_THE_COMMIT {
      @Override
      <R> R run(Plain plain, TransactionBinding.Work<R> work) throws Exception {
        plain.commit(work);
        throw new IllegalStateException("a listener failed");
      }
    },
    LOSES_THE_ANSWER {
      @Override
      <R> R run(Plain plain, TransactionBinding.Work<R> work) throws Exception {
        plain.commit(work);
        throw new SQLException("the connection is gone", "08006");
      }
    },
    COMMITS_TWICE {
      @Override
      <R> R run(Plain plain, TransactionBinding.Work<R> work) throws Exception {
        return plain.commit(
            connection -> {
              R result = work.on(connection);
              connection.commit();
              connection.commit();
              return result;
            });
      }
    },
    RUNS_AGAIN_AFTER_THE_COMMIT {
      @Override
      <R> R run(Plain plain, TransactionBinding.Work<R> work) throws Exception {
        plain.commit(work);
        return plain.commit(work);
      }
    },
    ANSWERS_SOMETHING_ELSE {
      @Override
      <R> R run(Plain plain, TransactionBinding.Work<R> work) throws Exception {
        plain.commit(work);
        return null;
      }
    },
    FAILS_TO_BEGIN_ONCE {
      @Override
      <R> R run(Plain plain, TransactionBinding.Work<R> work) throws Exception {
        if (ONCE.getAndSet(false)) {
          throw new IllegalStateException(new SQLException("no connection", "08001"));
        }
        return plain.commit(work);
      }
    },
    LOSES_THE_CONNECTION_ONCE {
      @Override
      <R> R run(Plain plain, TransactionBinding.Work<R> work) throws Exception {
        if (ONCE.getAndSet(false)) {
          return plain.commit(
              connection -> {
                work.on(connection);
                connection.abort(Runnable::run);
                throw new SQLException("the connection is gone", "08006");
              });
        }
        return plain.commit(work);
      }
    },
    SWALLOWS_A_COLLISION_ONCE {
      @Override
      <R> R run(Plain plain, TransactionBinding.Work<R> work) throws Exception {
        if (ONCE.getAndSet(false)) {
          return plain.commit(
              connection -> {
                work.on(connection);
                connection
                    .createStatement()
                    .execute("do $$ begin raise exception using errcode = '40001'; end $$");
                return null;
              });
        }
        return plain.commit(work);
      }
    };

    private static final AtomicBoolean ONCE = new AtomicBoolean();

    abstract <R> R run(Plain plain, TransactionBinding.Work<R> work) throws Exception;
  }

  @ParameterizedTest
  @EnumSource
  @DisplayName("What is committed counts once, whatever the binding says of it")
  void committed(Odd odd) {
    Odd.ONCE.set(true);
    Workflow<String, String> saves = saves(new AtomicInteger());
    Running running =
        new Running() {
          @Override
          public <R> R run(Plain plain, TransactionBinding.Work<R> work) throws Exception {
            return odd.run(plain, work);
          }
        };
    try (Durable durable = open(running, saves)) {
      ExecutionHandle<String> handle = durable.start(saves, "x");
      assertThat(handle.result(EVENTUALLY)).isEqualTo("x");
      assertThat(handle.status()).isEqualTo(ExecutionStatus.COMPLETED);
      assertThat(durable.steps(handle.id())).extracting(StepExecution::attempt).containsExactly(1);
      assertThat(db.rows("select item from saved")).containsExactly("x");
    }
  }

  @Test
  @DisplayName("A binding that swallows the failure of a body does not make it a success")
  void swallows() {
    Workflow<String, String> fails =
        Workflow.define("fails", String.class)
            .transaction(
                "fail",
                String.class,
                (text, tx) -> {
                  try (var insert = tx.connection().createStatement()) {
                    insert.executeUpdate("insert into saved values ('half')");
                  }
                  throw new IllegalStateException("the body's own");
                },
                with -> with.retry(RetryPolicy.none()))
            .build();
    Running swallowing =
        new Running() {
          @Override
          public <R> R run(Plain plain, TransactionBinding.Work<R> work) throws Exception {
            return plain.commit(
                connection -> {
                  try {
                    return work.on(connection);
                  } catch (Exception swallowed) {
                    return null;
                  }
                });
          }
        };
    try (Durable durable = open(swallowing, fails)) {
      assertThatThrownBy(() -> durable.start(fails, "x").result(EVENTUALLY))
          .hasMessageContaining("the body's own");
      assertThat(db.rows("select item from saved")).isEmpty();
    }
  }

  // ---- current() ----

  private void refuses(Optional<Connection> current, String message) {
    TransactionBinding binding =
        new TransactionBinding() {
          @Override
          public Optional<Connection> current() {
            return current;
          }

          @Override
          public <R> R inNewTransaction(Work<R> work) {
            throw new AssertionError();
          }
        };
    refuses(binding, message);
  }

  private void refuses(TransactionBinding binding, String message) {
    try (Durable durable =
        Durable.on(db.dataSource()).transactions(binding).register(ECHO).build()) {
      assertThatThrownBy(() -> durable.start(ECHO, "x"))
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining(message);
      assertThatThrownBy(() -> durable.questions().list(q -> {}))
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining(message);
      durable.independently().questions().list(q -> {});
    }
  }

  @Test
  @DisplayName("A connection that cannot be joined is refused, and the message says what to do")
  void unfitConnections() throws Exception {
    Connection connection = db.newConnection();
    refuses(Optional.of(connection), "in auto-commit mode, which is in no transaction");
    connection.close();
    refuses(Optional.of(connection), "gave a connection that is closed");
    refuses((Optional<Connection>) null, "current() returned null");
    try (TestDatabase other = TestDatabase.migrated();
        Connection elsewhere = other.newConnection()) {
      elsewhere.setAutoCommit(false);
      refuses(Optional.of(elsewhere), "they cannot commit together");
    }
    refuses(
        new TransactionBinding() {
          @Override
          public Optional<Connection> current() {
            throw new IllegalArgumentException("no idea");
          }

          @Override
          public <R> R inNewTransaction(Work<R> work) {
            throw new AssertionError();
          }
        },
        "current() failed, so it is not known whether this thread is in a transaction: "
            + "java.lang.IllegalArgumentException: no idea");
  }
}
