package dev.durable.internal.journal;

import static dev.durable.testing.StartRows.ownedBy;
import static dev.durable.testing.StartRows.withKey;
import static org.assertj.core.api.Assertions.assertThat;

import dev.durable.DatabaseUnavailableException;
import dev.durable.execution.StepStatus;
import dev.durable.execution.StepType;
import dev.durable.internal.service.Services;
import dev.durable.internal.store.jdbc.Database;
import dev.durable.internal.store.jdbc.Schema;
import dev.durable.internal.store.jdbc.TimeOrderedIds;
import dev.durable.internal.store.journal.Entry;
import dev.durable.internal.store.journal.JournalStore;
import dev.durable.internal.store.journal.Ownership;
import dev.durable.internal.store.journal.StartResult;
import dev.durable.internal.store.journal.StartRow;
import dev.durable.internal.store.journal.StepRow;
import dev.durable.internal.store.worker.WorkerStore;
import dev.durable.internal.store.worker.WorkerStore.Duties;
import dev.durable.testing.DatabaseExtension;
import dev.durable.testing.Gate;
import dev.durable.testing.Proves;
import dev.durable.testing.Proxies;
import dev.durable.testing.StruckStatements;
import dev.durable.testing.TestDatabase;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import javax.sql.DataSource;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.postgresql.ds.PGSimpleDataSource;

@ExtendWith(DatabaseExtension.class)
class JournalTest {

  private static final Duration PATIENCE = Duration.ofMillis(200);
  private static final long LONG_SECONDS = 20;

  private final TestDatabase db;
  private final JournalStore store = new JournalStore(new Schema("durable"));

  JournalTest(TestDatabase db) {
    this.db = db;
  }

