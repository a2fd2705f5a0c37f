package dev.durable.migration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.durable.testing.TestDatabase;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Cut off before each of its statements in turn, a migration leaves nothing half done. */
class InterruptedMigrationTest {

  private static final long FIRST = 20260103000000L;

  private final TestDatabase db = TestDatabase.empty();

  @Test
  void upFromNothing() throws SQLException {
    everywhere(DurableMigration::up);
    assertThat(DurableMigration.on(db.dataSource()).pendingVersions()).isEmpty();
  }

  @Test
  void upFromTheFirstVersion() throws SQLException {
    DurableMigration.on(db.dataSource()).to(FIRST).up();
    everywhere(DurableMigration::up);
  }

  @Test
  void down() throws SQLException {
    DurableMigration.on(db.dataSource()).up();
    everywhere(DurableMigration::down);
    assertThat(db.catalogue("durable")).isEmpty();
  }

  /** Fails at the first statement, the second one and so on, until a run gets through. */
  private void everywhere(Consumer<DurableMigration> work) throws SQLException {
    db.script("create table if not exists public.mine (n int)");
    List<String> before = state();
    int cut = 0;
    while (!runs(work, cut)) {
      assertThat(state()).as("cut off at statement " + cut).isEqualTo(before);
      if (cut > 0) { // the first statement of our own transaction sets its isolation level
        failsInCallersTransaction(work, cut - 1);
        assertThat(state()).as("cut off at statement " + cut).isEqualTo(before);
      }
      cut++;
    }
    assertThat(cut).isGreaterThan(5);
  }

  /** The server ends the connection, as when the process is killed. */
  private boolean runs(Consumer<DurableMigration> work, int cut) throws SQLException {
    try (Connection connection = db.newConnection()) {
      CutConnection tried = new CutConnection(connection, cut, () -> terminate(connection));
      try {
        work.accept(DurableMigration.on(tried.proxy()).log(System.Logger.Level.OFF));
        return true;
      } catch (MigrationException expected) {
        assertThat(tried.isCut()).isTrue();
        return false;
      }
    }
  }

  /** The caller catches the failure and commits what it did itself. */
  private void failsInCallersTransaction(Consumer<DurableMigration> work, int cut)
      throws SQLException {
    try (Connection connection = db.newConnection();
        Statement statement = connection.createStatement()) {
      connection.setAutoCommit(false);
      statement.execute("insert into public.mine values (" + cut + ")");
      CutConnection tried = new CutConnection(connection, cut, () -> breakTransaction(connection));
      assertThatExceptionOfType(MigrationException.class)
          .isThrownBy(
              () -> work.accept(DurableMigration.on(tried.proxy()).log(System.Logger.Level.OFF)));
      connection.commit();
    }
    assertThat(db.number("select count(*) from public.mine where n = ?", cut)).isEqualTo(1);
  }

  private void terminate(Connection connection) throws SQLException {
    int pid = connection.unwrap(org.postgresql.PGConnection.class).getBackendPID();
    db.rows("select pg_terminate_backend(?, 10000)", pid);
  }

  private static void breakTransaction(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute("select 1 / 0");
    }
  }

  private List<String> state() {
    List<String> state = new ArrayList<>(db.catalogue("durable"));
    state.addAll(db.rows("select nspname from pg_namespace where nspname = 'durable'"));
    DurableMigration.on(db.dataSource()).migratedVersions().forEach(v -> state.add("" + v));
    return state;
  }

  @AfterEach
  void close() {
    db.close();
  }
}
