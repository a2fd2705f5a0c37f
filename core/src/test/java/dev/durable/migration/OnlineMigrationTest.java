package dev.durable.migration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.durable.testing.Gate;
import dev.durable.testing.Proves;
import dev.durable.testing.TestDatabase;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Migrations of a library to come, on tables that are in use. */
class OnlineMigrationTest {

  private static final String INDEXES =
      """
      select c.relname || ' ' || i.indisvalid from pg_index i join pg_class c on c.oid = i.indexrelid
      where c.relname in ('workflow_executions_note', 'workflow_executions_origin') order by 1""";
  private static final String BUILDING =
      "select count(*) from pg_stat_activity where query like '%index concurrently%'"
          + " and pid <> pg_backend_pid() and wait_event_type = 'Lock'"
          + " and datname = current_database()";
  private static final List<String> BOTH_VALID =
      List.of("workflow_executions_note true", "workflow_executions_origin true");

  private final TestDatabase db = TestDatabase.migrated();
  private final ExecutorService threads = Executors.newCachedThreadPool();

  private DurableMigration next() {
    return DurableMigration.on(db.dataSource()).knowing(NextLibrary.upTo(NextLibrary.VALID));
  }

  private DurableMigration next(Connection connection) {
    return DurableMigration.on(connection).knowing(NextLibrary.upTo(NextLibrary.VALID));
  }

  @Test
  @Proves("issue 14")
  @DisplayName("Each kind of migration runs as it must, on a data source")
  void up() {
    next().up();
    assertThat(next().pendingVersions()).isEmpty();
    assertThat(next().checksumMismatches()).isEmpty();
    assertThat(db.rows(INDEXES)).isEqualTo(BOTH_VALID);
    next().down();
    assertThat(db.catalogue("durable")).isEmpty();
  }

  @Test
  @Proves("issue 14")
  @DisplayName("From nothing, everything is one transaction, also the caller's")
  void fromNothing() throws SQLException {
    try (TestDatabase empty = TestDatabase.empty();
        Connection connection = empty.newConnection()) {
      connection.setAutoCommit(false);
      next(connection).up();
      connection.rollback();
      assertThat(empty.catalogue("durable")).isEmpty();
      next(connection).up();
      connection.commit();
      assertThat(empty.rows(INDEXES)).isEqualTo(BOTH_VALID);
      next().up();
      assertThat(empty.catalogue("durable")).isEqualTo(db.catalogue("durable"));
    }
  }

  @Test
  @Proves("issue 14")
  @DisplayName("In a caller's transaction an upgrade that needs none is refused, whole")
  void withinATransaction() throws SQLException {
    try (Connection connection = db.newConnection()) {
      connection.setAutoCommit(false);
      assertThatExceptionOfType(MigrationException.class)
          .isThrownBy(() -> next(connection).up())
          .withMessageContainingAll(
              "" + NextLibrary.INDEX.number(), "runInTransaction", "Nothing was changed");
      next(connection).to(NextLibrary.NOTE.number()).up();
      connection.commit();
      assertThat(next().migratedVersion()).isEqualTo(NextLibrary.NOTE.number());

      connection.setAutoCommit(true);
      next(connection).up();
      assertThat(next().pendingVersions()).isEmpty();
      assertThat(connection.getAutoCommit()).isTrue();
    }
  }

  @Test
  @Proves("issue 14")
  @DisplayName("A migration killed while it built an index leaves one that is rebuilt")
  void interrupted() throws Exception {
    next().to(NextLibrary.NOTE.number()).up();
    try (Connection writer = db.newConnection();
        Connection migrating = db.newConnection()) {
      holdUp(writer);
      Future<?> killed = threads.submit(() -> next(migrating).up());
      Gate.until(() -> db.number(BUILDING) == 1);
      terminate(migrating);
      assertThatExceptionOfType(java.util.concurrent.ExecutionException.class)
          .isThrownBy(killed::get)
          .withCauseInstanceOf(MigrationException.class)
          .withMessageContaining("Run it again");
      assertThat(db.rows(INDEXES)).isEqualTo(List.of("workflow_executions_note false"));
      writer.rollback();
    }
    next().up();
    assertThat(db.rows(INDEXES)).isEqualTo(BOTH_VALID);
    assertThat(next().pendingVersions()).isEmpty();
  }

