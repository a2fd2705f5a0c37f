package dev.durable.internal.store;

import static org.assertj.core.api.Assertions.assertThat;

import dev.durable.execution.ErrorInfo;
import dev.durable.internal.store.jdbc.Database;
import dev.durable.internal.store.jdbc.HintSender;
import dev.durable.internal.store.jdbc.Schema;
import dev.durable.internal.store.jdbc.TimeOrderedIds;
import dev.durable.internal.store.journal.StartRow;
import dev.durable.internal.store.schedule.BackfillStore;
import dev.durable.internal.store.schedule.BackfillStore.Open;
import dev.durable.internal.store.schedule.BackfillStore.Step;
import dev.durable.internal.store.schedule.Declaration;
import dev.durable.internal.store.schedule.ScheduleRow;
import dev.durable.internal.store.schedule.ScheduleStore;
import dev.durable.schedule.Backfill;
import dev.durable.schedule.Schedule;
import dev.durable.testing.DatabaseExtension;
import dev.durable.testing.TestDatabase;
import dev.durable.workflow.Workflow;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(DatabaseExtension.class)
@Tag("newest")
@DisplayName("A backfill is served")
class BackfillStoreTest {

  private static final Workflow<String, String> W =
      Workflow.define("w", String.class).step("s", text -> text).build();
  private static final Instant FROM = Instant.parse("2026-03-01T00:00:00Z");
  private static final Instant UNTIL = Instant.parse("2026-03-01T09:00:00Z");
  private static final Duration HOUR = Duration.ofHours(1);
  private static final ErrorInfo ERROR = ErrorInfo.of("Broken", "why", null);

  private final TestDatabase db;
  private final Schema schema = new Schema("durable");
  private final Database database;
  private final BackfillStore store;
  private final List<Open> planned = new ArrayList<>();

  BackfillStoreTest(TestDatabase db) {
    this.db = db;
    this.database = new Database(db.dataSource());
    this.store = new BackfillStore(database, schema, HintSender.SILENT);
  }

  @BeforeEach
  void begin() {
    db.deleteExecutions();
    db.update("delete from durable.scheduled_workflows");
  }

  private UUID backfill(String schedule, boolean inputInCode) {
    Schedule<String> hourly = Schedule.every(schedule, W, HOUR, with -> with.from(FROM));
    String input = inputInCode ? null : "\"x\"";
    new ScheduleStore(database, schema)
        .put(List.of(new ScheduleRow(schedule, "w", hourly.settings(), input, inputInCode)));
    return store.add(schedule, FROM, UNTIL, FROM, 3, "ann").orElseThrow();
  }

  /** Serves one as planned: it goes on at a tick, or is done without one. */
  private List<UUID> serve(List<UUID> leftOut, List<Declaration> declared, Instant next) {
    return store
        .serve(
            leftOut,
            declared,
            (open, existing) -> {
              planned.add(open);
              return new Step(List.of(), 0, next, null);
            })
        .stream()
        .toList();
  }

  private List<UUID> fail(Duration pause) {
    return store
        .serve(
            List.of(),
            List.of(),
            (open, existing) -> {
              planned.add(open);
              return Step.failed(open, ERROR, pause);
            })
        .stream()
        .toList();
  }

  private List<String> failures() {
    return db.rows(
        "select failure_count, last_error is null, retry_at - failed_at, completed_at is null"
            + " from durable.schedule_backfills");
  }

  @Test
  @DisplayName("again only after the pause that follows a failure, and with the number of failures")
  void afterItsPause() {
    UUID id = backfill("failing", false);
    assertThat(fail(HOUR)).containsExactly(id);
    assertThat(failures()).containsExactly("1|f|01:00:00|t");
    assertThat(fail(HOUR)).isEmpty();
    db.update("update durable.schedule_backfills set retry_at = now()");
    assertThat(fail(HOUR.multipliedBy(2))).containsExactly(id);
    assertThat(failures()).containsExactly("2|f|02:00:00|t");
    db.update("update durable.schedule_backfills set retry_at = now()");
    assertThat(serve(List.of(), List.of(), FROM.plus(HOUR))).containsExactly(id);
    assertThat(failures()).containsExactly("0|t|null|t");
    assertThat(serve(List.of(), List.of(), null)).containsExactly(id);
    assertThat(failures()).containsExactly("0|t|null|f");
    assertThat(planned).extracting(Open::failures).containsExactly(0, 1, 2, 0);
    assertThat(planned).extracting(Open::next).containsExactly(FROM, FROM, FROM, FROM.plus(HOUR));
    assertThat(serve(List.of(), List.of(), null)).isEmpty();
  }

  @Test
  @DisplayName("the oldest first, unless it is left out, and only by workers that make its input")
  void inTurn() {
    UUID first = backfill("first", false);
    UUID made = backfill("made", true);
    UUID last = backfill("last", false);
    assertThat(serve(List.of(), List.of(), FROM)).containsExactly(first);
    assertThat(serve(List.of(first), List.of(), FROM)).containsExactly(last);
    Declaration other = new Declaration("made", "another");
    assertThat(serve(List.of(first), List.of(other), FROM)).containsExactly(last);
    Declaration same = new Declaration("made", "w");
    assertThat(serve(List.of(first), List.of(other, same), FROM)).containsExactly(made);
    assertThat(serve(List.of(first, last), List.of(), FROM)).isEmpty();
  }

  @Test
  @DisplayName("with room for as many executions as may still run beside those that do")
  void room() {
    backfill("running", false);
    serve(List.of(), List.of(), FROM);
    run("running", FROM);
    run("running", UNTIL.minus(HOUR));
    run("running", UNTIL);
    run("another", FROM);
    serve(List.of(), List.of(), FROM);
    assertThat(planned).extracting(Open::room).containsExactly(3, 1);
  }

  @Test
  @DisplayName("and counts the ticks that it has started, and those that have an execution")
  void counts() {
    backfill("counted", false);
    run("counted", FROM);
    run("counted", UNTIL);
    run("another", FROM.plus(HOUR));
    for (Instant tick : List.of(FROM, FROM.plus(HOUR))) {
      store.serve(
          List.of(),
          List.of(),
          (open, existing) -> {
            assertThat(existing.between(FROM, UNTIL)).contains(FROM, UNTIL).hasSize(2);
            return new Step(List.of(start(tick)), 0, tick.plus(HOUR), null);
          });
    }
    assertThat(store.list("counted").getFirst())
        .returns(1L, Backfill::started)
        .returns(1L, Backfill::existing);
  }

  private static StartRow start(Instant tick) {
    return new StartRow(
        TimeOrderedIds.next(),
        new StartRow.Definition("w", 1, null),
        StartRow.KeyUse.NONE,
        StartRow.Turn.now("default", 0),
        "1",
        Map.of(),
        StartRow.Limit.NONE,
        new StartRow.Tick("counted", tick),
        null);
  }

  private void run(String schedule, Instant tick) {
    db.update(
        """
        insert into durable.workflow_executions
          (id, workflow_name, workflow_version, status, input, wake_at, schedule_name,
           scheduled_for, inserted_at, updated_at)
        values (gen_random_uuid(), 'w', 1, 'pending', '1', now(), ?, ?::timestamptz, now(), now())
        """,
        schedule,
        tick.toString());
  }
}