  @Test
  @DisplayName(
      "A start does not wait forever for a transaction that is about to use its key; others start")
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
  @DisplayName("A start does not wait forever for a database that stays away")
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
          .withMessageContaining("start it again with the same key");
    }
  }

  @Test
  @Proves("F1.2")
  @DisplayName(
      "A start does not wait forever for stalled writers, even when the journal's queue is full")
  void forWritersThatAreHeldUp() throws Exception {
    int many = 21_000;
    CountDownLatch hangs = new CountDownLatch(1);
    DataSource hanging =
        Proxies.of(
            DataSource.class,
            (method, arguments) -> {
              if (method.getName().equals("getConnection")) {
                hangs.await();
              }
              return Proxies.call(db.dataSource(), method, arguments);
            });
    try (Journal journal = journal(new Database(hanging))) {
      Collection<CompletableFuture<StartResult>> starts = new ConcurrentLinkedQueue<>();
      for (int i = 1; i <= many; i++) {
        String key = "held " + i;
        Thread.startVirtualThread(() -> starts.add(journal.start(withKey(key))));
      }
      Gate.until(
          () -> {
            journal.giveUpLateStarts();
            return starts.size() == many && starts.stream().allMatch(CompletableFuture::isDone);
          });
      assertThat(starts)
          .allSatisfy(
              start ->
                  assertThat(start)
                      .failsWithin(Duration.ZERO)
                      .withThrowableThat()
                      .withCauseInstanceOf(DatabaseUnavailableException.class)
                      .withMessageContaining("is not known: start it again"));
      hangs.countDown();
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 4})
  @Proves("F1.8")
  @DisplayName("An answer that cannot be read after the commit leads to no second write")
  void anAnswerThatCannotBeRead(int call) throws Exception {
    Entry end = end(owned(1).getFirst());
    String key = "twice " + call;
    AtomicInteger calls = new AtomicInteger();
    try (Journal first = journal(new Database(db.dataSource()))) {
      started(first.start(withKey(key)));
    }
    try (Journal journal = journal(new Database(results(() -> calls.incrementAndGet() == call)))) {
      CompletableFuture<StartResult> known = journal.start(withKey(key));
      CompletableFuture<Void> written = journal.offer(end);
      CompletableFuture<StartResult> fresh = journal.start(withKey("fresh " + call));
      written.get(LONG_SECONDS, TimeUnit.SECONDS);
      assertThat(started(known).added()).isFalse();
      assertThat(started(fresh).added()).isTrue();
    }
    assertThat(calls).hasValueGreaterThanOrEqualTo(call);
    assertThat(
            db.rows(
                "select seq, status from durable.step_executions where workflow_id = ?",
                end.owner().id()))
        .containsExactly("0|completed");
  }

  @Test
  @Proves("G12")
  @DisplayName("A run whose place in the history is taken is fenced")
  void aPlaceThatIsTaken() throws Exception {
    Entry end = end(owned(1).getFirst());
    db.addStep(end.owner().id(), 0, "other", 7, "completed");
    try (Journal journal = journal(new Database(db.dataSource()))) {
      assertThat(journal.offer(end))
          .failsWithin(LONG_SECONDS, TimeUnit.SECONDS)
          .withThrowableThat()
          .withCauseInstanceOf(FencedException.class);
    }
  }

  @Test
  @Proves("F1.1")
  @DisplayName("A unique key of the application's own rejects the value")
  void aKeyOfTheApplication() throws Exception {
    db.script("create unique index mine on durable.step_executions (path) where path = 'mine'");
    try (Journal journal = journal(new Database(db.dataSource()))) {
      List<UUID> ids = owned(2);
      journal.offer(end(ids.getFirst(), "mine")).get(LONG_SECONDS, TimeUnit.SECONDS);
      assertThat(journal.offer(end(ids.getLast(), "mine")))
          .failsWithin(LONG_SECONDS, TimeUnit.SECONDS)
          .withThrowableThat()
          .withCauseInstanceOf(RejectedEntryException.class);
    } finally {
      db.script("drop index durable.mine");
    }
  }

  @Test
  @Proves("F11.5")
  @DisplayName("Entries locked by another session are tried again together, not one by one")
  void lockedEntries() throws Exception {
    int many = 100;
    List<UUID> ids = owned(many);
    AtomicInteger statements = new AtomicInteger();
    DataSource counted =
        new StruckStatements(text -> true, number -> statements.incrementAndGet())
            .on(db.dataSource());
    try (Connection application = db.newConnection();
        Journal journal = journal(new Database(counted))) {
      application.setAutoCommit(false);
      try (Statement lock = application.createStatement()) {
        lock.execute("select from durable.workflow_executions for update");
      }
      List<CompletableFuture<Void>> ends =
          ids.stream().map(id -> journal.offer(end(id, "locked"))).toList();
      Gate.until(() -> statements.get() > 10);
      int before = statements.get();
      application.rollback();
      for (CompletableFuture<Void> each : ends) {
        each.get(LONG_SECONDS, TimeUnit.SECONDS);
      }
      assertThat(statements.get() - before).isLessThan(many / 2);
    }
    assertThat(db.number("select count(*) from durable.step_executions where path = 'locked'"))
        .isEqualTo(many);
  }

  /** Executions that a worker owns. */
  private List<UUID> owned(int many) throws Exception {
    UUID worker = TimeOrderedIds.next();
    new WorkerStore(new Database(db.dataSource()), new Schema("durable"))
        .register(
            worker,
            "worker",
            new Duties(Set.of("default"), List.of("order@1"), List.of(), List.of()),
            Duration.ofMinutes(1));
    List<UUID> ids = new ArrayList<>();
    try (Journal journal = journal(new Database(db.dataSource()))) {
      for (int i = 0; i < many; i++) {
        ids.add(started(journal.start(ownedBy(worker))).id());
      }
    }
    return ids;
  }

  private static Entry end(UUID execution) {
    return end(execution, "one");
  }

  private static Entry end(UUID execution, String path) {
    return new Entry(
        new Ownership(execution, 1),
        List.of(
            new StepRow(
                0, path, StepType.STEP, 1, StepStatus.COMPLETED, "1", null, Duration.ZERO, false)));
  }

  /** Asking a statement for a result fails, when that is due. */
  private DataSource results(BooleanSupplier fails) {
    return Proxies.of(
        DataSource.class,
        (method, arguments) -> {
          Object result = Proxies.call(db.dataSource(), method, arguments);
          return result instanceof Connection connection ? results(connection, fails) : result;
        });
  }

  private static Connection results(Connection connection, BooleanSupplier fails) {
    return Proxies.of(
        Connection.class,
        (method, arguments) -> {
          Object result = Proxies.call(connection, method, arguments);
          return result instanceof PreparedStatement statement ? results(statement, fails) : result;
        });
  }

  private static PreparedStatement results(PreparedStatement statement, BooleanSupplier fails) {
    return Proxies.of(
        PreparedStatement.class,
        (method, arguments) -> {
          if (method.getName().equals("getResultSet") && fails.getAsBoolean()) {
            throw new SQLException("cannot be read", "22003");
          }
          return Proxies.call(statement, method, arguments);
        });
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
