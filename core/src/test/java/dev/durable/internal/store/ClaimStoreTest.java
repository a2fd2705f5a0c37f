package dev.durable.internal.store;

import static org.assertj.core.api.Assertions.assertThat;

import dev.durable.internal.store.jdbc.Database;
import dev.durable.internal.store.jdbc.Schema;
import dev.durable.internal.store.jdbc.SqlRunner;
import dev.durable.internal.store.jdbc.TimeOrderedIds;
import dev.durable.internal.store.journal.JournalStore;
import dev.durable.internal.store.journal.StartRow;
import dev.durable.internal.store.worker.Claim;
import dev.durable.internal.store.worker.ClaimRoom;
import dev.durable.internal.store.worker.ClaimStore;
import dev.durable.internal.store.worker.KnownLimits;
import dev.durable.internal.store.worker.OrphanStore;
import dev.durable.internal.store.worker.TakeoverStore;
import dev.durable.internal.store.worker.WorkerStore;
import dev.durable.internal.store.worker.WorkerStore.Duties;
import dev.durable.testing.DatabaseExtension;
import dev.durable.testing.Proves;
import dev.durable.testing.StartRows;
import dev.durable.testing.TestDatabase;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@DisplayName("Claims")
@ExtendWith(DatabaseExtension.class)
class ClaimStoreTest {

  private static final List<String> DEFINITIONS = List.of("order@1");

  private final TestDatabase db;
  private final Schema sql = new Schema("durable");
  private final ClaimStore claims = new ClaimStore(sql);
  private final UUID worker = TimeOrderedIds.next();
  private final Database database;

  ClaimStoreTest(TestDatabase db) {
    this.db = db;
    this.database = new Database(db.dataSource());
  }

  @BeforeEach
  void register() {
    workers(database)
        .register(
            worker,
            "worker",
            new Duties(Set.of("default"), DEFINITIONS, List.of(), List.of()),
            Duration.ofMinutes(1));
  }

  @Test
  @DisplayName("A claim that finds nothing writes nothing: an idle worker adds nothing to the log")
  void thatFindsNothingWritesNothing() throws Exception {
    start();
    assertThat(claim(database).executions()).isNotEmpty();

    try (Connection connection = db.dataSource().getConnection()) {
      connection.setAutoCommit(false);
      assertThat(claim(new Database(db.dataSource()).using(connection)).executions()).isEmpty();
      try (PreparedStatement asked =
              connection.prepareStatement("select pg_current_xact_id_if_assigned() is null");
          ResultSet row = asked.executeQuery()) {
        assertThat(row.next() && row.getBoolean(1)).as("read only").isTrue();
      }
      connection.rollback();
    }
  }

  @Test
  @Proves("G2")
  @DisplayName("A claim by a worker that has been declared dead returns nothing")
  void ofADeadWorkerBringsNothing() throws Exception {
    UUID waiting = start();
    workers(database).retire(worker);

    assertThat(claim(database).executions()).isEmpty();
    assertThat(db.rows("select status from durable.workflow_executions where id = ?", waiting))
        .containsExactly("pending");
  }

  @Test
  @Proves("G2")
  @DisplayName("A claim by a worker that is being declared dead waits, and returns nothing")
  void ofADyingWorkerBringsNothing() throws Exception {
    start();
    try (Connection declaring = db.dataSource().getConnection()) {
      declaring.setAutoCommit(false);
      workers(new Database(db.dataSource()).using(declaring)).retire(worker);
      CompletableFuture<Claim> claim = CompletableFuture.supplyAsync(() -> claim(database));
      db.awaitBlocked(1);
      declaring.commit();

      assertThat(claim.get(20, TimeUnit.SECONDS).executions()).isEmpty();
    }
  }

  @Test
  @Proves("G13")
  @DisplayName("What a worker has lost, or gives back, comes before what was stored after it")
  void whatIsFreedKeepsItsPlace() throws Exception {
    TakeoverStore takeovers = new TakeoverStore(database, sql);
    OrphanStore orphans = new OrphanStore(database, sql);
    List<Consumer<UUID>> ways =
        List.of(
            owner -> orphans.disown(orphans.owned(owner)),
            owner -> {
              workers(database).retire(owner);
              takeovers.release(owner, 5, 100);
              db.deleteWorkers();
              register();
            });
    for (Consumer<UUID> way : ways) {
      db.deleteExecutions();
      List<UUID> begun = List.of(start(), start());
      assertThat(claim(database).executions()).hasSize(2);
      start();
      way.accept(worker);
      start();
      assertThat(claim(database).executions().stream().map(each -> each.owner().id()).limit(2))
          .containsExactlyElementsOf(begun);
    }
  }

  @Test
  @Proves("F11.2")
  @DisplayName("A claim takes as many executions as fit into its bytes; a larger one runs alone")
  void bringsWhatFits() throws Exception {
    db.deleteExecutions();
    for (int i = 0; i < 20; i++) {
      UUID id = start();
      db.makeDue(id, Duration.ofSeconds(100 - i));
      db.setInput(id, '"' + "x".repeat(i == 12 ? 900_000 : 100_000) + '"');
    }
    assertThat(claim(450_000, false)).isEqualTo(4);
    assertThat(claim(450_000, true)).isEqualTo(4);
    assertThat(claim(99_999, false)).isZero();
    assertThat(claim(99_999, true)).isOne();
    assertThat(claim(450_000, true)).isEqualTo(3);
    assertThat(claim(450_000, false)).as("the large one waits until it is alone").isZero();
    assertThat(claim(450_000, true)).as("and then runs alone").isOne();
    assertThat(claim(Long.MAX_VALUE, true)).isEqualTo(7);
    db.deleteExecutions();
  }

  private int claim(long bytes, boolean alone) {
    return claims
        .claim(
            database,
            new KnownLimits(worker, 0, Set.of()),
            new ClaimRoom(Map.of("default", 10), 3, true, bytes, alone),
            DEFINITIONS,
            List.of(),
            false)
        .executions()
        .size();
  }

  private WorkerStore workers(Database on) {
    return new WorkerStore(on, sql);
  }

  private UUID start() throws Exception {
    try (Connection connection = db.dataSource().getConnection()) {
      StartRow row = StartRows.withKey(null);
      JournalStore.Batch batch = JournalStore.Batch.ofStarts(List.of(row));
      new JournalStore(sql).within(connection, batch);
      return batch.started(row).id();
    }
  }

  private Claim claim(SqlRunner runner) {
    return claims.claim(
        runner,
        new KnownLimits(worker, 0, Set.of()),
        ClaimRoom.of(Map.of("default", 10)),
        DEFINITIONS,
        List.of(),
        false);
  }
}
