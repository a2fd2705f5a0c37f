package dev.durable.plans;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import com.zaxxer.hikari.HikariDataSource;
import dev.durable.Durable;
import dev.durable.execution.ExecutionHandle;
import dev.durable.internal.store.Stores;
import dev.durable.internal.store.jdbc.Database;
import dev.durable.internal.store.jdbc.KeptConnection;
import dev.durable.internal.store.jdbc.Schema;
import dev.durable.internal.store.journal.Ownership;
import dev.durable.internal.store.worker.WorkerStore;
import dev.durable.testing.Proves;
import dev.durable.testing.TestDatabase;
import dev.durable.wait.Event;
import dev.durable.workflow.Workflow;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import javax.sql.DataSource;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/**
 * What the hot statements do when a million executions are there, 100,000 of them waiting for their
 * turn: PostgreSQL's plans for the statements that a worker really sends.
 */
class HotStatementsTest {

  private static final Duration PATIENCE = Duration.ofMinutes(1);
  private static final SqlRecorder RECORDER = new SqlRecorder();
  private static final Event<String> GO = Event.of("go", String.class);
  private static final List<String> PARTIAL =
      List.of(
          "workflow_executions_owner",
          "workflow_executions_due",
          "workflow_executions_deadline",
          "workflow_executions_children");
  private static TestDatabase database;
  private static TestDatabase quiet;

  @BeforeAll
  static void recordThenFill() {
    database = TestDatabase.migrated();
    assumeThat(database.majorVersion()).as("explain (generic_plan)").isGreaterThanOrEqualTo(16);
    try (HikariDataSource pool = database.newPool(10)) {
      recordOneExecution(pool);
    }
    fill();
    quiet = TestDatabase.migrated();
    fillQuiet();
  }

  @AfterAll
  static void close() {
    database.close();
    if (quiet != null) {
      quiet.close();
    }
  }

  @Test
  void claimStepsThroughTheIndexOfWhatIsDue() {
    assertGood(RECORDER.containing("claimed as ("), "workflow_executions_due");
  }

  @Test
  @Proves("F10.4")
  @DisplayName("A claim searches the lanes of other editions outward from its own")
  void claimNeverWalksItsOwnLaneForOthers() {
    for (String claim : only(RECORDER.containing("claimed as ("))) {
      assertThat(QueryPlan.of(database, claim).indexesReadBackward())
          .as("PostgreSQL does not show the part that is repeated")
          .containsExactly("workflow_executions_due");
    }
  }

  @Test
  void entriesGoByKey() {
    assertGood(RECORDER.containing("owned as materialized"), "workflow_executions_pkey");
    assertGood(RECORDER.containing("as needed from"), "workflow_executions_pkey");
  }

  @Test
  void waitsGoByKey() {
    assertGood(
        RECORDER.containing("insert into \"durable\".wait_groups"), "workflow_executions_pkey");
    assertGood(RECORDER.containing("ended as materialized"), "workflow_executions_pkey");
    assertGood(RECORDER.containing("order by p.kind, p.event_name"), "pending_events_open");
    assertGood(RECORDER.containing("awaited as ("), "pending_events_open");
  }

  @Test
  void startsFindTheirKeys() {
    assertGood(RECORDER.containing("where o.key is not null"), "workflow_executions_key");
  }

  @Test
  void theBeginningOfAnIdIsFoundByKey() {
    assertGood(RECORDER.containing("id between"), "workflow_executions_pkey");
  }

  @Test
  void heartbeatTouchesNoExecution() {
    for (String sql : only(RECORDER.containing("set heartbeat_at"))) {
      assertThat(QueryPlan.of(database, sql).toString())
          .doesNotContain("workflow_executions", "step_executions");
    }
  }

  @Test
  @Proves("F2.9")
  @DisplayName("A takeover finds owners without a row by stepping through the index of owners")
  void unknownOwnersAreFoundByTheIndex() {
    List<String> bury = RECORDER.containing("owners as (");
    assertGood(bury, "workflow_executions_owner");
  }

  @Test
  @Proves("F6.7")
  @DisplayName("Overdue executions are found in the index of open executions with a deadline")
  void whatIsTooLateIsFoundByTheIndex() {
    assertGood(RECORDER.containing("late as materialized"), "workflow_executions_deadline");
  }

  @Test
  void takeoverReadsWhatTheDeadWorkerOwned() {
    List<String> takeover = RECORDER.containing("gone as materialized (");
    assertThat(takeover).as("the lock and the release").hasSize(2);
    assertGood(takeover, "workflow_executions_owner");
  }

  /**
   * When nothing was owned, due or a child as the tables were last analyzed, the indexes of what is
   * seem to be empty, and reading all of one looks cheaper than looking a key up. It was: T3 with a
   * thousand in flight then ran at a quarter of its speed.
   */
  @Test
  void keysGoByKeyAfterAQuietMoment() {
    for (String part :
        List.of(
            "owned as materialized",
            "as needed from",
            "ended as materialized",
            "offered as (",
            "select o.id, o.token from (select pg_catalog.unnest",
            "wake_at = least(greatest(")) {
      for (String sql : only(RECORDER.containing(part))) {
        QueryPlan plan = QueryPlan.of(quiet, sql);
        assertThat(plan.indexes())
            .as("indexes used by %s", plan)
            .doesNotContainAnyElementsOf(PARTIAL);
      }
    }
  }

