package dev.durable.internal.store;

import static dev.durable.testing.StartRows.debounced;
import static dev.durable.testing.StartRows.ownedBy;
import static org.assertj.core.api.Assertions.assertThat;

import dev.durable.execution.StepStatus;
import dev.durable.execution.StepType;
import dev.durable.internal.store.jdbc.Database;
import dev.durable.internal.store.jdbc.Schema;
import dev.durable.internal.store.jdbc.TimeOrderedIds;
import dev.durable.internal.store.journal.Entry;
import dev.durable.internal.store.journal.JournalStore;
import dev.durable.internal.store.journal.JournalStore.Batch;
import dev.durable.internal.store.journal.Ownership;
import dev.durable.internal.store.journal.StartResult;
import dev.durable.internal.store.journal.StartRow;
import dev.durable.internal.store.journal.StepRow;
import dev.durable.internal.store.worker.Claim;
import dev.durable.internal.store.worker.ClaimRoom;
import dev.durable.internal.store.worker.ClaimStore;
import dev.durable.internal.store.worker.WorkerStore;
import dev.durable.internal.store.worker.WorkerStore.Duties;
import dev.durable.testing.DatabaseExtension;
import dev.durable.testing.Proves;
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
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

@ExtendWith(DatabaseExtension.class)
class JournalStoreTest {

  private static final List<String> DEFINITIONS = List.of("order@1");

  private final TestDatabase db;
  private final Schema sql = new Schema("durable");
  private final JournalStore journal = new JournalStore(sql);
  private final ClaimStore claims = new ClaimStore(sql);
  private final Database database;
  private final WorkerStore workers;

  JournalStoreTest(TestDatabase db) {
    this.db = db;
    this.database = new Database(db.dataSource());
    this.workers = new WorkerStore(database, sql);
  }

  @Test
  @Proves("G1")
  @DisplayName("A start repeated after its answer was lost finds that it owns the execution")
  void aStartThatIsRepeatedIsOurs() throws Exception {
    StartRow row = ownedBy(worker());
    assertThat(start(row)).isEqualTo(new StartResult(row.id(), true, true, false, false));
    assertThat(start(row)).isEqualTo(new StartResult(row.id(), true, true, false, false));
  }

  @Test
  @Proves({"G1", "G3"})
  @DisplayName("A caller does not run an execution that a worker has claimed since its start")
  void aStartThatSomebodyHasClaimedIsNotOurs() throws Exception {
    UUID lost = worker();
    workers.retire(lost);
    StartRow row = ownedBy(lost);
    assertThat(start(row)).isEqualTo(new StartResult(row.id(), true, false, false, false));

    Claim claim =
        claims.claim(
            database,
            claims.limits(database, worker()),
            ClaimRoom.of(Map.of("default", 1)),
            DEFINITIONS,
            List.of(),
            false);

    assertThat(claim.executions()).extracting(c -> c.owner().id()).containsExactly(row.id());
    assertThat(start(row)).isEqualTo(new StartResult(row.id(), true, false, false, false));
  }

  /** How a row that shows a body as running, and that of its end, come to the database. */
  enum Order {
    ONE_AFTER_THE_OTHER,
    END_FIRST,
    TOGETHER,
    TOGETHER_END_FIRST
  }

  @ParameterizedTest
  @EnumSource
  @Proves("F2.3")
  @DisplayName("A body's end counts, in whichever order it and its running row arrive")
  void theEndCounts(Order order) throws Exception {
    StartRow start = ownedBy(worker());
    start(start);
    Ownership owner = new Ownership(start.id(), 1);
    Entry running = new Entry(owner, List.of(row(StepStatus.RUNNING)));
    Entry end = new Entry(owner, List.of(row(StepStatus.COMPLETED)));
    switch (order) {
      case ONE_AFTER_THE_OTHER -> {
        assertThat(write(running).isWritten(running)).isTrue();
        assertThat(write(end).isWritten(end)).isTrue();
      }
      case END_FIRST -> {
        assertThat(write(end).isWritten(end)).isTrue();
        assertThat(write(running).isWritten(running)).isFalse();
      }
      case TOGETHER -> assertThat(write(running, end).isWritten(end)).isTrue();
      case TOGETHER_END_FIRST -> assertThat(write(end, running).isWritten(end)).isTrue();
    }
    assertThat(
            db.rows(
                "select status, output from durable.step_executions where workflow_id = ?",
                start.id()))
        .containsExactly("completed|1");
    // Nothing more is to be done for either.
    assertThat(outcome(running)).isEqualTo(JournalStore.Outcome.COMMITTED);
    assertThat(outcome(end)).isEqualTo(JournalStore.Outcome.COMMITTED);
  }

  private static StepRow row(StepStatus status) {
    String output = status == StepStatus.RUNNING ? null : "1";
    return new StepRow(0, "one", StepType.STEP, 1, status, output, null, Duration.ZERO, true);
  }

  private JournalStore.Outcome outcome(Entry entry) throws Exception {
    try (Connection connection = db.dataSource().getConnection()) {
      return journal.outcome(connection, database.frame(Duration.ofSeconds(2)), entry);
    }
  }

  private Batch write(Entry... entries) throws Exception {
    Batch batch = Batch.ofEntries(List.of(entries));
    write(batch);
    return batch;
  }

  private UUID worker() {
    UUID worker = TimeOrderedIds.next();
    workers.register(
        worker,
        "worker",
        new Duties(Set.of("default"), DEFINITIONS, List.of(), List.of()),
        Duration.ofMinutes(1));
    return worker;
  }

  @Test
  @DisplayName("Of debounced starts in one batch the newest counts, in whatever order they stand")
  void debouncedStartsOfOneBatch() throws Exception {
    StartRow first = debounced("batch", "1");
    StartRow second = debounced("batch", "2");
    StartRow third = debounced("batch", "3");
    Batch batch = Batch.ofStarts(List.of(second, third, first));
    write(batch);
    assertThat(batch.started(first))
        .isEqualTo(new StartResult(first.id(), true, false, false, false));
    assertThat(batch.started(second)).isEqualTo(StartResult.replaced(first.id()));
    assertThat(batch.started(third)).isEqualTo(StartResult.replaced(first.id()));
    assertThat(
            db.rows(
                "select input, debounced_by from durable.workflow_executions"
                    + " where workflow_key = 'batch'"))
        .containsExactly("3|" + third.id());
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
