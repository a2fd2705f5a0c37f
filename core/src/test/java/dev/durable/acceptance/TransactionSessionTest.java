package dev.durable.acceptance;

import static dev.durable.acceptance.Bookings.book;
import static dev.durable.acceptance.Bookings.execute;
import static dev.durable.acceptance.ConnectionCalls.with;
import static org.assertj.core.api.Assertions.assertThat;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import dev.durable.testing.DatabaseExtension;
import dev.durable.testing.Proves;
import dev.durable.testing.TestDatabase;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import javax.sql.DataSource;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a transaction step does when its body, its connection or the database fails. */
@ExtendWith(DatabaseExtension.class)
@Tag("newest")
@DisplayName("Sessions of transaction steps")
class TransactionSessionTest {

  private final TestDatabase db;
  private final Bookings bookings;

  TransactionSessionTest(TestDatabase db) {
    this.db = db;
    this.bookings = new Bookings(db);
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
      bookings.completesInItsFirstAttempt(
          pool,
          bookings.booking(
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
  @DisplayName(
      "A body that leaves its checkpoint without rights has failed, and the error says why")
  void aRoleThatMayNotWriteTheCheckpoint(String sql) {
    String told =
        bookings.failsTwice(
            db.dataSource(),
            bookings.booking(
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
  @DisplayName("Settings that a body makes by JDBC are not left for the application either")
  void settersDoNotLast(Setter setter) throws SQLException {
    try (var pool = applicationPool()) {
      bookings.completesInItsFirstAttempt(
          pool,
          bookings.booking(
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
      bookings.completesInItsFirstAttempt(
          pool,
          bookings.booking(
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
      "A transaction step is read committed and writes, whatever the session's defaults are")
  void defaultsOfTheSessionDoNotMatter() {
    List<String> seen = new CopyOnWriteArrayList<>();
    bookings.completesInItsFirstAttempt(
        with(
            db,
            "set default_transaction_isolation = 'serializable';"
                + " set default_transaction_read_only = on"),
        bookings.booking(
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
}