  @Test
  @Proves("issue 14")
  @DisplayName("Migrations at once build each index once, and none waits for the other's lock")
  void atOnce() throws Exception {
    try (Connection writer = db.newConnection()) {
      holdUp(writer);
      // The first migration alters the table, which waits for the writer; all others wait for it.
      CountDownLatch begun = new CountDownLatch(4);
      List<Future<?>> all = new ArrayList<>();
      for (int i = 0; i < 4; i++) {
        all.add(
            threads.submit(
                () -> {
                  begun.countDown();
                  next().up();
                }));
      }
      begun.await();
      writer.rollback();
      for (Future<?> one : all) {
        one.get();
      }
    }
    assertThat(db.rows(INDEXES)).isEqualTo(BOTH_VALID);
    assertThat(next().pendingVersions()).isEmpty();
  }

  @Test
  @Proves("issue 14")
  @DisplayName("A second migration that comes while an index is being built lets it finish")
  void whileAnIndexIsBuilt() throws Exception {
    next().to(NextLibrary.NOTE.number()).up();
    try (Connection writer = db.newConnection()) {
      holdUp(writer);
      Future<?> first = threads.submit(() -> next().up());
      Gate.until(() -> db.number(BUILDING) == 1);
      Future<?> second = threads.submit(() -> next().up());
      Gate.until(
          () ->
              db.number(
                      "select count(*) from pg_stat_activity where query like '%pg_try_advisory%'"
                          + " and pid <> pg_backend_pid() and datname = current_database()")
                  >= 1);
      writer.rollback();
      first.get();
      second.get();
    }
    assertThat(db.rows(INDEXES)).isEqualTo(BOTH_VALID);
  }

  @Test
  @Proves("issue 14")
  @DisplayName("A table in use is not awaited forever: it is tried again while others continue")
  void lockTimeout() throws Exception {
    try (Connection reader = db.newConnection();
        Connection migrating = db.newConnection()) {
      holdUp(reader);
      execute(migrating, "set lock_timeout = '50ms'");
      Future<?> up = threads.submit(() -> next(migrating).to(NextLibrary.NOTE.number()).up());
      Gate.until(
          () ->
              db.number(
                      "select xact_rollback from pg_stat_database"
                          + " where datname = current_database()")
                  >= 2);
      reader.rollback();
      up.get();
    }
    assertThat(next().migratedVersion()).isEqualTo(NextLibrary.NOTE.number());
  }

  @Test
  @Proves("issue 14")
  @DisplayName("A table that stays locked ends in a message with the remedy")
  void lockedForGood() throws Exception {
    try (Connection reader = db.newConnection();
        Connection migrating = db.newConnection()) {
      holdUp(reader);
      execute(migrating, "set lock_timeout = '20ms'");
      assertThatExceptionOfType(MigrationException.class)
          .isThrownBy(() -> next(migrating).up())
          .withMessageContainingAll("lock timeout", "pg_stat_activity", "Nothing was changed");
      migrating.setAutoCommit(false);
      assertThatExceptionOfType(MigrationException.class)
          .isThrownBy(() -> next(migrating).to(NextLibrary.NOTE.number()).up())
          .withMessageContainingAll("lock timeout", "Nothing was changed");
      reader.rollback();
    }
    assertThat(next().migratedVersion()).isEqualTo(DurableMigration.currentVersion());
  }

