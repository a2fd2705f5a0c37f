package dev.durable.acceptance;

import static dev.durable.testing.DurableFixture.EVENTUALLY;
import static java.time.Duration.ofMillis;
import static java.time.Duration.ofSeconds;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import dev.durable.Durable;
import dev.durable.execution.ExecutionFailedException;
import dev.durable.execution.ExecutionHandle;
import dev.durable.execution.ExecutionStatus;
import dev.durable.execution.StepExecution;
import dev.durable.retry.RetryPolicy;
import dev.durable.testing.DatabaseExtension;
import dev.durable.testing.Gate;
import dev.durable.testing.Proves;
import dev.durable.testing.TestDatabase;
import dev.durable.workflow.TransactionBody;
import dev.durable.workflow.TransactionContext;
import dev.durable.workflow.Workflow;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
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
  private final AtomicInteger runs = new AtomicInteger();

  TransactionFaultTest(TestDatabase db) {
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

  private Workflow<String, String> booking(TransactionBody<String, String, String> body) {
    return booking(body, Duration.ofMinutes(5));
  }

  private Workflow<String, String> booking(
      TransactionBody<String, String, String> body, Duration timeout) {
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

  private static void book(TransactionContext<?> tx, String item) throws SQLException {
    try (PreparedStatement insert =
        tx.connection().prepareStatement("insert into booked values (?)")) {
      insert.setString(1, item);
      insert.executeUpdate();
    }
  }

  private static void execute(TransactionContext<?> tx, String sql) throws SQLException {
    try (Statement statement = tx.connection().createStatement()) {
      statement.execute(sql);
    }
  }

  private static int pid(TransactionContext<?> tx) throws SQLException {
    try (Statement statement = tx.connection().createStatement();
        ResultSet row = statement.executeQuery("select pg_backend_pid()")) {
      row.next();
      return row.getInt(1);
    }
  }

  private void awaitEnd(int pid) {
    Gate.until(() -> db.number("select count(*) from pg_stat_activity where pid = " + pid) == 0);
  }

  /** The execution fails after both attempts, each counted and each of one run. */
  private String failsTwice(DataSource pool, Workflow<String, String> workflow) {
    try (Durable durable = Durable.on(pool).register(workflow).start()) {
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
  private void completesInItsFirstAttempt(DataSource pool, Workflow<String, String> workflow) {
    try (Durable durable = Durable.on(pool).register(workflow).start()) {
      ExecutionHandle<String> handle = durable.start(workflow, "x");
      assertThat(handle.result(EVENTUALLY)).isEqualTo("x");
      assertThat(durable.steps(handle.id())).extracting(StepExecution::attempt).containsExactly(1);
      assertThat(db.rows("select item from booked")).containsExactly("x");
    }
  }

  enum Ending {
    IDLE {
      @Override
      void end(TransactionFaultTest test, TransactionContext<?> tx) throws SQLException {
        int pid = pid(tx);
        execute(tx, "set local idle_in_transaction_session_timeout = '20ms'");
        test.awaitEnd(pid);
        execute(tx, "select 1");
      }
    },
    IDLE_AT_ITS_END {
      @Override
      void end(TransactionFaultTest test, TransactionContext<?> tx) throws SQLException {
        int pid = pid(tx);
        execute(tx, "set local idle_in_transaction_session_timeout = '20ms'");
        test.awaitEnd(pid);
      }
    },
    TOO_LONG {
      @Override
      void end(TransactionFaultTest test, TransactionContext<?> tx) throws SQLException {
        assumeTrue(test.db.majorVersion() >= 17);
        execute(tx, "set local transaction_timeout = '50ms'");
        execute(tx, "select pg_sleep(60)");
      }
    },
    TERMINATED {
      @Override
      void end(TransactionFaultTest test, TransactionContext<?> tx) throws SQLException {
        execute(tx, "select pg_terminate_backend(pg_backend_pid())");
      }
    },
    TERMINATED_AND_SWALLOWED {
      @Override
      void end(TransactionFaultTest test, TransactionContext<?> tx) {
        try {
          execute(tx, "select pg_terminate_backend(pg_backend_pid())");
        } catch (SQLException swallowed) {
          // That is what it is for.
        }
      }
    },
    READ_ONLY {
      @Override
      void end(TransactionFaultTest test, TransactionContext<?> tx) throws SQLException {
        execute(tx, "set transaction read only");
      }
    };

    abstract void end(TransactionFaultTest test, TransactionContext<?> tx) throws SQLException;
  }

  @ParameterizedTest
  @EnumSource
  @Proves("F1.3")
  @DisplayName("A body that ends its connection, or its right to write, has failed")
  void whatABodyDoesToItsConnectionIsItsFailure(Ending ending) {
    if (ending == Ending.TOO_LONG) {
      assumeTrue(db.majorVersion() >= 17);
    }
    failsTwice(
        db.dataSource(),
        booking(
            (text, tx) -> {
              book(tx, text);
              ending.end(this, tx);
              return text;
            }));
  }

  @Test
  @Proves("F1.3")
  @DisplayName("A session that the pool's role ends when it is idle: the body has failed")
  void theRolesOwnLimitIsTheBodysFailure() {
    failsTwice(
        with("set idle_in_transaction_session_timeout = '100ms'"),
        booking(
            (text, tx) -> {
              book(tx, text);
              awaitEnd(pid(tx));
              execute(tx, "select 1");
              return text;
            }));
  }

  @ParameterizedTest
  @EnumSource(names = {"IDLE", "TERMINATED"})
  @Proves("F1.3")
  @DisplayName("What a body throws after its connection has ended is the step's error")
  void theBodysOwnExceptionIsTold(Ending ending) {
    String told =
        failsTwice(
            db.dataSource(),
            booking(
                (text, tx) -> {
                  book(tx, text);
                  try {
                    ending.end(this, tx);
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
    failsTwice(
        db.dataSource(),
        booking(
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
        booking(
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
      assertThat(runs).hasValueBetween(2, 12);
    }
  }

  enum Wrapping {
    BARE,
    CAUSE,
    DEEP,
    WITHOUT_CAUSE,
    SWALLOWED;

    void wrap(SQLException failure) throws Exception {
      switch (this) {
        case BARE -> throw failure;
        case CAUSE -> throw new IllegalStateException("a library's", failure);
        case DEEP -> throw new Error(new RuntimeException(new IllegalStateException(failure)));
        case WITHOUT_CAUSE -> throw new IllegalStateException("a library's");
        case SWALLOWED -> {}
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  @Proves("F1.4")
  @DisplayName("A collision is run again and not counted, whatever wraps it")
  void aCollisionIsNotCounted(Wrapping wrapping) {
    for (String state : List.of("40001", "40P01")) {
      runs.set(0);
      db.script("truncate booked");
      completesInItsFirstAttempt(
          db.dataSource(),
          booking(
              (text, tx) -> {
                book(tx, text);
                if (runs.get() < 3) {
                  try {
                    execute(
                        tx,
                        "do $$ begin raise exception 'x' using errcode = '" + state + "'; end $$");
                  } catch (SQLException collision) {
                    wrapping.wrap(collision);
                  }
                }
                return text;
              }));
      assertThat(runs).hasValue(3);
    }
  }

  @Test
  @Proves("F1.4")
  @DisplayName("A collision of another database, or one that the body makes up, is its failure")
  void aForeignCollisionIsTheBodys() {
    String told =
        failsTwice(
            db.dataSource(),
            booking(
                (text, tx) -> {
                  throw new IllegalStateException(
                      "elsewhere", new SQLException("could not serialize", "40001"));
                }));
    assertThat(told).contains("elsewhere");
  }

  @Test
  @Proves("F1.3")
  @DisplayName("A body that cancels its own execution in its transaction has failed")
  void theBodyCancelsItself() {
    AtomicReference<Durable> durable = new AtomicReference<>();
    Workflow<String, String> booking =
        booking(
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

  @Test
  @Proves("F1.4")
  @DisplayName("A collision that a savepoint has undone is over")
  void aCollisionBeforeASavepointIsOver() {
    failsTwice(
        db.dataSource(),
        booking(
            (text, tx) -> {
              var before = tx.connection().setSavepoint();
              try {
                execute(tx, "do $$ begin raise exception 'x' using errcode = '40001'; end $$");
              } catch (SQLException collision) {
                tx.connection().rollback(before);
              }
              throw new IllegalStateException("out of stock");
            }));
  }

  @Test
  @Proves("F1.5")
  @DisplayName("A lock timeout of the body's own is its failure")
  void theBodysLockTimeout() throws SQLException {
    try (Connection other = db.newConnection();
        Statement locks = other.createStatement()) {
      other.setAutoCommit(false);
      locks.execute("update account set owner = 2");
      String told =
          failsTwice(
              db.dataSource(),
              booking(
                  (text, tx) -> {
                    execute(tx, "set local lock_timeout = '10ms'");
                    execute(tx, "update account set owner = 3");
                    return text;
                  }));
      assertThat(told).contains("lock timeout");
      other.rollback();
    }
  }

  @Test
  @Proves("F1.5")
  @DisplayName("A lock that the checkpoint does not get in time counts no attempt")
  void theCheckpointsLockTimeout() throws SQLException {
    AtomicBoolean held = new AtomicBoolean();
    try (Connection other = db.newConnection();
        Statement locks = other.createStatement()) {
      other.setAutoCommit(false);
      Workflow<String, String> workflow =
          booking(
              (text, tx) -> {
                if (runs.get() == 1) {
                  locks.execute(
                      "select from durable.workflow_executions where id = '"
                          + tx.execution().id()
                          + "' for update");
                  held.set(true);
                } else if (held.getAndSet(false)) {
                  other.rollback();
                }
                book(tx, text);
                // Limits that the body chooses for itself are not those of the checkpoint.
                execute(tx, "set local lock_timeout = '20ms'");
                return text;
              });
      completesInItsFirstAttempt(db.dataSource(), workflow);
    }
  }

  @Test
  @Proves("F1.5")
  @DisplayName("Limits that a body sets for itself do not hold for its checkpoint")
  void theBodysLimitsEndWithIt() throws SQLException {
    try (Connection other = db.newConnection();
        Statement locks = other.createStatement()) {
      other.setAutoCommit(false);
      Workflow<String, String> workflow =
          booking(
              (text, tx) -> {
                locks.execute(
                    "select from durable.workflow_executions where id = '"
                        + tx.execution().id()
                        + "' for update");
                book(tx, text);
                execute(tx, "set local statement_timeout = '100ms'");
                return text;
              });
      try (Durable durable = db.start(workflow)) {
        ExecutionHandle<String> handle = durable.start(workflow, "x");
        Gate.until(
            () ->
                db.number(
                        "select count(*) from pg_stat_activity where datname = current_database()"
                            + " and wait_event_type = 'Lock'"
                            + " and clock_timestamp() - query_start > interval '300ms'")
                    >= 1);
        other.rollback();
        assertThat(handle.result(EVENTUALLY)).isEqualTo("x");
        assertThat(runs).hasValue(1);
      }
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
    completesInItsFirstAttempt(
        losing,
        booking(
            (text, tx) -> {
              book(tx, text);
              return text;
            }));
    assertThat(runs).hasValue(1);
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
    completesInItsFirstAttempt(
        losing,
        booking(
            (text, tx) -> {
              book(tx, text);
              return text;
            }));
    assertThat(runs).hasValue(2);
  }

  @Test
  @Proves("F1.3")
  @DisplayName("A connection that the database loses runs the body again, uncounted")
  void aLostConnectionCountsNoAttempt() {
    completesInItsFirstAttempt(
        db.dataSource(),
        booking(
            (text, tx) -> {
              book(tx, text);
              if (runs.get() < 3) {
                db.script("select pg_terminate_backend(" + pid(tx) + ")");
                execute(tx, "select 1");
              }
              return text;
            }));
    assertThat(runs).hasValue(3);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "set work_mem = '5MB'",
        "SET SESSION search_path = pg_catalog",
        "/* x */ set time zone 'Europe/Rome'",
        "reset work_mem",
        "select set_config('work_mem', '6MB', false)",
        "do $x$ begin set enable_seqscan = off; end $x$",
        "set session characteristics as transaction isolation level serializable",
        "set role pg_monitor; set role none",
        "set session authorization default",
        "listen news",
        "prepare mine as select 1",
        "create temp table mine (id int)",
        "create table pg_temp.mine (id int)",
        "select 1 as id into temporary mine",
        "declare mine cursor with hold for select 1",
        "select pg_advisory_lock(7)",
        "select pg_try_advisory_lock_shared(8)",
        "discard plans",
        "set local work_mem = '5MB'; set enable_indexscan = off"
      })
  @Proves("F3.2")
  @DisplayName("Nothing that a body does to its session is left for the application")
  void sessionsComeBackAsTheyWereFound(String sql) throws SQLException {
    try (var pool = applicationPool()) {
      completesInItsFirstAttempt(
          pool,
          booking(
              (text, tx) -> {
                book(tx, text);
                execute(tx, sql);
                return text;
              }));
      everySessionIsUntouched(pool);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "set role pg_monitor",
        "set local role pg_monitor",
        "select set_config('role', 'pg_monitor', true)"
      })
  @Proves("F1.3")
  @DisplayName("A body that leaves its checkpoint without rights has failed, and is told why")
  void aRoleThatMayNotWriteTheCheckpoint(String sql) {
    String told =
        failsTwice(
            db.dataSource(),
            booking(
                (text, tx) -> {
                  execute(tx, sql);
                  return text;
                }));
    assertThat(told).contains("role");
  }

  enum Setter {
    SCHEMA {
      @Override
      void call(Connection connection) throws SQLException {
        connection.setSchema("pg_catalog");
      }
    },
    CLIENT_INFO {
      @Override
      void call(Connection connection) throws SQLException {
        connection.setClientInfo("ApplicationName", "mine");
      }
    },
    HOLDABILITY {
      @Override
      void call(Connection connection) throws SQLException {
        connection.setHoldability(ResultSet.HOLD_CURSORS_OVER_COMMIT);
      }
    };

    abstract void call(Connection connection) throws SQLException;
  }

  @ParameterizedTest
  @EnumSource
  @Proves("F3.2")
  @DisplayName("What a body sets by JDBC is not left for the application either")
  void settersDoNotLast(Setter setter) throws SQLException {
    try (var pool = applicationPool()) {
      completesInItsFirstAttempt(
          pool,
          booking(
              (text, tx) -> {
                book(tx, text);
                setter.call(tx.connection());
                return text;
              }));
      everySessionIsUntouched(pool);
    }
  }

  @Test
  @Proves("F3.2")
  @DisplayName("A function that changes what the driver reports is noticed")
  void functionsThatChangeTheSession() throws SQLException {
    db.script(
        "create or replace function sneaky() returns void language sql as"
            + " $$ select set_config('TimeZone', 'Europe/Rome', false) $$");
    try (var pool = applicationPool()) {
      completesInItsFirstAttempt(
          pool,
          booking(
              (text, tx) -> {
                book(tx, text);
                execute(tx, "select sneaky()");
                return text;
              }));
      everySessionIsUntouched(pool);
    }
  }

  private HikariDataSource applicationPool() {
    HikariConfig config = new HikariConfig();
    config.setJdbcUrl(db.url());
    config.setUsername(db.user());
    config.setPassword(db.password());
    config.setMaximumPoolSize(6);
    config.setMinimumIdle(0);
    config.setConnectionInitSql("set work_mem = '7MB'");
    return new HikariDataSource(config);
  }

  private static void everySessionIsUntouched(DataSource pool) throws SQLException {
    List<Connection> all = new CopyOnWriteArrayList<>();
    try {
      for (int i = 0; i < 6; i++) {
        Connection connection = pool.getConnection();
        all.add(connection);
        assertThat(connection.getAutoCommit()).isTrue();
        assertThat(connection.isReadOnly()).isFalse();
        assertThat(connection.getHoldability()).isEqualTo(ResultSet.CLOSE_CURSORS_AT_COMMIT);
        assertThat(connection.getTransactionIsolation())
            .isEqualTo(Connection.TRANSACTION_READ_COMMITTED);
        assertThat(connection.getSchema()).isEqualTo("public");
        try (Statement statement = connection.createStatement();
            ResultSet row =
                statement.executeQuery(
                    """
                    select current_setting('work_mem'), current_setting('TimeZone'),
                      current_setting('enable_seqscan'), current_setting('enable_indexscan'),
                      current_user = session_user,
                      (select count(*) from pg_catalog.pg_prepared_statements where name = 'mine'),
                      (select count(*) from pg_catalog.pg_listening_channels()),
                      (select count(*) from pg_catalog.pg_class where relname = 'mine'
                         and pg_catalog.pg_table_is_visible(oid)),
                      (select count(*) from pg_catalog.pg_cursors where name = 'mine'),
                      current_setting('default_transaction_isolation'),
                      current_setting('application_name') = 'mine'
                    """)) {
          row.next();
          StringBuilder found = new StringBuilder();
          for (int column = 1; column <= 11; column++) {
            found.append(column == 1 ? "" : "|").append(row.getString(column));
          }
          assertThat(found.toString())
              .isEqualTo("7MB|Asia/Kolkata|on|on|t|0|0|0|0|read committed|f");
        }
      }
      try (Statement statement = all.getFirst().createStatement();
          ResultSet row =
              statement.executeQuery("select count(*) from pg_locks where locktype = 'advisory'")) {
        row.next();
        assertThat(row.getInt(1)).isZero();
      }
    } finally {
      for (Connection connection : all) {
        connection.close();
      }
    }
  }

  @Test
  @Proves("F3.2")
  @DisplayName(
      "A transaction step is read committed and writes, whatever the session's defaults " + "are")
  void defaultsOfTheSessionDoNotMatter() {
    List<String> seen = new CopyOnWriteArrayList<>();
    completesInItsFirstAttempt(
        with(
            "set default_transaction_isolation = 'serializable';"
                + " set default_transaction_read_only = on"),
        booking(
            (text, tx) -> {
              book(tx, text);
              try (Statement statement = tx.connection().createStatement();
                  ResultSet row = statement.executeQuery("show transaction_isolation")) {
                row.next();
                seen.add(row.getString(1));
              }
              return text;
            }));
    assertThat(seen).containsExactly("read committed");
  }

  @Test
  @Proves("F3.7")
  @DisplayName("A body that runs out of time does not block its own retry")
  void aTimeoutCancelsTheStatement() {
    Workflow<String, String> workflow =
        booking(
            (text, tx) -> {
              execute(tx, "update account set owner = owner + 1");
              if (runs.get() == 1) {
                execute(tx, "select pg_sleep(600)");
              }
              book(tx, text);
              return text;
            },
            ofSeconds(3));
    try (Durable durable = db.start(workflow)) {
      assertThat(durable.start(workflow, "x").result(EVENTUALLY)).isEqualTo("x");
      assertThat(runs).hasValue(2);
      awaitNoSleeper();
    }
  }

  @Test
  @Proves("F3.7")
  @DisplayName("A cancel ends the statement of the body, and frees its locks")
  void aCancelCancelsTheStatement() {
    Workflow<String, String> workflow =
        booking(
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
  @DisplayName("An Error of the body is told, and its slot is free")
  void anErrorOfTheBody() {
    Workflow<String, String> workflow =
        booking(
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
        booking(
            (text, tx) -> {
              book(tx, text);
              return text;
            });
    try (Durable durable = Durable.on(failing).register(workflow).start()) {
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
          failsTwice(
              db.dataSource(),
              booking(
                  (text, tx) -> {
                    execute(tx, "update account set owner = 99");
                    return text;
                  }));
      assertThat(told).contains("owned");
    } finally {
      db.script("alter table account drop constraint owned");
    }
  }

  /** A pool whose connections begin with these settings. */
  private DataSource with(String settings) {
    return on(
        db.dataSource(),
        (method, call) -> {
          Object answer = call.get();
          if (method.equals("getConnection") && isOfAStep()) {
            Connection fresh = db.newConnection();
            ((Connection) answer).close();
            try (Statement statement = fresh.createStatement()) {
              statement.execute(settings);
            }
            return fresh;
          }
          return answer;
        });
  }

  /** Steps run on virtual threads, all else of the engine on threads of its own. */
  private static boolean isOfAStep() {
    return Thread.currentThread().isVirtual();
  }

  private interface Call {
    Object get() throws Throwable;
  }

  private interface Around {
    Object call(String method, Call target) throws Throwable;
  }

  private static DataSource on(DataSource pool, Around around) {
    return around(DataSource.class, pool, around);
  }

  private static <T> T around(Class<T> type, T target, Around around) {
    return type.cast(
        Proxy.newProxyInstance(
            TransactionFaultTest.class.getClassLoader(),
            new Class<?>[] {type},
            (self, method, arguments) -> {
              Object answer =
                  around.call(
                      method.getName(),
                      () -> {
                        try {
                          return method.invoke(target, arguments);
                        } catch (InvocationTargetException failure) {
                          throw failure.getCause();
                        }
                      });
              return answer instanceof Connection connection && type == DataSource.class
                  ? around(Connection.class, connection, around)
                  : answer;
            }));
  }
}
