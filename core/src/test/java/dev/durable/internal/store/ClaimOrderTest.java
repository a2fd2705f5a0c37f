package dev.durable.internal.store;

import static org.assertj.core.api.Assertions.assertThat;

import dev.durable.internal.store.jdbc.Database;
import dev.durable.internal.store.jdbc.Schema;
import dev.durable.internal.store.jdbc.TimeOrderedIds;
import dev.durable.internal.store.worker.Claim;
import dev.durable.internal.store.worker.ClaimRoom;
import dev.durable.internal.store.worker.ClaimStore;
import dev.durable.internal.store.worker.Claimed;
import dev.durable.internal.store.worker.KnownLimits;
import dev.durable.internal.store.worker.WorkerStore;
import dev.durable.internal.store.worker.WorkerStore.Duties;
import dev.durable.testing.DatabaseExtension;
import dev.durable.testing.Proves;
import dev.durable.testing.TestDatabase;
import java.sql.Connection;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@Proves("F10.4")
@DisplayName("Claims follow one order, whichever way they search")
@ExtendWith(DatabaseExtension.class)
@Tag("newest")
class ClaimOrderTest {

  private static final List<String> DEFINITIONS = List.of("a@1", "b@1", "b@2", "with@and#@1");
  private static final List<String> EDITIONS = List.of("a@1#m", "b@1#m", "b@2#m", "with@and#@1#m");

  private final TestDatabase db;
  private final ClaimStore claims = new ClaimStore(new Schema("durable"));
  private final Database database;
  private final UUID worker = TimeOrderedIds.next();

  ClaimOrderTest(TestDatabase db) {
    this.db = db;
    this.database = new Database(db.dataSource());
  }

  @BeforeEach
  void begin() {
    db.deleteExecutions();
    db.deleteWorkers();
    register(worker, EDITIONS);
    register(TimeOrderedIds.next(), List.of("a@1#elsewhere", "b@1#elsewhere"));
  }

  /**
   * Of each kind: due at once, slept and due, asleep; ours, anyone's, another worker's and a
   * workflow that is not registered.
   */
  @ParameterizedTest(name = "seed {0}, going on: {1}")
  @DisplayName("A claim takes the highest priority first, then the earliest due, of all workflows")
  @CsvSource({"1, false", "2, false", "3, false", "1, true", "2, true", "3, true", "4, true"})
  void inOrder(long seed, boolean onward) {
    db.rows("select setseed(?)::text", seed / 10.0);
    db.update(
        """
        insert into durable.workflow_executions
          (id, workflow_name, workflow_version, fingerprint, status, queue, priority, input,
           wake_at, inserted_at, updated_at)
        select gen_random_uuid(),
               (array['a', 'b', 'with@and#', 'foreign'])[1 + floor(random() * 4)::int],
               1 + (random() < 0.3)::int,
               (array['m', 'm', 'elsewhere', 'nowhere', null])[1 + floor(random() * 5)::int],
               'pending', (array['default', 'other', 'third'])[1 + floor(random() * 3)::int],
               (random() * 6)::int - 3, '{}', now() + (random() - 0.7) * interval '1 hour',
               now(), now() - (random() < 0.5)::int * interval '1 hour'
        from generate_series(1, 600)
        """);
    for (String queue : List.of("default", "other")) {
      List<String> expected =
          db.rows(
              """
              select id from durable.workflow_executions
              where queue = ? and wake_at <= now()
                and workflow_name || '@' || workflow_version || '#' || coalesce(fingerprint, '')
                  <> all (array['a@1#elsewhere', 'b@1#elsewhere'])
                and workflow_name || '@' || workflow_version = any (?)
              order by priority desc, wake_at, id
              """,
              queue,
              DEFINITIONS.toArray(String[]::new));
      assertThat(expected).hasSizeGreaterThan(30);
      List<String> claimed = new ArrayList<>();
      Claim some = claim(Map.of(queue, 7), onward);
      while (!some.taken().isEmpty() || some.more()) {
        claimed.addAll(ids(some));
        some = claim(Map.of(queue, 7), onward);
      }
      assertThat(claimed).isEqualTo(expected);
    }
    assertThat(
            db.number(
                "select count(*) from durable.workflow_executions where queue = 'third'"
                    + " and locked_by is not null"))
        .isZero();
  }

  @Test
  @DisplayName("Locked executions of one workflow do not keep a claim from those of another")
  void behindLockedOnes() throws Exception {
    add(3_000, "a", "9", "now() - interval '1 hour'", "now()");
    add(3, "b", "0", "now() - interval '1 hour'", "now()");
    try (Connection other = db.dataSource().getConnection()) {
      other.setAutoCommit(false);
      other
          .createStatement()
          .execute(
              "select 1 from durable.workflow_executions where workflow_name = 'a' for update");
      assertThat(claim(Map.of("default", 2)).executions())
          .extracting(Claimed::workflow)
          .containsExactly("b", "b");
      other.rollback();
    }
    assertThat(claim(Map.of("default", 2)).executions())
        .extracting(Claimed::workflow)
        .containsExactly("a", "a");
  }

