package dev.durable.plans;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.durable.internal.store.jdbc.Schema;
import dev.durable.internal.store.jdbc.StatementTemplate;
import dev.durable.internal.store.worker.LimitedClaimStatement;
import dev.durable.testing.DatabaseExtension;
import dev.durable.testing.LimitedQueue;
import dev.durable.testing.Proves;
import dev.durable.testing.TestDatabase;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@Proves("F10.4")
@DisplayName("The plan of a claim in a limited queue")
@ExtendWith(DatabaseExtension.class)
class LimitedClaimPlanTest {

  private final TestDatabase db;

  LimitedClaimPlanTest(TestDatabase db) {
    this.db = db;
  }

  /**
   * With three due executions among twenty thousand, reading the index of all that is due for each
   * key, and sorting that, looks cheapest. It took half a second for each claim when a hundred
   * thousand had become due.
   */
  @Test
  @DisplayName("It steps from key to key through their index, although little was due before")
  void afterAQuietMoment() {
    assumeThat(db.majorVersion()).as("explain (generic_plan)").isGreaterThanOrEqualTo(16);
    LimitedQueue queue = new LimitedQueue(db);
    queue.add(20_000, "k");
    db.script(
        "update durable.workflow_executions set status = 'completed', wake_at = null,"
            + " lock_token = 1, started_at = now(), completed_at = now(), output = '1'");
    queue.add(3, "k");
    db.script("vacuum analyze durable.workflow_executions");
    QueryPlan plan = QueryPlan.byKey(db, claim());
    assertThat(plan.scannedTables()).as("%s", plan).doesNotContain("workflow_executions");
    assertThat(plan.sortedIndexes()).as("%s", plan).doesNotContain("workflow_executions_due");
    assertThat(plan.indexes()).as("%s", plan).contains("workflow_executions_limited");
    // Of what was found first, of each step, and of all keys that were read.
    assertThat(plan.scans())
        .as("counts of what a key owns in %s", plan)
        .filteredOn(
            scan -> scan.contains("workflow_executions_owner ") && scan.contains("limit_key"))
        .hasSizeBetween(1, 3);
  }

  private static String claim() {
    for (StatementTemplate each : LimitedClaimStatement.STATEMENTS) {
      String sql = new Schema("durable").of(each);
      if (sql.contains("claimed as (")) {
        return sql;
      }
    }
    throw new AssertionError("no claim");
  }
}