  @Test
  @DisplayName("The test reports a scan and a sort")
  void badPlansAreNoticed() {
    String scan = "select * from durable.workflow_executions where current_step = ?";
    String sort =
        "select * from durable.workflow_executions where queue = ?"
            + " and wake_at is not null order by updated_at limit 10";

    assertThat(QueryPlan.of(database, scan).scannedTables()).contains("workflow_executions");
    assertThat(QueryPlan.of(database, sort).sortedIndexes()).contains("workflow_executions_due");
  }

  private static void assertGood(List<String> statements, String index) {
    for (String sql : only(statements)) {
      QueryPlan plan = QueryPlan.of(database, sql);
      assertThat(plan.scannedTables())
          .as("tables scanned by %s", plan)
          .doesNotContain(
              "workflow_executions", "step_executions", "pending_events", "wait_groups");
      assertThat(plan.sortedIndexes())
          .as("indexes whose rows are sorted by %s", plan)
          .doesNotContain("workflow_executions_due");
      assertThat(plan.indexes()).as("indexes used by %s", plan).contains(index);
    }
  }

  private static List<String> only(List<String> statements) {
    assertThat(statements).as("recorded statements").isNotEmpty();
    return statements;
  }

  /** Started here, and one taken over from a worker that died, so that each statement is sent. */
  private static void recordOneExecution(HikariDataSource pool) {
    Workflow<String, String> workflow =
        Workflow.define("greet", String.class).step("hello", name -> "Hello " + name).build();
    UUID left = database.addOwned(database.createDeadWorker(), "greet", null, "\"Ada\"");
    Workflow<String, String> waiting =
        Workflow.define("waits", String.class)
            .call("child", workflow, name -> name, (name, greeting) -> greeting)
            .await("event", GO, (name, go) -> name)
            .await(
                "late",
                GO,
                (name, go) -> name,
                w -> w.timeout(Duration.ofMillis(1)).onTimeout(name -> name))
            .build();
    try (Durable durable =
        Durable.on(RECORDER.on(pool)).register(workflow, waiting).startWorker()) {
      ExecutionHandle<String> waits = durable.start(waiting, "Alan");
      durable.send(waits.id(), GO, "now");
      waits.result(PATIENCE);
      durable.executions(q -> q.idPrefix(waits.id().toString().substring(0, 8)));
      durable.start(workflow, "Grace", o -> o.key("grace")).result(PATIENCE);
      durable.handle(left, workflow).result(PATIENCE);
    }
    recordLosses(RECORDER.on(pool));
  }

  /** What a worker asks and does when it may have lost something, and in a heartbeat. */
  private static void recordLosses(DataSource dataSource) {
    Database recorded = new Database(dataSource);
    Stores stores = Stores.on(recorded, new Schema("durable"));
    WorkerStore workers = stores.workers();
    List<Ownership> lost = List.of(new Ownership(UUID.randomUUID(), 1));
    stores.orphans().disown(lost);
    try (KeptConnection kept = KeptConnection.patientFor(recorded, PATIENCE)) {
      workers.fenced(lost, kept);
      workers.beat(UUID.randomUUID(), kept);
    }
  }

  /** Everything has ended. */
  private static void fillQuiet() {
    quiet.script(
        """
        insert into durable.workflow_executions
          (id, workflow_name, workflow_version, status, input, lock_token, inserted_at, updated_at)
        select (lpad(to_hex(n), 12, '0') || '70008000' || lpad(to_hex(n), 12, '0'))::uuid,
               'order', 1, 'completed', '{}', 1, now(), now()
        from generate_series(1, 20000) n;
        insert into durable.step_executions
          (workflow_id, seq, step_name, path, step_type, attempt, status, output, started_at)
        select id, 0, 'hello', 'hello', 'step', 1, 'completed', '{}', now()
        from durable.workflow_executions;
        analyze durable.workflow_executions, durable.step_executions;
        """);
  }

  private static void fill() {
    database.makeUnlogged();
    database.script(
        """
        insert into durable.workflow_executions
          (id, workflow_name, workflow_version, workflow_key, status, queue, priority, input,
           wake_at, deadline_at, locked_by, lock_token, inserted_at, updated_at)
        select (lpad(to_hex(n), 12, '0') || '70008000' || lpad(to_hex(n), 12, '0'))::uuid,
               'order', 1, case when n % 10 = 0 then 'key-' || n end,
               case when n % 10 = 1 then 'pending' when n % 100 = 2 then 'running'
                    else 'completed' end,
               'queue-' || n % 3, n % 4, '{}',
               case when n % 10 = 1 then now() + (n % 1000 - 500) * interval '1 second' end,
               case when n % 7 = 1 then now() + (n % 1000 - 900) * interval '1 second' end,
               case when n % 100 = 2 and n % 10 <> 1
                    then ('00000000-0000-7000-8000-00000000000' || n % 7)::uuid end,
               1, now(), now()
        from generate_series(1, 1000000) n;
        insert into durable.step_executions
          (workflow_id, seq, step_name, path, step_type, attempt, status, output, started_at)
        select id, 0, 'hello', 'hello', 'step', 1, 'completed', '{}', now()
        from durable.workflow_executions where workflow_name = 'order';
        insert into durable.pending_events
          (workflow_id, kind, event_name, payload, status, inserted_at)
        select id, 'event', 'go', '1', case when random() < 0.1 then 'pending' else 'received' end,
               now()
        from durable.workflow_executions where workflow_name = 'order' limit 200000;
        insert into durable.wait_groups
          (workflow_id, kind, event_name, seq, place, path, mode, opened_at)
        select id, 'event', 'on', 1, 0, 'wait', 'any', now()
        from durable.workflow_executions where workflow_name = 'order' limit 100000;
        analyze durable.workflow_executions, durable.step_executions, durable.pending_events,
                durable.wait_groups;
        """);
  }
}
