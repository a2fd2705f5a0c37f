package dev.durable.plans;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.durable.internal.store.Statements;
import dev.durable.internal.store.jdbc.Schema;
import dev.durable.internal.store.jdbc.StatementTemplate;
import dev.durable.testing.Proves;
import dev.durable.testing.TestDatabase;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * PostgreSQL's plans for all statements that look up waits or signals, as workers and senders make
 * them, whatever it believes of the tables.
 */
@Proves({"F12.1", "F12.2"})
@DisplayName("Waits and signals are looked up by key, whatever the statistics say")
class SignalPlansTest {

  /** When the tables were analyzed for the last time. */
  enum Analyzed {
    NEVER(""),

    EMPTY("analyze " + TABLES),

    SMALL(fill(1, 3) + "analyze " + TABLES),

    A_DOZEN(fill(1, 12) + "analyze " + TABLES),

    SOME(fill(1, 150) + "analyze " + TABLES),

    SEVERAL_OF_SOME(fill(5, 50) + "analyze " + TABLES),

    ONE_LARGE(fill(1, 4_000) + "analyze " + TABLES),

    MANY_SMALL(fill(4_000, 1) + "analyze " + TABLES),

    /** All that was sent has been received, and nothing waits. */
    QUIET(
        fill(200, 20)
            + "delete from durable.wait_groups;"
            + "update durable.pending_events set status = 'received';"
            + "update durable.pending_inputs set status = 'completed', completed_at = now();"
            + "analyze "
            + TABLES),

    /** And then they have grown. */
    SMALL_THEN_GROWN(fill(1, 3) + "analyze " + TABLES + ";" + fill(2, 2_000)),

    MANY_THEN_ONE_GROWN(fill(4_000, 1) + "analyze " + TABLES + ";" + fill(1, 4_000));

    private final String script;

    Analyzed(String script) {
      this.script = script;
    }
  }

  private static final String TABLES =
      "durable.workflow_executions, durable.step_executions, durable.wait_groups,"
          + " durable.pending_events, durable.pending_inputs";

  private static final Set<String> ENDING =
      Set.of("wait_groups_pkey", "step_executions_pkey", "pending_inputs_execution");

  /** What is about all waits, all that is unread, or all history of some executions. */
  private static final Map<String, Set<String>> WHOLE =
      Map.ofEntries(
          Map.entry("ClaimStatement.CLAIM", Set.of("pending_events_open")),
          Map.entry("LimitedClaimStatement.CLAIM", Set.of("pending_events_open")),
          Map.entry("DeadlineStore.END", ENDING),
          Map.entry(
              "QuestionStore.LIST", Set.of("pending_inputs_execution", "pending_inputs_open")),
          Map.entry("TransitionStatement.MOVE", Set.of("pending_events_open")),
          Map.entry("WaitStore.CANCEL_ALL", Set.of("wait_groups_pkey")),
          Map.entry("MailboxStore.MAILBOX", Set.of("pending_events_open")),
          Map.entry("MailboxStore.UNREAD", Set.of("pending_events_open")),
          Map.entry("WaitStore.LIST", Set.of("wait_groups_pkey")),
          Map.entry("WaitStore.WAKE_FOR_CANCEL_ALL", Set.of("wait_groups_pkey")),
          Map.entry("CancelStore.CANCEL", ENDING),
          Map.entry("CancelStore.GIVE_UP", ENDING),
          Map.entry("ChildCancelStatement.CLOSE", ENDING),
          Map.entry("HistoryStatement.LOAD", Set.of("step_executions_pkey")),
          Map.entry("RevivalStatement.REVIVE", Set.of("step_executions_pkey")),
          Map.entry("WaitStatement.END", ENDING));

  private static int filled;

  private static String fill(int executions, int rows) {
    return """
        insert into durable.workflow_executions
          (id, workflow_name, workflow_version, status, input, lock_token, inserted_at, updated_at)
        select (lpad(to_hex(%1$d), 8, '0') || '000070008000' || lpad(to_hex(n), 12, '0'))::uuid,
               'order', 1, 'waiting', '{}', 1, now(), now()
        from generate_series(1, %2$d) n;
        insert into durable.step_executions
          (workflow_id, seq, step_name, path, step_type, attempt, status, output, started_at)
        select id, n, 'w', 'w', 'wait', 1, 'waiting', '{}', now()
        from durable.workflow_executions, generate_series(1, %3$d) n
        where id::text like lpad(to_hex(%1$d), 8, '0') || '%%';
        insert into durable.wait_groups
          (workflow_id, kind, event_name, seq, place, path, mode, opened_at)
        select workflow_id, 'event', 'go-' || seq, seq, 0, 'w', 'any', now()
        from durable.step_executions
        where workflow_id::text like lpad(to_hex(%1$d), 8, '0') || '%%';
        insert into durable.pending_events
          (workflow_id, id, kind, event_name, payload, status, inserted_at, idempotency_key)
        select workflow_id, seq, 'event', event_name, '1', 'pending', now(),
               case when seq %% 2 = 0 then 'once' || seq end
        from durable.wait_groups
        where workflow_id::text like lpad(to_hex(%1$d), 8, '0') || '%%';
        insert into durable.pending_inputs
          (id, workflow_id, seq, input_name, path, input_type, assignees, status, inserted_at)
        select gen_random_uuid(), workflow_id, seq, 'q', 'w-' || seq, 'text', array['boss'], 'pending',
               now()
        from durable.wait_groups
        where workflow_id::text like lpad(to_hex(%1$d), 8, '0') || '%%';
        """
        .formatted(++filled, executions, rows);
  }

  @ParameterizedTest
  @EnumSource(Analyzed.class)
  void lookedUpByKey(Analyzed analyzed) {
    try (TestDatabase db = TestDatabase.migrated()) {
      assumeThat(db.majorVersion()).as("explain (generic_plan)").isGreaterThanOrEqualTo(16);
      db.stopAutovacuum();
      db.script(analyzed.script);
      List<String> wrong = new ArrayList<>();
      statements()
          .forEach(
              each -> {
                String sql = new Schema("durable").of(each);
                Stream.of(QueryPlan.byKey(db, sql), QueryPlan.byKeyOnFastDisks(db, sql))
                    .flatMap(
                        plan ->
                            Lookups.wrong(plan, WHOLE.getOrDefault(each.name(), Set.of())).stream())
                    .forEach(what -> wrong.add(each.name() + ": " + what));
              });
      assertThat(new TreeSet<>(wrong)).isEmpty();
    }
  }

  private static Stream<StatementTemplate> statements() {
    return Statements.all().stream()
        .filter(
            each ->
                Stream.of(".wait_groups", ".pending_events", ".pending_inputs")
                    .anyMatch(each.text()::contains));
  }
}
