package dev.durable.plans;

import static org.assertj.core.api.Assertions.assertThat;

import dev.durable.internal.store.jdbc.Database;
import dev.durable.internal.store.jdbc.Schema;
import dev.durable.internal.store.jdbc.SqlRunner;
import dev.durable.internal.store.jdbc.TimeOrderedIds;
import dev.durable.internal.store.worker.Claim;
import dev.durable.internal.store.worker.ClaimRoom;
import dev.durable.internal.store.worker.ClaimStore;
import dev.durable.internal.store.worker.Claimed;
import dev.durable.internal.store.worker.KnownLimits;
import dev.durable.internal.store.worker.WorkerStore;
import dev.durable.internal.store.worker.WorkerStore.Duties;
import dev.durable.testing.Proves;
import dev.durable.testing.TestDatabase;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Proves("F10.4")
@DisplayName("The cost of a claim does not grow with the table")
class ClaimCostTest {

  private static final List<String> DEFINITIONS = List.of("order@1", "refund@1");
  private static final List<String> EDITIONS = List.of("order@1#new", "refund@1#new");
  private static final int FREE = 50;

  /** A row that is claimed costs about 20: it is found, locked and entered into the indexes. */
  private static final long FEW = 100 + 25 * FREE;

  private final UUID worker = TimeOrderedIds.next();
  private final ClaimStore claims = new ClaimStore(new Schema("durable"));
  private TestDatabase db;

  @BeforeEach
  void open() {
    db = TestDatabase.migrated();
    db.makeUnlogged();
    WorkerStore workers = new WorkerStore(new Database(db.dataSource()), new Schema("durable"));
    workers.register(
        worker,
        "here",
        new Duties(Set.of("default"), DEFINITIONS, EDITIONS, List.of()),
        Duration.ofHours(1));
    workers.register(
        TimeOrderedIds.next(),
        "there",
        new Duties(Set.of("default"), List.of("order@1"), List.of("order@1#old"), List.of()),
        Duration.ofHours(1));
  }

  @AfterEach
  void close() {
    db.close();
  }

  @Test
  @DisplayName("A claim is cheap behind 60,000 due executions of unregistered workflows")
  void behindForeignWorkflows() throws SQLException {
    add(60_000, "'foreign-' || n % 100", "'x'", "9", "now() - interval '1 hour'");
    assertThat(claims(0)).as("idle").isLessThan(100);
    ours(1_000);
    assertThat(claims(FREE)).isLessThan(FEW);
  }

  @Test
  @DisplayName("A claim is cheap behind 60,000 due executions of another worker's definition")
  void behindAnotherEdition() throws SQLException {
    add(60_000, "'order'", "'old'", "9", "now() - interval '1 hour'");
    assertThat(claims(0)).as("idle").isLessThan(100);
    ours(1_000);
    assertThat(claims(FREE)).isLessThan(FEW);
  }

  @Test
  @DisplayName("A claim is cheap beside 20,000 sleepers, each with its own priority")
  void besideSleepers() throws SQLException {
    add(20_000, "'order'", "'new'", "n", "now() + interval '1 day' + n * interval '1 second'");
    assertThat(claims(0)).as("idle").isLessThan(100);
    ours(1_000);
    assertThat(claims(FREE)).isLessThan(FEW);
  }

  @Test
  @DisplayName("A claim is cheap among 20,000 due executions, each with its own priority")
  void fromManyPriorities() throws SQLException {
    add(20_000, "'order'", "'new'", "n", "now() - n * interval '1 second'");
    assertThat(claims(FREE)).isLessThan(FEW);
  }

  @Test
  @DisplayName("A claim is cheap among 20,000 due sleepers, each with its own priority")
  void fromThoseThatHaveSlept() throws SQLException {
    add(20_000, "'order'", "'new'", "n", "now() - n * interval '1 second'");
    db.script("update durable.workflow_executions set updated_at = now() - interval '9 hours'");
    db.script("vacuum analyze durable.workflow_executions");
    assertThat(claims(FREE)).isLessThan(FEW + 1_000);
  }

  @Test
  @DisplayName("A claim that continues behind 10,000 unvacuumed claims is as cheap as the first")
  void behindItsOwnClaims() throws SQLException {
    add(11_000, "'order'", "'new'", "0", "now() - n * interval '1 second'");
    claims(FREE);
    long atFirst = claims(FREE);
    for (int claimed = 0; claimed < 10_000; claimed += FREE) {
      assertThat(claim(new Database(db.dataSource())).executions()).hasSize(FREE);
    }
    // Indexes may have become a level deeper: some pages for each row.
    assertThat(claims(FREE)).isLessThan(atFirst + 2 * FREE);
  }

  @Test
  @Tag("slow")
  @DisplayName("A claim is cheap among two million rows with 20,000 priorities")
  void amongTwoMillion() throws SQLException {
    db.script(
        """
        insert into durable.workflow_executions
          (id, workflow_name, workflow_version, fingerprint, status, input, lock_token, inserted_at,
           updated_at, started_at, completed_at, output)
        select (lpad(to_hex(n), 12, '1') || '70008000' || lpad(to_hex(n), 12, '0'))::uuid,
               'order', 1, 'new', 'completed', '{}', 1, now(), now(), now(), now(), '{}'
        from generate_series(1, 1680000) n
        """);
    add(300_000, "'foreign-' || n % 100", "'x'", "n % 20000", "now() - interval '1 hour'");
    add(19_000, "'order'", "'new'", "n", "now() + interval '1 day' + n * interval '1 second'");
    assertThat(claims(0)).as("idle").isLessThan(100);
    ours(1_000);
    assertThat(claims(FREE)).isLessThan(FEW);
  }

  private void ours(int count) {
    add(count / 2, "'order'", "'new'", "0", "now() - n * interval '1 second'");
    add(count / 2, "'refund'", "'new'", "0", "now() - n * interval '1 second'");
  }

  private void add(int count, String workflow, String edition, String priority, String due) {
    db.addPending(count, workflow, edition, priority, due, "now()");
    db.script("vacuum analyze durable.workflow_executions");
  }

  /** Claims, and tells how many buffers that read. */
  private long claims(int expected) throws SQLException {
    try (Connection connection = db.dataSource().getConnection()) {
      connection.setAutoCommit(false);
      Measured measured = new Measured(connection, "claimed as (");
      Claim claim = claim(new Database(db.dataSource()).using(measured.connection()));
      connection.commit();
      assertThat(claim.executions()).hasSize(expected);
      assertThat(claim.executions()).extracting(Claimed::fingerprint).doesNotContain("old");
      return measured.buffers();
    }
  }

  private Claim claim(SqlRunner runner) {
    ClaimRoom room = ClaimRoom.of(Map.of("default", FREE));
    KnownLimits limits = new KnownLimits(worker, 0, Set.of());
    return claims.claim(runner, limits, room, DEFINITIONS, EDITIONS, true);
  }
}
