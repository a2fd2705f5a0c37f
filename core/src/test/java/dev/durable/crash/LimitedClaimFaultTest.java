package dev.durable.crash;

import static org.assertj.core.api.Assertions.assertThat;

import com.zaxxer.hikari.HikariDataSource;
import dev.durable.DurableException;
import dev.durable.internal.store.jdbc.Database;
import dev.durable.internal.store.jdbc.SqlRunner.Answer;
import dev.durable.internal.store.worker.LimitedClaim;
import dev.durable.testing.DatabaseExtension;
import dev.durable.testing.Gate;
import dev.durable.testing.HeldAnswers;
import dev.durable.testing.LimitedQueue;
import dev.durable.testing.Proves;
import dev.durable.testing.TestDatabase;
import java.time.Duration;
import java.util.HashSet;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * A worker's first claims from a limited queue, which also enforce its limits and mark executions
 * without a key, hit at each of their statements.
 */
@Proves("G11")
@ExtendWith(DatabaseExtension.class)
@Tag("newest")
class LimitedClaimFaultTest {

  private static final Duration MINUTE = Duration.ofMinutes(1);
  private static final int ADDED = 11;
  private static final int ALL = 6;
  private static final int PER_KEY = 2;
  private static final int RATE = 7;
  private static final int RATE_PER_KEY = 3;

  private static final String IDLE_TIMEOUT =
      "select pg_catalog.current_setting('idle_in_transaction_session_timeout')";

  private final TestDatabase db;
  private LimitedQueue queue;

  LimitedClaimFaultTest(TestDatabase db) {
    this.db = db;
  }

  @BeforeEach
  void begin() {
    queue = new LimitedQueue(db);
    queue.declare(
        q ->
            q.globalConcurrency(ALL)
                .perKey(PER_KEY)
                .rate(RATE, MINUTE)
                .ratePerKey(RATE_PER_KEY, MINUTE));
    queue.add(4, "a");
    queue.add(4, "b");
    queue.add(3, "null", 0, "now()");
  }

  @ParameterizedTest
  @EnumSource(Fault.Mode.class)
  @DisplayName("Wherever a claim is cut off, the limits hold, and others get all that is left")
  void limitsHold(Fault.Mode mode) {
    try (HikariDataSource pool = db.newPool(4)) {
      FaultyDataSource counted = new FaultyDataSource(pool);
      int orphans = claimsCutOff(counted, Fault.NONE);
      assertThat(counted.count()).isGreaterThanOrEqualTo(10);
      for (int number = 1; number <= counted.count(); number++) {
        begin();
        FaultyDataSource data = new FaultyDataSource(pool);
        orphans += claimsCutOff(data, new Fault(number, mode, false));
        assertThat(data.hit()).as(mode + " " + number).isNotNull();
      }
      assertThat(orphans > 0)
          .as("claimed what it does not know of")
          .isEqualTo(mode == Fault.Mode.ANSWER_LOST);
    }
  }

  /** Returns how many executions the worker that is hit claims without getting to know it. */
  private int claimsCutOff(FaultyDataSource data, Fault fault) {
    UUID hit = queue.worker();
    UUID other = queue.worker();
    data.arm(fault);
    Set<UUID> known = claimsOf(hit, queue.over(data.dataSource()));
    db.awaitNoTransactions();
    requireWithinLimits(fault);
    claimAll(other, fault);
    assertThat(queue.owned(hit)).extracting(owned -> owned.id()).as("%s", fault).containsAll(known);
    int orphans = queue.disown(hit, owned -> !known.contains(owned.id()));
    claimAll(other, fault);
    queue.completeAll();
    queue.letPass(MINUTE);
    takeAll(other);
    queue.completeAll();
    assertThat(db.beginsTooSoon(RATE, MINUTE)).as("%s", fault).isEmpty();
    assertThat(db.rows("select status, count(*) from durable.workflow_executions group by 1"))
        .as("%s: nothing is lost", fault)
        .containsExactly("completed|" + ADDED);
    return orphans;
  }

  /** Claims until it is cut off; returns what the worker knows that it has claimed. */
  private static Set<UUID> claimsOf(UUID worker, LimitedQueue own) {
    Set<UUID> known = new HashSet<>();
    try {
      for (int i = 0; i < 4; i++) {
        LimitedClaim claim = own.ask(worker, 3);
        claim.claim().taken().forEach(taken -> known.add(taken.owner().id()));
        own.keepInOrder(claim);
      }
    } catch (DurableException cutOff) {
      // Another worker goes on.
    }
    return known;
  }

  /** A worker claims all that it can get: then all places are taken, and each begin was counted. */
  private void claimAll(UUID worker, Fault fault) {
    takeAll(worker);
    assertThat(db.ownedOfKeys()).as("%s", fault).containsExactly("|2", "a|2", "b|2");
    requireWithinLimits(fault);
  }

  private void takeAll(UUID worker) {
    LimitedClaim claim;
    do {
      claim = queue.ask(worker, 10);
      queue.keepInOrder(claim);
    } while (claim.isStale() || !claim.unmarked().isEmpty() || !claim.claim().taken().isEmpty());
  }

  /** Also: each begin has been counted, and once, so that rates neither give nor take too much. */
  private void requireWithinLimits(Fault fault) {
    assertThat(
            db.rows(
                """
                select 'owned', count(*) from durable.workflow_executions
                where locked_by is not null having count(*) > ?
                union all
                select limit_key, count(*) from durable.workflow_executions
                where locked_by is not null and limit_key <> '' group by 1 having count(*) > ?
                union all
                select 'begun', count(*) from durable.workflow_executions
                where started_at is not null
                having count(*) > ? or count(*) <>
                  (select coalesce(sum(c), 0) from durable.queues, unnest(grant_counts) c)
                union all
                select limit_key, count(*) from durable.workflow_executions
                where started_at is not null and limit_key <> '' group by 1
                having count(*) > ? or count(*) <>
                  (select coalesce(sum(c), 0) from durable.queue_keys, unnest(grant_counts) c
                   where key = limit_key)
                """,
                ALL,
                PER_KEY,
                RATE,
                RATE_PER_KEY))
        .as("%s", fault)
        .isEmpty();
  }

  @Test
  @DisplayName("A worker that stands still in a claim takes nothing once the server has ended it")
  void standsStill() {
    UUID still = queue.worker();
    UUID other = queue.worker();
    queue.keepInOrder(other);
    Gate gate = new Gate();
    try (HikariDataSource pool = db.newPool(1)) {
      assertThat(
              new Database(pool)
                  .query("ask", IDLE_TIMEOUT, bind -> {}, Answer.first(row -> row.getString(1))))
          .as("after so long the server ends it")
          .contains("10s");
      LimitedQueue own = queue.over(new HeldAnswers("q.limited", gate).on(pool));
      CompletableFuture<LimitedClaim> claim =
          CompletableFuture.supplyAsync(() -> own.ask(still, 10));
      gate.awaitReached();
      assertThat(queue.ask(other, 10).busy()).containsExactly("default");
      db.endIdleTransactions();
      claimAll(other, Fault.NONE);
      gate.open();
      claim.handle((taken, cutOff) -> taken).join();
    }
    assertThat(queue.owned(still)).isEmpty();
    requireWithinLimits(Fault.NONE);
  }
}
