package dev.durable.internal.journal;

import static dev.durable.testing.StartRows.withKey;
import static org.assertj.core.api.Assertions.assertThat;

import dev.durable.DatabaseUnavailableException;
import dev.durable.internal.service.Services;
import dev.durable.internal.store.Database;
import dev.durable.internal.store.JournalStore;
import dev.durable.internal.store.Sql;
import dev.durable.internal.store.StartResult;
import dev.durable.internal.store.StartRow;
import dev.durable.testing.DatabaseExtension;
import dev.durable.testing.TestDatabase;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.postgresql.ds.PGSimpleDataSource;

@DisplayName("The caller of a start does not wait for ever")
@ExtendWith(DatabaseExtension.class)
class JournalTest {

  private static final Duration PATIENCE = Duration.ofMillis(200);
  private static final long LONG_SECONDS = 20;

  private final TestDatabase db;
  private final JournalStore store = new JournalStore(new Sql("durable"));

  JournalTest(TestDatabase db) {
    this.db = db;
  }

  @Test
  @DisplayName("for another transaction that is about to use its key; others start meanwhile")
  void forAKeyThatIsLocked() throws Exception {
    try (Connection application = db.newConnection();
        Journal journal = journal(new Database(db.dataSource()))) {
      application.setAutoCommit(false);
      StartRow first = withKey("taken");
      store.within(application, JournalStore.Batch.ofStarts(List.of(first)));

      assertThat(journal.start(withKey("taken")))
          .failsWithin(LONG_SECONDS, TimeUnit.SECONDS)
          .withThrowableThat()
          .withCauseInstanceOf(DatabaseUnavailableException.class)
          .withMessageContaining("another transaction has locked");
      assertThat(started(journal.start(withKey("free"))).added()).isTrue();

      application.commit();
      assertThat(started(journal.start(withKey("taken"))).id()).isEqualTo(first.id());
    }
  }

  @Test
  void forADatabaseThatStaysAway() {
    PGSimpleDataSource away =
        new PGSimpleDataSource() {
          private static final long serialVersionUID = 1L;

          @Override
          public Connection getConnection() throws SQLException {
            throw new SQLException("no route to host", "08001");
          }
        };
    try (Journal journal = journal(new Database(away))) {
      assertThat(journal.start(withKey("any")))
          .failsWithin(LONG_SECONDS, TimeUnit.SECONDS)
          .withThrowableThat()
          .withCauseInstanceOf(DatabaseUnavailableException.class)
          .withMessageContaining("start again with the same key");
    }
  }

  private Journal journal(Database database) {
    Duration answer = Duration.ofSeconds(5);
    return new Journal(
        new Services("test", answer), database, answer, store, hints -> {}, PATIENCE);
  }

  private static StartResult started(CompletableFuture<StartResult> start) throws Exception {
    return start.get(LONG_SECONDS, TimeUnit.SECONDS);
  }
}
