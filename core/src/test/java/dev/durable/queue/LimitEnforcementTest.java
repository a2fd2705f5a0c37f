package dev.durable.queue;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.durable.internal.store.jdbc.Schema;
import dev.durable.internal.store.journal.JournalStore;
import dev.durable.internal.store.journal.StartRow;
import dev.durable.internal.store.worker.Claim;
import dev.durable.internal.store.worker.KnownLimits;
import dev.durable.testing.DatabaseExtension;
import dev.durable.testing.LimitedQueue;
import dev.durable.testing.Proves;
import dev.durable.testing.StartRows;
import dev.durable.testing.TestDatabase;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@Proves("G11")
@DisplayName("A queue that becomes limited while claims and starts are under way")
@ExtendWith(DatabaseExtension.class)
class LimitEnforcementTest {

  private final TestDatabase db;
  private LimitedQueue queue;
  private UUID worker;

  LimitEnforcementTest(TestDatabase db) {
    this.db = db;
  }

  @BeforeEach
  void begin() {
    queue = new LimitedQueue(db);
    queue.declare(q -> {});
    worker = queue.worker();
  }

  @Test
  @DisplayName("A claim that began before, and comes to its worker's row later, takes nothing")
  void anEarlierClaim() throws Exception {
    queue.add(5, "k");
    KnownLimits known = queue.known(worker);
    try (Connection enforcing = enforcing()) {
      CompletableFuture<Claim> claim =
          CompletableFuture.supplyAsync(() -> queue.askUnlimited(known, 5));
      db.awaitBlocked(1);
      enforcing.commit();
      assertThat(claim.get(20, TimeUnit.SECONDS).taken()).isEmpty();
    }
  }

  @Test
  @DisplayName("A start that began before, and comes to its worker's row later, is not owned")
  void anEarlierStart() throws Exception {
    StartRow row = StartRows.ownedBy(worker);
    try (Connection enforcing = enforcing();
        Connection starting = db.newConnection()) {
      CompletableFuture<Boolean> owned = CompletableFuture.supplyAsync(() -> start(starting, row));
      db.awaitBlocked(1);
      enforcing.commit();
      assertThat(owned.get(20, TimeUnit.SECONDS)).isFalse();
    }
    assertThat(db.rows("select status, limit_key from durable.workflow_executions"))
        .containsExactly("pending|null");
  }

  /**
   * A session that holds the worker's row and has raised its epoch, as when limits are enforced.
   */
  private Connection enforcing() throws SQLException {
    Connection connection = db.newConnection();
    connection.setAutoCommit(false);
    try (Statement statement = connection.createStatement()) {
      statement.execute("select 1 from durable.workers for update");
      statement.execute("update durable.workers set limit_epoch = limit_epoch + 1");
    }
    return connection;
  }

  @Test
  @DisplayName("Its limits hold only after a claim that is under way, which counts")
  void waitsForAClaim() throws Exception {
    queue.add(9, "k");
    try (Connection claiming = db.newConnection()) {
      claiming.setAutoCommit(false);
      assertThat(queue.askUnlimitedOn(claiming, queue.known(worker), 2).taken()).hasSize(2);
      queue.declare(q -> q.globalConcurrency(3));
      CompletableFuture<Void> enforcing =
          CompletableFuture.runAsync(() -> queue.keepInOrder(worker));
      db.awaitBlocked(1);
      assertThat(queue.claim(worker, 9)).as("nothing before that").isEmpty();
      claiming.commit();
      enforcing.get(20, TimeUnit.SECONDS);
    }
    assertThat(queue.claim(worker, 9)).hasSize(1);
  }

  @Test
  @DisplayName("Once they hold, a worker that has not read them since takes nothing")
  void afterwards() {
    KnownLimits before = queue.known(worker);
    queue.limit(q -> q.globalConcurrency(3));
    queue.add(5, "k");
    Claim refused = queue.askUnlimited(before, 5);
    assertThat(refused.taken()).isEmpty();
    assertThat(refused.refused()).isTrue();
    KnownLimits known = queue.known(worker);
    queue.keepInOrder(worker);
    assertThat(queue.known(worker)).as("they hold already").isEqualTo(known);
    db.declareDead(worker);
    assertThatThrownBy(() -> queue.known(worker)).hasMessage("dead");
  }

  @Test
  @DisplayName("They wait for the row of the queue before they hold up any worker")
  void inOrder() throws Exception {
    queue.declare(q -> q.globalConcurrency(3));
    try (Connection holder = db.newConnection();
        Connection other = db.newConnection()) {
      holder.setAutoCommit(false);
      try (Statement statement = holder.createStatement()) {
        statement.execute("select 1 from durable.queues for key share");
      }
      CompletableFuture<Void> enforcing =
          CompletableFuture.runAsync(() -> queue.keepInOrder(worker));
      db.awaitBlocked(1);
      try (Statement statement = other.createStatement()) {
        statement.execute("select 1 from durable.workers for update nowait");
      }
      holder.commit();
      enforcing.get(20, TimeUnit.SECONDS);
    }
  }

  @Test
  @DisplayName("A worker that registers meanwhile waits until they hold")
  void aNewWorker() throws Exception {
    try (Connection enforcing = db.newConnection()) {
      enforcing.setAutoCommit(false);
      try (Statement statement = enforcing.createStatement()) {
        statement.execute("select 1 from durable.queues for update");
      }
      CompletableFuture<UUID> registering = CompletableFuture.supplyAsync(queue::worker);
      db.awaitBlocked(1);
      enforcing.commit();
      assertThat(registering.get(20, TimeUnit.SECONDS)).isNotNull();
    }
  }

  @Test
  @DisplayName("Limits that stay the same are not written again")
  void unchanged() {
    queue.declare(q -> q.globalConcurrency(3).rate(1, Duration.ofHours(1)));
    List<String> before = db.rows("select xmin::text from durable.queues");
    queue.declare(q -> q.globalConcurrency(3).rate(1, Duration.ofHours(1)));
    assertThat(db.rows("select xmin::text from durable.queues")).isEqualTo(before);
  }

  @Test
  @DisplayName("A start is not owned in a limited queue, and gets an empty key")
  void aStart() throws Exception {
    queue.limit(q -> q.globalConcurrency(3));
    try (Connection starting = db.newConnection()) {
      assertThat(start(starting, StartRows.ownedBy(worker))).isFalse();
    }
    assertThat(db.rows("select status, limit_key from durable.workflow_executions"))
        .containsExactly("pending|");
    assertThat(queue.claim(worker, 9)).containsExactly("");
  }

  private static boolean start(Connection connection, StartRow row) {
    try {
      JournalStore.Batch batch = JournalStore.Batch.ofStarts(List.of(row));
      new JournalStore(new Schema("durable")).within(connection, batch);
      return batch.started(row).owned();
    } catch (SQLException failure) {
      throw new IllegalStateException(failure);
    }
  }
}
