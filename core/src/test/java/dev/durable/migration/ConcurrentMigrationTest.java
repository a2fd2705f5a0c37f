package dev.durable.migration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.durable.testing.TestDatabase;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ConcurrentMigrationTest {

  private static final int MIGRATIONS = 4;

  private final TestDatabase db = TestDatabase.empty();

  @ParameterizedTest
  @ValueSource(strings = {"read committed", "repeatable read", "serializable"})
  void migrationsAtOnceAllSucceed(String isolation) throws Exception {
    db.script(
        "alter database %s set default_transaction_isolation = '%s'"
            .formatted(db.rows("select current_database()").get(0), isolation));
    for (int round = 0; round < 3; round++) {
      atOnce(DurableMigration::up);
      assertThat(DurableMigration.on(db.dataSource()).pendingVersions()).isEmpty();
      atOnce(DurableMigration::down);
      assertThat(db.catalogue("durable")).isEmpty();
    }
  }

  private void atOnce(java.util.function.Consumer<DurableMigration> work)
      throws InterruptedException, ExecutionException {
    CyclicBarrier barrier = new CyclicBarrier(MIGRATIONS);
    try (ExecutorService threads = Executors.newFixedThreadPool(MIGRATIONS)) {
      List<Future<?>> all = new ArrayList<>();
      for (int i = 0; i < MIGRATIONS; i++) {
        all.add(
            threads.submit(
                () -> {
                  try (Connection connection = db.newConnection()) {
                    barrier.await();
                    work.accept(DurableMigration.on(connection));
                  }
                  return null;
                }));
      }
      for (Future<?> one : all) {
        one.get();
      }
    }
  }

  @Test
  void twoPrefixesDoNotWaitForEachOther() throws SQLException {
    try (Connection first = db.newConnection();
        Connection second = db.newConnection()) {
      first.setAutoCommit(false);
      DurableMigration.on(first).prefix("one").up();
      DurableMigration.on(second).prefix("two").up();
      assertThat(DurableMigration.on(second).prefix("two").pendingVersions()).isEmpty();
      first.commit();
    }
    assertThat(DurableMigration.on(db.dataSource()).prefix("one").pendingVersions()).isEmpty();
  }

  @Test
  void aTableLockedByOthersIsWaitedForAsLongAsTheSessionAllows() throws SQLException {
    DurableMigration.on(db.dataSource()).up();
    try (Connection reader = db.newConnection();
        Connection migrating = db.newConnection()) {
      reader.setAutoCommit(false);
      execute(reader, "lock table durable.workflow_executions in access share mode");
      execute(migrating, "set lock_timeout = '200ms'");
      assertThatExceptionOfType(MigrationException.class)
          .isThrownBy(() -> DurableMigration.on(migrating).down())
          .withMessageContainingAll("lock timeout", "Nothing was changed");
      assertThat(DurableMigration.on(migrating).pendingVersions()).isEmpty();

      reader.rollback();
      DurableMigration.on(migrating).down();
      assertThat(DurableMigration.on(migrating).migratedVersions()).isEmpty();
    }
  }

  private static void execute(Connection connection, String sql) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  @AfterEach
  void close() {
    db.close();
  }
}