  @ParameterizedTest(name = "{0} locked")
  @DisplayName("Locked executions do not keep a claim from those behind them in the same lane")
  @ValueSource(ints = {1, 5, 70, 3_000})
  void behindLockedOnesOfOneLane(int locked) throws Exception {
    add(locked, "a", "9", "now() - interval '1 hour'", "now()");
    add(10, "a", "0", "now() - interval '1 hour'", "now()");
    try (Connection other = db.dataSource().getConnection()) {
      other.setAutoCommit(false);
      other
          .createStatement()
          .execute("select 1 from durable.workflow_executions where priority = 9 for update");
      int claimed = 0;
      Claim claim = claim(Map.of("default", 2));
      while (!claim.executions().isEmpty()) {
        assertThat(priority(claim)).isZero();
        claimed += claim.executions().size();
        claim = claim(Map.of("default", 2));
      }
      assertThat(claimed).isEqualTo(10);
      other.rollback();
    }
    assertThat(priority(claim(Map.of("default", 2)))).isEqualTo(9);
  }

  @Test
  @DisplayName("Of many due sleepers, claims soon take the highest priority first")
  void crowd() {
    add(2_000, "a", "0", "now() - interval '1 hour'", "now() - interval '2 hours'");
    add(1, "a", "5", "now() - interval '1 minute'", "now() - interval '2 hours'");
    int others = 0;
    Claim claim = claim(Map.of("default", 1));
    while (priority(claim) == 0) {
      assertThat(claim.crowd()).isTrue();
      others++;
      claims.wake(database, worker, Set.of("default"), DEFINITIONS, EDITIONS);
      claim = claim(Map.of("default", 1));
    }
    assertThat(others).as("claims of a lower priority").isLessThan(5);
    assertThat(claim(Map.of("default", 1)).crowd()).isFalse();
  }

  private long priority(Claim claim) {
    return db.number(
        "select priority from durable.workflow_executions where id = ?",
        claim.executions().getFirst().owner().id());
  }

  @Test
  @DisplayName("A claim reports when the worker's own next execution is due")
  void nextOfOurs() {
    add(1, "foreign", "0", "now() + interval '1 minute'", "now()");
    assertThat(claim(Map.of("default", 1)).nextDue()).isNull();
    add(1, "b", "0", "now() + interval '1 hour'", "now()");
    add(1, "b", "9", "now() + interval '2 hours'", "now()");
    assertThat(claim(Map.of("default", 1)).nextDue())
        .isBetween(Duration.ofMinutes(50), Duration.ofMinutes(60));
  }

  private void add(int count, String workflow, String priority, String due, String written) {
    db.addPending(count, "'" + workflow + "'", "'m'", priority, due, written);
  }

  private void register(UUID id, List<String> editions) {
    new WorkerStore(database, new Schema("durable"))
        .register(
            id,
            "worker",
            new Duties(Set.of("default", "other"), DEFINITIONS, editions, List.of()),
            Duration.ofHours(1));
  }

  @Test
  @DisplayName("A claim that continues skips earlier rows, and reports when it has come up short")
  void goingOn() {
    add(10, "a", "0", "now() - interval '1 hour'", "now()");
    Map<String, Integer> four = Map.of("default", 4);
    assertThat(claim(four, true).executions()).hasSize(4);
    add(1, "a", "9", "now() - interval '1 minute'", "now()");
    Claim second = claim(four, true);
    assertThat(priority(second)).isZero();
    assertThat(second.executions()).hasSize(4);
    Claim third = claim(four, true);
    assertThat(priority(third)).isZero();
    assertThat(third.executions()).hasSize(2);
    assertThat(third.more()).isTrue();
    Claim fourth = claim(four, true);
    assertThat(priority(fourth)).isEqualTo(9);
    assertThat(fourth.more()).isFalse();
  }

  @Test
  @DisplayName("A claim that continues and finds nothing asks for another from the start")
  void goingOnBehindNothing() {
    add(4, "a", "0", "now() - interval '1 hour'", "now()");
    Map<String, Integer> four = Map.of("default", 4);
    assertThat(claim(four, true).executions()).hasSize(4);
    add(4, "a", "9", "now() - interval '1 minute'", "now()");
    Claim none = claim(four, true);
    assertThat(none.executions()).isEmpty();
    assertThat(none.more()).isTrue();
    assertThat(claim(four, true).executions()).hasSize(4);
  }

  @Test
  @DisplayName("A claim from the start takes the highest priority, wherever the last one ended")
  void fromTheFirstAgain() {
    add(10, "a", "0", "now() - interval '1 hour'", "now()");
    Map<String, Integer> four = Map.of("default", 4);
    assertThat(claim(four, true).executions()).hasSize(4);
    add(1, "a", "9", "now() - interval '1 minute'", "now()");
    assertThat(priority(claim(four))).isEqualTo(9);
  }

  private static List<String> ids(Claim claim) {
    return claim.executions().stream().map(e -> e.owner().id().toString()).toList();
  }

  private Claim claim(Map<String, Integer> free) {
    return claim(free, false);
  }

  private Claim claim(Map<String, Integer> free, boolean onward) {
    KnownLimits limits = new KnownLimits(worker, 0, Set.of());
    return claims.claim(database, limits, ClaimRoom.of(free), DEFINITIONS, EDITIONS, onward);
  }
}
