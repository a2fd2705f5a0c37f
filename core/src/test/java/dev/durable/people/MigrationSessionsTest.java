package dev.durable.people;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import dev.durable.migration.DurableMigration;
import dev.durable.migration.MigrationException;
import dev.durable.testing.Proves;
import dev.durable.testing.TestDatabase;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import javax.sql.DataSource;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@DisplayName("Migrations on sessions and pools of others")
class MigrationSessionsTest {

  private final TestDatabase db = TestDatabase.empty();

  @AfterEach
  void close() {
    db.close();
  }

  private static DurableMigration on(DataSource dataSource) {
    return DurableMigration.on(dataSource).log(System.Logger.Level.OFF);
  }

  private DataSource with(String setting) {
    String options = "-c " + setting.replace(" ", "\\ ").replace("=", "=");
    return Roles.with(
        db, "options=" + URLEncoder.encode(options, StandardCharsets.UTF_8).replace("+", "%20"));
  }

  private HikariDataSource manualPool() {
    HikariConfig config = new HikariConfig();
    config.setJdbcUrl(db.url());
    config.setUsername(db.user());
    config.setPassword(db.password());
    config.setAutoCommit(false);
    config.setMaximumPoolSize(1);
    return new HikariDataSource(config);
  }

  private long migrated() {
    return on(Roles.with(db, "ApplicationName=look")).migratedVersion();
  }

  @Test
  @Proves("F3.3")
  @DisplayName("A pool with auto-commit off: a migration logged as done is committed")
  void autoCommitOff() throws SQLException {
    try (HikariDataSource pool = manualPool()) {
      on(pool).up();
      assertThat(migrated()).isEqualTo(DurableMigration.currentVersion());
      try (Connection connection = pool.getConnection()) {
        assertThat(connection.getAutoCommit()).isFalse();
      }
      assertThat(on(pool).pendingVersions()).isEmpty();
      on(pool).down();
      assertThat(migrated()).isZero();
    }
  }

  @Test
  @Proves("F3.3")
  @DisplayName("A plain connection comes back with auto-commit as it was, whatever happens")
  void asFound() throws SQLException {
    try (Connection kept = db.newConnection()) {
      DataSource source = unclosed(kept);
      for (boolean autoCommit : new boolean[] {true, false}) {
        kept.setAutoCommit(autoCommit);
        on(source).up();
        assertThat(kept.getAutoCommit()).isEqualTo(autoCommit);
        db.script("create view in_the_way as select id from durable.workflow_executions");
        assertThatThrownBy(() -> on(source).down()).isInstanceOf(MigrationException.class);
        assertThat(kept.getAutoCommit()).isEqualTo(autoCommit);
        assertThat(migrated()).isEqualTo(DurableMigration.currentVersion());
        db.script("drop view in_the_way");
        on(source).down();
        assertThat(migrated()).isZero();
      }
      if (!kept.getAutoCommit()) {
        kept.rollback();
      }
    }
  }

  @Test
  @Proves("F3.3")
  @DisplayName("A transaction that a pool left open is no part of the migration")
  void leftOpen() throws SQLException {
    try (Connection kept = db.newConnection();
        Statement statement = kept.createStatement()) {
      kept.setAutoCommit(false);
      statement.execute("select 1");
      on(unclosed(kept)).up();
      assertThat(migrated()).isEqualTo(DurableMigration.currentVersion());
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "default_transaction_isolation=repeatable read",
        "default_transaction_isolation=serializable",
        "default_transaction_read_only=on",
        "default_transaction_deferrable=on",
        "search_path=",
        "search_path=hostile,pg_catalog",
        "standard_conforming_strings=off",
        "array_nulls=off",
        "quote_all_identifiers=on",
        "check_function_bodies=off",
        "client_min_messages=debug1",
        "bytea_output=escape",
        "DateStyle=SQL,DMY",
        "IntervalStyle=sql_standard",
        "TimeZone=Pacific/Apia",
        "enable_seqscan=off",
        "synchronous_commit=off",
        "idle_in_transaction_session_timeout=1ms",
        "transform_null_equals=on",
        "extra_float_digits=-15"
      })
  @Proves("F3.3")
  @DisplayName("Every default of the session does")
  void defaults(String setting) {
    db.script(
        "create schema hostile; create table hostile.pg_class (a int);"
            + " create function hostile.now() returns int language sql as 'select 1/0';"
            + " create function hostile.lower(text) returns text language sql as 'select ''no''';"
            + " create function hostile.hashtextextended(text, int) returns bigint language sql as"
            + " 'select 1/0'");
    on(with(setting)).up();
    assertThat(on(with(setting)).pendingVersions()).isEmpty();
    assertThat(on(with(setting)).checksumMismatches()).isEmpty();
    on(with(setting)).down();
    assertThat(migrated()).isZero();
    db.script("drop schema hostile cascade");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"statement_timeout=250ms", "lock_timeout=250ms", "transaction_timeout=250ms"})
  @Proves("F3.3")
  @DisplayName("Two at once wait for each other, whatever the session's timeouts are")
  void timeouts(String setting) throws Exception {
    assumeTrue(!setting.startsWith("transaction") || db.majorVersion() >= 17);
    try (Connection other = db.newConnection()) {
      other.setAutoCommit(false);
      DurableMigration.on(other).log(System.Logger.Level.OFF).up();
      CompletableFuture<Void> second = CompletableFuture.runAsync(() -> on(with(setting)).up());
      // Longer than the timeout of its session.
      assertThatThrownBy(() -> second.get(700, TimeUnit.MILLISECONDS))
          .isInstanceOf(TimeoutException.class);
      other.commit();
      second.get();
    }
    assertThat(migrated()).isEqualTo(DurableMigration.currentVersion());
  }

  @Test
  @Proves("F3.3")
  @DisplayName("In a transaction of the caller's, settings stay as they were")
  void callersSettings() throws SQLException {
    try (Connection connection = db.newConnection();
        Statement statement = connection.createStatement()) {
      connection.setAutoCommit(false);
      statement.execute("set search_path = public, pg_temp; set local lock_timeout = '7s'");
      DurableMigration.on(connection).log(System.Logger.Level.OFF).up();
      try (var row =
          statement.executeQuery(
              "select current_setting('search_path'), current_setting('lock_timeout')")) {
        row.next();
        assertThat(row.getString(1)).isEqualTo("public, pg_temp");
        assertThat(row.getString(2)).isEqualTo("7s");
      }
      connection.commit();
    }
    assertThat(migrated()).isEqualTo(DurableMigration.currentVersion());
  }

  private static DataSource unclosed(Connection connection) {
    return Proxies.source(Proxies.unclosed(connection));
  }
}
