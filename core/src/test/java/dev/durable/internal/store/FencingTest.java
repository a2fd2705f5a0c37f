package dev.durable.internal.store;

import static dev.durable.testing.StartRows.withKey;
import static org.assertj.core.api.Assertions.assertThat;

import dev.durable.execution.ErrorInfo;
import dev.durable.execution.ExecutionStatus;
import dev.durable.execution.StepStatus;
import dev.durable.execution.StepType;
import dev.durable.internal.store.jdbc.Database;
import dev.durable.internal.store.jdbc.Schema;
import dev.durable.internal.store.jdbc.TimeOrderedIds;
import dev.durable.internal.store.journal.Entry;
import dev.durable.internal.store.journal.ExecutionLinks;
import dev.durable.internal.store.journal.JournalStore;
import dev.durable.internal.store.journal.JournalStore.Batch;
import dev.durable.internal.store.journal.Ownership;
import dev.durable.internal.store.journal.StepRow;
import dev.durable.internal.store.journal.Transition;
import dev.durable.internal.store.journal.WaitChanges;
import dev.durable.internal.store.journal.WakeCondition;
import dev.durable.internal.store.worker.OrphanStore;
import dev.durable.internal.store.worker.WorkerStore;
import dev.durable.internal.store.worker.WorkerStore.Duties;
import dev.durable.testing.DatabaseExtension;
import dev.durable.testing.Proves;
import dev.durable.testing.TestDatabase;
import java.sql.Connection;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.function.BiFunction;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

@ExtendWith(DatabaseExtension.class)
@Proves({"F2.6", "G2"})
@DisplayName("An entry under an old token changes nothing")
class FencingTest {

  private static final long OLD = 1;
  private static final long NOW = 2;
  private static final int RUNNING = 0;
  private static final int WAIT = 1;
  private static final long EVENT = 1;

  private final TestDatabase db;
  private final Schema sql = new Schema("durable");
  private final JournalStore journal = new JournalStore(sql);
  private final Database database;
  private final UUID execution = TimeOrderedIds.next();
  private final UUID child = TimeOrderedIds.next();

  FencingTest(TestDatabase db) {
    this.db = db;
    this.database = new Database(db.dataSource());
  }

  /** Each kind of change that an entry may bring, alone. */
  @SuppressWarnings("ImmutableEnumChecker")
  enum Change {
    STEP((owner, child) -> entry(owner, row(5, false))),
    CLOSED_STEP((owner, child) -> entry(owner, row(RUNNING, true))),
    FORGOTTEN_STEP(
        (owner, child) ->
            new Entry(
                owner, List.of(), List.of(RUNNING), WaitChanges.NONE, null, ExecutionLinks.NONE)),
    OPENED_WAIT(
        (owner, child) ->
            entry(
                owner,
                WaitChanges.open(
                    new WaitChanges.Opened(RUNNING, "first", false, List.of("event:x"), false)))),
    CLOSED_WAIT(
        (owner, child) -> entry(owner, WaitChanges.close(WaitChanges.Closed.cancelled(WAIT)))),
    TAKEN_EVENT(
        (owner, child) ->
            entry(owner, WaitChanges.take(List.of(new WaitChanges.Taken(EVENT, WAIT))))),
    QUESTION((owner, child) -> entry(owner, WaitChanges.ask(question()))),
    REASSIGNED(
        (owner, child) ->
            entry(owner, WaitChanges.assign(new WaitChanges.Assigned(WAIT, List.of("late"))))),
    CHILD(
        (owner, child) ->
            entry(
                owner,
                WaitChanges.start(
                    new WaitChanges.Child(withKey(null), "first/child", null, "cancel", true)))),
    UNWANTED_CHILD((owner, child) -> entry(owner, WaitChanges.cancel(child))),
    COMPLETION(
        (owner, child) ->
            entry(
                owner,
                new Transition(ExecutionStatus.COMPLETED, "1", null, null, WakeCondition.NEVER))),
    FAILURE(
        (owner, child) ->
            entry(
                owner,
                new Transition(ExecutionStatus.FAILED, null, "{}", null, WakeCondition.NEVER))),
    REST(
        (owner, child) ->
            entry(
                owner,
                new Transition(
                    ExecutionStatus.WAITING, null, null, "first", WakeCondition.BY_SIGNAL)));

    private final BiFunction<Ownership, UUID, Entry> entry;

    Change(BiFunction<Ownership, UUID, Entry> entry) {
      this.entry = entry;
    }

    private static Entry entry(Ownership owner, StepRow row) {
      return new Entry(owner, List.of(row));
    }

    private static Entry entry(Ownership owner, WaitChanges changes) {
      return new Entry(owner, List.of(), List.of(), changes, null, ExecutionLinks.NONE);
    }

    private static Entry entry(Ownership owner, Transition transition) {
      return new Entry(
          owner,
          List.of(),
          List.of(),
          WaitChanges.NONE,
          transition,
          new ExecutionLinks(true, true, true));
    }

    private static WaitChanges.Question question() {
      return new WaitChanges.Question(
          TimeOrderedIds.next(),
          7,
          "q",
          "q",
          new WaitChanges.Question.Content("text", null, null, null, null),
          List.of(),
          null);
    }
  }

  private static StepRow row(int seq, boolean opened) {
    return new StepRow(
        seq,
        "step-" + seq,
        StepType.STEP,
        1,
        StepStatus.COMPLETED,
        "1",
        null,
        Duration.ZERO,
        opened);
  }