  @Test
  @Proves("issue 14")
  @DisplayName("A session without lock_timeout gets one, and has none afterwards")
  void limits() throws SQLException {
    assertThat(new Tracking("durable").limitLockWaits()).contains("lock_timeout");
    try (Connection connection = db.newConnection();
        Statement statement = connection.createStatement()) {
      connection.setAutoCommit(false);
      next(connection).to(NextLibrary.NOTE.number()).up();
      try (var row = statement.executeQuery("show lock_timeout")) {
        row.next();
        assertThat(row.getString(1)).isEqualTo("0");
      }
      connection.commit();
      connection.setAutoCommit(true);
      execute(connection, "set statement_timeout = '7s'");
      next(connection).up();
      try (var row =
          statement.executeQuery(
              "select current_setting('statement_timeout') || current_setting('search_path')")) {
        row.next();
        assertThat(row.getString(1)).startsWith("7s").contains("public");
      }
    }
  }

  @Test
  @Proves("issue 14")
  @DisplayName("The printed SQL keeps statements that cannot run in a transaction apart")
  void script() {
    MigrationScript script =
        new MigrationScript(
            NextLibrary.upTo(NextLibrary.VALID),
            "durable",
            DurableMigration.currentVersion(),
            NextLibrary.VALID.number());
    assertThat(script.parts())
        .extracting(MigrationScript::isTransactional)
        .containsExactly(true, false, true);
    assertThatExceptionOfType(IllegalStateException.class)
        .isThrownBy(script::up)
        .withMessageContaining("parts()");
    db.script("begin;\n" + script.parts().get(0).up() + "commit;");
    for (String statement : script.parts().get(1).upStatements()) {
      db.script(statement);
    }
    db.script("begin;\n" + script.parts().get(2).up() + "commit;");
    assertThat(next().pendingVersions()).isEmpty();
    assertThat(db.rows(INDEXES)).isEqualTo(BOTH_VALID);
    db.script("begin;\n" + script.down() + "commit;");
    assertThat(DurableMigration.on(db.dataSource()).migratedVersion())
        .isEqualTo(DurableMigration.currentVersion());
  }

  @ParameterizedTest
  @EnumSource(UpgradeFormat.class)
  @Proves("issue 14")
  @DisplayName(
      "A generated upgrade has a migration of its own for statements outside a transaction")
  void upgradeFiles(UpgradeFormat format, @TempDir Path folder) throws IOException {
    Upgrade upgrade =
        UpgradeScript.in(folder)
            .knowing(NextLibrary.upTo(NextLibrary.VALID))
            .format(format)
            .from(DurableMigration.currentVersion())
            .write(Instant.parse("2099-02-01T10:00:00Z"));
    assertThat(upgrade.to()).isEqualTo(NextLibrary.VALID.number());
    List<Path> migrations =
        upgrade.files().stream()
            .filter(file -> !file.toString().matches(".*(/U\\d[^/]*|down.sql|conf)"))
            .toList();
    assertThat(migrations).hasSize(3).isSorted();
    String concurrent = Files.readString(migrations.get(1));
    switch (format) {
      case FLYWAY_SQL ->
          assertThat(Path.of(migrations.get(1) + ".conf")).hasContent("executeInTransaction=false");
      case FLYWAY_JAVA -> assertThat(concurrent).contains(NextLibrary.INDEX.number() + "L");
      case LIQUIBASE -> assertThat(concurrent).contains("runInTransaction=\"false\"");
      case SQL -> assertThat(concurrent).contains("index concurrently").doesNotContain("\nbegin;");
    }
    assertThat(Files.readString(migrations.get(0)))
        .doesNotContain("concurrently", "runInTransaction");
  }

  /** Holds locks that both an alteration and a concurrent build wait for. */
  private static void holdUp(Connection connection) throws SQLException {
    connection.setAutoCommit(false);
    execute(connection, "lock table durable.workflow_executions in row exclusive mode");
  }

  private void terminate(Connection connection) throws SQLException {
    int pid = connection.unwrap(org.postgresql.PGConnection.class).getBackendPID();
    db.rows("select pg_terminate_backend(?, 10000)", pid);
  }

  private static void execute(Connection connection, String sql) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  @AfterEach
  void close() {
    threads.shutdownNow();
    db.close();
  }
}
