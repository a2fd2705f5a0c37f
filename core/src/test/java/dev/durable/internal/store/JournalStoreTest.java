package dev.durable.internal.store;

import static dev.durable.testing.StartRows.ownedBy;
import static org.assertj.core.api.Assertions.assertThat;

import dev.durable.internal.store.JournalStore.Batch;
import dev.durable.testing.DatabaseExtension;
import dev.durable.testing.TestDatabase;
import java.sql.Connection;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(DatabaseExtension.class)
class JournalStoreTest {

  private static final List<String> DEFINITIONS = List.of("order@1");

  private final TestDatabase db;
  private final Sql sql = new Sql("durable");
  private final JournalStore journal = new JournalStore(sql);
  private final ClaimStore claims = new ClaimStore(sql);
  private final Database database;
  private final NodeStore nodes;

  JournalStoreTest(TestDatabase db) {
    this.db = db;
    this.database = new Database(db.dataSource());
    this.nodes = new NodeStore(database, sql);
  }

  @Test
  @DisplayName("G1: a start whose answer was lost finds that it is owned")
  void aStartThatIsRepeatedIsOurs() throws Exception {
    StartRow row = ownedBy(node());
    assertThat(start(row)).isEqualTo(new StartResult(row.id(), true, true));
    assertThat(start(row)).isEqualTo(new StartResult(row.id(), true, true));
  }

  @Test
  @DisplayName("G1, G3: what was claimed since a start is not run by its caller as well")
  void aStartThatSomebodyHasClaimedIsNotOurs() throws Exception {
    UUID lost = node();
    nodes.retire(lost);
    StartRow row = ownedBy(lost);
    assertThat(start(row)).isEqualTo(new StartResult(row.id(), true, false));

    ClaimStore.Claim claim =
        claims.claim(database, node(), ClaimStore.Room.of(Map.of("default", 1)), DEFINITIONS);

    assertThat(claim.executions()).extracting(c -> c.owner().id()).containsExactly(row.id());
    assertThat(start(row)).isEqualTo(new StartResult(row.id(), true, false));
  }

  private UUID node() {
    UUID node = TimeOrderedIds.next();
    nodes.register(node, "node", Set.of("default"), DEFINITIONS, Duration.ofMinutes(1));
    return node;
  }

  private StartResult start(StartRow row) throws Exception {
    Batch batch = new Batch(List.of(row), true, List.of());
    write(batch);
    return batch.started(row);
  }

  private void write(Batch batch) throws Exception {
    try (Connection connection = db.dataSource().getConnection()) {
      journal.commit(connection, database.frame(Duration.ofSeconds(2)), batch);
    }
  }
}
