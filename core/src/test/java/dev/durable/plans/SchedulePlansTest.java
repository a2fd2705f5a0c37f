package dev.durable.plans;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.durable.internal.store.jdbc.Schema;
import dev.durable.internal.store.jdbc.StatementTemplate;
import dev.durable.internal.store.schedule.ScheduleStore;
import dev.durable.internal.store.schedule.TickStore;
import dev.durable.testing.DatabaseExtension;
import dev.durable.testing.TestDatabase;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@DisplayName("The cost of a schedule does not grow with the number of the others")
@ExtendWith(DatabaseExtension.class)
class SchedulePlansTest {

  private static final String TABLE = "scheduled_workflows";

  private final TestDatabase db;

  SchedulePlansTest(TestDatabase db) {
    this.db = db;
  }

  @BeforeEach
  void newest() {
    assumeThat(db.majorVersion()).as("explain (generic_plan)").isGreaterThanOrEqualTo(16);
  }

  @Test
  @DisplayName("A batch of ticks is read in the order of the index, without a sort of all")
  void batchesAreNotSorted() {
    QueryPlan plan = plan(TickStore.STATEMENTS, "TickStore.LOCK", "due as materialized");
    assertThat(plan.indexes()).as("%s", plan).contains(TABLE + "_due", TABLE + "_name_key");
    assertThat(plan.sortedIndexes()).as("%s", plan).doesNotContain(TABLE + "_due");
    assertThat(plan.scannedTables()).as("%s", plan).isEmpty();
  }

  @Test
  @DisplayName("A schedule is found, and stored, by its name")
  void foundByName() {
    for (String part : List.of("as undeclared", "as now, s.timing_hash")) {
      for (String sql : matching(ScheduleStore.STATEMENTS, part)) {
        QueryPlan plan = QueryPlan.byKey(db, sql);
        assertThat(plan.scannedTables()).as("%s", plan).doesNotContain(TABLE);
        assertThat(plan.indexes()).as("%s", plan).contains(TABLE + "_name_key");
      }
    }
  }

  private QueryPlan plan(List<StatementTemplate> statements, String name, String part) {
    List<String> found = matching(statements, part);
    assertThat(found).as(name).hasSize(1);
    return QueryPlan.byKey(db, found.getFirst());
  }

  private static List<String> matching(List<StatementTemplate> statements, String part) {
    Schema schema = new Schema("durable");
    List<String> found =
        statements.stream().map(schema::of).filter(sql -> sql.contains(part)).toList();
    assertThat(found).as(part).isNotEmpty();
    return found;
  }
}
