package dev.durable.internal.store;

import static org.assertj.core.api.Assertions.assertThat;

import dev.durable.internal.store.jdbc.Database;
import dev.durable.internal.store.jdbc.HintSender;
import dev.durable.internal.store.jdbc.Schema;
import dev.durable.internal.store.jdbc.TimeOrderedIds;
import dev.durable.internal.store.journal.StartRow;
import dev.durable.internal.store.schedule.BackfillStore;
import dev.durable.internal.store.schedule.Declaration;
import dev.durable.internal.store.schedule.DueSchedule;
import dev.durable.internal.store.schedule.ScheduleRow;
import dev.durable.internal.store.schedule.ScheduleStore;
import dev.durable.internal.store.schedule.Served;
import dev.durable.internal.store.schedule.TickStore;
import dev.durable.internal.store.schedule.TickStore.Scope;
import dev.durable.schedule.Schedule;
import dev.durable.schedule.ScheduleOptions;
import dev.durable.testing.DatabaseExtension;
import dev.durable.testing.TestDatabase;
import dev.durable.workflow.Workflow;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@ExtendWith(DatabaseExtension.class)
@Tag("newest")
@DisplayName("A schedule that is served")
class TickStoreTest {

  private static final Workflow<String, String> W =
      Workflow.define("w", String.class).step("s", text -> text).build();
  private static final Instant TICK = Instant.parse("2026-03-01T00:00:00Z");
  private static final Duration HOUR = Duration.ofHours(1);
  private static final List<String> NONE = List.of();
  private static final List<Declaration> UNDECLARED = List.of();
  private static final List<Declaration> MADE = List.of(new Declaration("made", "w"));

  private final TestDatabase db;
  private final Schema schema = new Schema("durable");
  private final Database database;
  private final TickStore store;

  TickStoreTest(TestDatabase db) {
    this.db = db;
    this.database = new Database(db.dataSource());
    this.store = new TickStore(database, schema, HintSender.SILENT);
  }

  @AfterEach
  void nothingIsLeft() {
    db.deleteExecutions();
    db.update("delete from durable.scheduled_workflows");
    db.update("delete from durable.workflow_definitions");
  }

  /** A schedule that is due for so long. */
  private void schedule(String name, Duration due, Consumer<ScheduleOptions<String>> with) {
    schedule(name, due, "\"x\"", with);
  }

  private void schedule(
      String name, Duration due, @Nullable String input, Consumer<ScheduleOptions<String>> with) {
    Schedule<String> hourly = Schedule.every(name, W, HOUR, with);
    new ScheduleStore(database, schema)
        .put(List.of(new ScheduleRow(name, "w", hourly.settings(), input, input == null)));
    db.update(
        "update durable.scheduled_workflows set next_tick_at = ?::timestamptz,"
            + " next_run_at = now() - ?::interval where name = ?",
        TICK.toString(),
        due.toString(),
        name);
  }

  private List<DueSchedule> serve(Scope scope, Function<DueSchedule, @Nullable Served> plan) {
    List<DueSchedule> due = new ArrayList<>();
    store.serve(
        scope,
        10,
        each -> {
          due.add(each);
          return plan.apply(each);
        });
    return due;
  }

  private List<String> served(Scope scope) {
    return serve(scope, due -> null).stream().map(DueSchedule::name).toList();
  }

  @Test
  @DisplayName("is due, not paused, and not left out, and this worker makes its input")
  void due() {
    schedule("due", HOUR, with -> {});
    schedule("earlier", HOUR.multipliedBy(2), with -> {});
    schedule("later", HOUR.negated(), with -> {});
    schedule("paused", HOUR, with -> {});
    schedule("left out", HOUR, with -> {});
    schedule("made", HOUR.multipliedBy(3), null, with -> {});
    db.update("update durable.scheduled_workflows set enabled = false where name = 'paused'");
    List<String> out = List.of("left out");
    assertThat(served(new Scope(UNDECLARED, NONE, out))).containsExactly("earlier", "due");
    assertThat(served(new Scope(MADE, NONE, out))).containsExactly("made", "earlier", "due");
    List<Declaration> others =
        List.of(new Declaration("made", "earlier"), new Declaration("due", "w"));
    assertThat(served(new Scope(others, NONE, out)))
        .as("made for another workflow")
        .containsExactly("earlier", "due");
    List<String> rest = List.of("left out", "due", "earlier");
    assertThat(store.next(new Scope(others, NONE, rest)).due()).isPositive();
    assertThat(store.next(new Scope(UNDECLARED, NONE, rest)).due())
        .isBetween(HOUR.minus(Duration.ofMinutes(1)), HOUR);
    assertThat(store.next(new Scope(MADE, NONE, rest)).due()).isLessThanOrEqualTo(Duration.ZERO);
  }