  @BeforeEach
  void anExecutionThatWasTakenOver() {
    UUID worker = TimeOrderedIds.next();
    new WorkerStore(database, sql)
        .register(
            worker,
            "worker",
            new Duties(List.of("default"), List.of("order@1"), List.of(), List.of()),
            Duration.ofMinutes(5));
    db.update(
        """
        insert into durable.workflow_executions
          (id, workflow_name, workflow_version, status, input, locked_by, lock_token, started_at,
           inserted_at, updated_at)
        values (?, 'order', 1, 'running', '1', ?, ?, now(), now(), now())
        """,
        execution,
        worker,
        NOW);
    db.update(
        """
        insert into durable.workflow_executions
          (id, workflow_name, workflow_version, status, input, wake_at, parent_workflow_id,
           parent_step, parent_close_policy, inserted_at, updated_at)
        values (?, 'order', 1, 'pending', '1', now(), ?, 'first', 'cancel', now(), now())
        """,
        child,
        execution);
    db.update(
        """
        insert into durable.step_executions
          (workflow_id, seq, step_name, path, step_type, attempt, status, started_at)
        values (?, 0, 'first', 'first', 'step', 1, 'running', now()),
               (?, 1, 'wait', 'first/wait', 'wait', 1, 'waiting', now())
        """,
        execution,
        execution);
    db.update(
        """
        insert into durable.wait_groups
          (workflow_id, kind, event_name, seq, place, path, mode, opened_at)
        values (?, 'event', 'go', 1, 0, 'first/wait', 'any', now())
        """,
        execution);
    db.update(
        """
        insert into durable.pending_inputs
          (id, workflow_id, seq, input_name, path, input_type, status, inserted_at)
        values (gen_random_uuid(), ?, 1, 'wait', 'first/wait', 'text', 'pending', now())
        """,
        execution);
    db.update(
        """
        insert into durable.pending_events
          (workflow_id, id, kind, event_name, status, inserted_at)
        values (?, 1, 'event', 'go', 'pending', now())
        """,
        execution);
  }

  /** What a single entry leaves behind is not a state that the engine would commit. */
  @AfterEach
  void nothingIsLeft() {
    db.deleteExecutions();
  }

  @ParameterizedTest
  @EnumSource(Change.class)
  void alone(Change change) throws Exception {
    Entry late = change.entry.apply(new Ownership(execution, OLD), child);
    List<String> before = state();

    assertThat(write(late).isWritten(late)).isFalse();

    assertThat(state()).isEqualTo(before);
  }

  @ParameterizedTest
  @EnumSource(Change.class)
  @DisplayName("A late entry changes nothing in one batch with the new owner's, which is written")
  void besideTheNewOwners(Change change) throws Exception {
    Entry late = change.entry.apply(new Ownership(execution, OLD), child);
    Entry fresh = new Entry(new Ownership(execution, NOW), List.of(row(9, false)));
    List<String> before = state();

    Batch batch = write(late, fresh);

    assertThat(batch.isWritten(late)).isFalse();
    assertThat(batch.isWritten(fresh)).isTrue();
    List<String> after = state();
    after.removeIf(line -> line.contains("step-9"));
    assertThat(after).isEqualTo(before);
  }

  @ParameterizedTest
  @EnumSource(Change.class)
  @DisplayName("The same change in the owner's entry is written")
  void byTheOwner(Change change) throws Exception {
    Entry fresh = change.entry.apply(new Ownership(execution, NOW), child);
    List<String> before = state();

    assertThat(write(fresh).isWritten(fresh)).isTrue();

    assertThat(state()).isNotEqualTo(before);
  }

  @Test
  @DisplayName("Its worker frees what it owns and does not run, under the newest token alone")
  void orphans() {
    OrphanStore orphans = new OrphanStore(database, sql);
    List<String> before = state();

    assertThat(orphans.disown(List.of(new Ownership(execution, OLD)))).isZero();

    assertThat(state()).isEqualTo(before);
    assertThat(orphans.disown(List.of(new Ownership(execution, NOW), new Ownership(child, 0))))
        .isEqualTo(1);
    assertThat(
            db.rows(
                "select status, locked_by, lock_token, wake_at is null, recoveries"
                    + " from durable.workflow_executions where id = ?",
                execution))
        .containsExactly("pending|null|3|f|0");
    assertThat(
            db.rows(
                "select step_name, status, error ->> 'type' from durable.step_executions"
                    + " where workflow_id = ? order by seq",
                execution))
        .containsExactly("first|failed|" + ErrorInfo.WORKER_LOST, "wait|waiting|null");
    db.update(
        "update durable.workflow_executions set status = 'compensating', wake_at = null,"
            + " compensation_results = '[]', locked_by = (select id from durable.workers limit 1)"
            + " where id = ?",
        execution);
    assertThat(orphans.disown(List.of(new Ownership(execution, NOW + 1)))).isEqualTo(1);
    assertThat(db.rows("select status from durable.workflow_executions where id = ?", execution))
        .containsExactly("compensating");
  }

  private Batch write(Entry... entries) throws Exception {
    Batch batch = Batch.ofEntries(List.of(entries));
    try (Connection connection = db.dataSource().getConnection()) {
      journal.commit(connection, database.frame(Duration.ofSeconds(2)), batch);
    }
    return batch;
  }

  private List<String> state() {
    List<String> state = new ArrayList<>();
    for (String query :
        List.of(
            "select * from durable.workflow_executions where ? in (id, parent_workflow_id)",
            "select * from durable.step_executions where workflow_id = ?",
            "select * from durable.wait_groups where workflow_id = ?",
            "select * from durable.pending_inputs where workflow_id = ?",
            "select * from durable.pending_events where workflow_id = ?")) {
      state.addAll(db.rows("select t::text from (" + query + ") t order by 1", execution));
    }
    return state;
  }
}