  @Test
  @DisplayName("is served by no other worker meanwhile, nor do others wait")
  void heldByAnother() throws SQLException {
    schedule("held", HOUR, with -> {});
    schedule("waits", HOUR.negated(), with -> with.pauseAfterFailures(1));
    Scope scope = new Scope(UNDECLARED, List.of("waits"), NONE);
    try (Connection holder = db.newConnection();
        Statement statement = holder.createStatement()) {
      holder.setAutoCommit(false);
      statement.execute("select 1 from durable.scheduled_workflows for no key update");
      assertThat(served(scope)).isEmpty();
      holder.commit();
    }
    assertThat(served(scope)).containsExactlyInAnyOrder("held", "waits");
  }

  @Test
  @DisplayName("or has ended an execution for which a tick waits, or that a failure may pause")
  void ended() {
    for (String name : List.of("no tick waits", "a tick waits", "paused")) {
      schedule(name, HOUR.negated(), with -> {});
    }
    schedule("may be paused", HOUR.negated(), with -> with.pauseAfterFailures(1));
    db.update(
        "update durable.scheduled_workflows set queued_ticks = array[now()], enabled = name <> 'paused'"
            + " where name in ('a tick waits', 'paused')");
    List<String> all = List.of("no tick waits", "a tick waits", "paused", "may be paused");
    assertThat(served(new Scope(UNDECLARED, all, NONE)))
        .containsExactlyInAnyOrder("a tick waits", "may be paused");
    assertThat(served(new Scope(UNDECLARED, List.of("another"), NONE))).isEmpty();
    assertThat(served(new Scope(UNDECLARED, all, all))).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "pending, true",
    "waiting, true",
    "compensating, true",
    "parked, true",
    "completed, false",
    "failed, false",
    "cancelled, false"
  })
  @DisplayName("runs as long as an execution of it has not ended, other than those of a backfill")
  void running(String status, boolean open) {
    schedule("runs", HOUR, with -> {});
    execution(status, "null", TICK, HOUR.multipliedBy(2));
    assertThat(one().running()).isEqualTo(open);
    BackfillStore backfills = new BackfillStore(database, schema, HintSender.SILENT);
    backfills.add("runs", TICK, TICK.plus(HOUR), TICK, 1, "ann");
    assertThat(one().running()).as("started before the backfill").isEqualTo(open);
    db.update("update durable.workflow_executions set inserted_at = now()");
    assertThat(one().running()).as("started by the backfill").isFalse();
    db.update(
        "update durable.workflow_executions set scheduled_for = ?::timestamptz",
        TICK.plus(HOUR).toString());
    assertThat(one().running()).as("behind the backfill").isEqualTo(open);
  }

  @ParameterizedTest
  @CsvSource({
    "failed, completed, false",
    "completed, failed, false",
    "failed, failed, true",
    "compensation_failed, failed, true",
    "compensated, failed, true",
    "failed, compensated by a cancel, false",
    "failed, cancelled, false"
  })
  @DisplayName("fails if its last executions have, each by itself, since it was resumed")
  void failing(String earlier, String later, boolean failing) {
    schedule("runs", HOUR, with -> with.pauseAfterFailures(2));
    execution("completed", "null", TICK, HOUR);
    ended(later, TICK.plus(HOUR.multipliedBy(2)));
    ended(earlier, TICK.plus(HOUR));
    execution("completed", "null", null, Duration.ZERO);
    assertThat(one().failing()).isEqualTo(failing);
    db.update("update durable.scheduled_workflows set resumed_at = now() - interval '30 minutes'");
    assertThat(one().failing()).isFalse();
  }

  private void ended(String how, Instant tick) {
    execution(
        how.replace(" by a cancel", ""),
        how.equals("compensated by a cancel")
            ? "'{\"type\": \"cancelled\"}'"
            : "'{\"type\": \"x\"}'",
        tick,
        HOUR);
  }

  private DueSchedule one() {
    return serve(new Scope(UNDECLARED, NONE, NONE), due -> null).getFirst();
  }

  private void execution(String status, String error, @Nullable Instant tick, Duration age) {
    db.update(
        """
        insert into durable.workflow_executions
          (id, workflow_name, workflow_version, status, input, error, wake_at, schedule_name,
           scheduled_for, inserted_at, updated_at)
        values (gen_random_uuid(), 'w', 1, ?, '1', %s::jsonb,
                case ? when 'pending' then now() end, 'runs', ?::timestamptz,
                now() - ?::interval, now())
        """
            .formatted(error),
        status,
        status,
        tick == null ? null : tick.toString(),
        age.toString());
  }

  @Test
  @DisplayName("starts the newest definition of its workflow that a live worker has, or any had")
  void newestDefinition() {
    schedule("runs", HOUR, with -> {});
    assertThat(one().definition()).isNull();
    db.update(
        """
        insert into durable.workflow_definitions
          (name, version, fingerprint, graph, queue, timeout, first_seen_at, registered_at)
        values ('w', 1, 'old', '{}', 'q1', null, now(), now()),
               ('w', 2, 'client', '{}', 'q2', null, now(), null),
               ('w', 2, 'last', '{}', 'q3', interval '1 hour', now() - interval '1 day', now()),
               ('w', 2, 'first', '{}', 'q4', null, now(), now() - interval '1 day'),
               ('other', 3, 'other', '{}', 'q5', null, now(), now())
        """);
    assertThat(one().definition())
        .isEqualTo(
            new DueSchedule.Latest(new StartRow.Definition("w", 2, "last"), "q3", HOUR, false));
    UUID worker = db.createIdleWorker();
    db.update("update durable.workers set editions = '{other@3#other,w@1#old,w@1#gone}'");
    assertThat(one().definition())
        .isEqualTo(
            new DueSchedule.Latest(new StartRow.Definition("w", 1, "old"), "q1", null, true));
    db.declareDead(worker);
    assertThat(one().definition().definition().fingerprint()).isEqualTo("last");
    db.deleteWorkers();
    db.createLostWorker();
    db.update("update durable.workers set editions = '{w@1#old}'");
    assertThat(one().definition().definition().fingerprint()).isEqualTo("last");
    db.deleteWorkers();
  }

  @Test
  @DisplayName("counts what started, and what did not and why, and moves on to its next tick")
  void counts() {
    schedule("runs", HOUR, with -> {});
    serve(new Scope(UNDECLARED, NONE, NONE), due -> served(due, List.of(start()), 2, 3));
    String first = state();
    assertThat(first).startsWith("1|2|3|2026-03-01 00:00:00+00|f|");
    serve(new Scope(UNDECLARED, NONE, NONE), due -> served(due, List.of(), 20, 30));
    assertThat(state()).isEqualTo(first.replaceFirst("1\\|2\\|3", "1|22|33"));
  }

  private String state() {
    return db.rows(
            "select started_count, missed_count, overlapped_count, last_tick_at at time zone 'UTC'"
                + " || '+00', last_workflow_id is null, last_run_at"
                + " from durable.scheduled_workflows")
        .getFirst();
  }

  private static Served served(DueSchedule due, List<StartRow> starts, long missed, long over) {
    return new Served(starts, false, due.next(), due.now(), List.of(), missed, over, 0, null, null);
  }

  private static StartRow start() {
    return new StartRow(
        TimeOrderedIds.next(),
        new StartRow.Definition("w", 1, null),
        StartRow.KeyUse.NONE,
        StartRow.Turn.now("default", 0),
        "1",
        Map.of(),
        StartRow.Limit.NONE,
        new StartRow.Tick("runs", TICK),
        null);
  }
}
