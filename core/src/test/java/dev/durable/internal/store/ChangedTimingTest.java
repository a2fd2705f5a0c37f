package dev.durable.internal.store;

import static org.assertj.core.api.Assertions.assertThat;

import dev.durable.internal.store.jdbc.Database;
import dev.durable.internal.store.jdbc.Schema;
import dev.durable.internal.store.schedule.ScheduleRow;
import dev.durable.internal.store.schedule.ScheduleStore;
import dev.durable.schedule.MisfirePolicy;
import dev.durable.schedule.OnGap;
import dev.durable.schedule.OverlapPolicy;
import dev.durable.schedule.Schedule;
import dev.durable.schedule.ScheduleOptions;
import dev.durable.schedule.StoredSchedule;
import dev.durable.testing.DatabaseExtension;
import dev.durable.testing.Gate;
import dev.durable.testing.TestDatabase;
import dev.durable.workflow.Workflow;
import java.sql.Connection;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

@ExtendWith(DatabaseExtension.class)
@Tag("newest")
@DisplayName("A tick that has come but has not begun when its schedule is changed")
class ChangedTimingTest {

  private static final Workflow<String, String> W =
      Workflow.define("w", String.class).step("s", text -> text).build();
  private static final ZoneId UTC = ZoneOffset.UTC;
  private static final Duration DAY = Duration.ofDays(1);

  private final TestDatabase db;
  private final ScheduleStore store;
  private final Instant tick =
      Instant.now().truncatedTo(ChronoUnit.SECONDS).minus(2, ChronoUnit.HOURS);
  private final String daily = fields() + "* * *";

  ChangedTimingTest(TestDatabase db) {
    this.db = db;
    this.store = new ScheduleStore(new Database(db.dataSource()), new Schema("durable"));
  }

  @BeforeEach
  void begin() {
    db.update("delete from durable.scheduled_workflows");
  }

  private String fields() {
    ZonedDateTime at = tick.atZone(UTC);
    return at.getSecond() + " " + at.getMinute() + " " + at.getHour() + " ";
  }

  /** Why the tick has not begun. */
  enum Why {
    NO_WORKER,
    JITTER,
    PAUSE
  }

  private ScheduleRow row(
      Why why, String cron, ZoneId zone, Consumer<ScheduleOptions<String>> change) {
    Schedule<String> schedule =
        Schedule.cron(
            "s",
            W,
            cron,
            zone,
            with -> {
              with.input("x").misfire(MisfirePolicy.RUN_ALL);
              if (why == Why.JITTER) {
                with.jitter(DAY);
              }
              change.accept(with);
            });
    return row(schedule);
  }

  private ScheduleRow row(Schedule<String> schedule) {
    String input = '"' + schedule.input(tick) + '"';
    return new ScheduleRow("s", "w", schedule.settings(), input, true);
  }

  private ScheduleRow same(Why why, Consumer<ScheduleOptions<String>> change) {
    return row(why, daily, UTC, change);
  }

  /** A schedule whose tick has come for that long, and which does not begin. */
  private ScheduleRow come(Why why) {
    ScheduleRow row = same(why, with -> {});
    store.put(List.of(row));
    db.update(
        "update durable.scheduled_workflows set next_tick_at = ?::timestamptz,"
            + " next_run_at = ?::timestamptz",
        tick.toString(),
        row.settings().timing().due("s", tick).toString());
    if (why == Why.PAUSE) {
      store.pause("s", "why", "ann");
    }
    return row;
  }

  private StoredSchedule put(ScheduleRow row) {
    store.put(List.of(row));
    return store.find("s").orElseThrow();
  }

  @ParameterizedTest
  @EnumSource
  @DisplayName("stays the next one if the new timing has it, and is due as that says")
  void stays(Why why) {
    for (ScheduleRow changed :
        List.of(
            same(why, with -> with.until(tick.plus(Duration.ofDays(900)))),
            same(why, with -> with.until(tick.plusSeconds(1))),
            same(why, with -> with.times(100)),
            same(why, with -> with.jitter(Duration.ofSeconds(20))),
            same(why, with -> with.jitter(Duration.ofDays(2))),
            same(why, with -> with.jitter(Duration.ZERO).pauseAfterFailures(1)),
            same(why, with -> with.from(tick)),
            same(why, with -> with.onGap(OnGap.SKIP)),
            row(why, fields() + "* * 0-6", UTC, with -> {}),
            row(why, daily, ZoneId.of("Africa/Abidjan"), with -> {}),
            same(why, with -> with.input("y")),
            same(why, with -> with.misfire(MisfirePolicy.SKIP)),
            same(why, with -> with.overlap(OverlapPolicy.QUEUE_ALL)))) {
      begin();
      come(why);
      StoredSchedule after = put(changed);
      assertThat(after.settings()).isEqualTo(changed.settings());
      assertThat(after)
          .as("%s", changed)
          .returns(tick, StoredSchedule::next)
          .returns(0L, StoredSchedule::missed)
          .returns(why == Why.PAUSE, StoredSchedule::isPaused);
      store.resume("s");
      assertThat(store.find("s").orElseThrow().dueAt())
          .as("%s", changed)
          .isEqualTo(changed.settings().timing().due("s", tick));
    }
  }

  @ParameterizedTest
  @EnumSource
  @DisplayName("is counted as missed if the new timing does not have it")
  void missed(Why why) {
    for (ScheduleRow changed :
        List.of(
            same(why, with -> with.until(tick)),
            same(why, with -> with.from(tick.plusSeconds(1))),
            row(why, daily, ZoneId.of("Asia/Kathmandu"), with -> {}),
            row(why, "@yearly", ZoneId.of("Asia/Kathmandu"), with -> {}))) {
      begin();
      come(why);
      StoredSchedule after = put(changed);
      assertThat(after.missed()).as("%s", changed).isEqualTo(1);
      if (after.next() != null) {
        assertThat(after.next()).as("%s", changed).isAfter(tick.plus(Duration.ofHours(2)));
      }
      assertThat(put(changed)).isEqualTo(after);
    }
  }

  @Test
  @DisplayName("is not brought back if a worker serves it between; a change then waits for that")
  void servedBetween() throws Exception {
    come(Why.NO_WORKER);
    Instant next = tick.plus(DAY);
    ScheduleRow changed = same(Why.NO_WORKER, with -> with.times(3));
    try (Connection worker = db.newConnection();
        Statement statement = worker.createStatement()) {
      worker.setAutoCommit(false);
      statement.execute(
          "update durable.scheduled_workflows set next_tick_at = '%s', next_run_at = '%s'"
              .formatted(next, next));
      CompletableFuture<StoredSchedule> put = CompletableFuture.supplyAsync(() -> put(changed));
      Gate.until(() -> db.number("select count(*) from pg_locks where not granted") > 0);
      worker.commit();
      assertThat(put.get())
          .returns(next, StoredSchedule::next)
          .returns(changed.settings(), StoredSchedule::settings)
          .returns(0L, StoredSchedule::missed);
    }
  }

  @Test
  @DisplayName("starts at once if it waits for an end, also if no tick comes any more")
  void queued() {
    come(Why.NO_WORKER);
    db.update(
        "update durable.scheduled_workflows set queued_ticks = array[next_tick_at],"
            + " next_tick_at = next_tick_at + interval '1 day',"
            + " next_run_at = next_run_at + interval '1 day'");
    StoredSchedule after = put(same(Why.NO_WORKER, with -> with.until(tick.plusSeconds(1))));
    assertThat(after.waiting()).containsExactly(tick);
    assertThat(after.next()).isNull();
    assertThat(after.dueAt()).isBetween(tick, tick.plus(Duration.ofHours(3)));
    assertThat(after.missed()).isZero();
  }

  @Test
  @DisplayName(
      "is the first one that both timings have; those that only the old one has are missed")
  void several() {
    Schedule<String> hourly =
        Schedule.every(
            "s",
            W,
            Duration.ofHours(1),
            with -> with.input("x").from(tick.minus(DAY.multipliedBy(9))));
    store.put(List.of(row(hourly)));
    db.nextTick("s", tick.minus(Duration.ofHours(20)));
    StoredSchedule after =
        put(
            row(
                Schedule.every(
                    "s",
                    W,
                    Duration.ofHours(8),
                    with -> with.input("x").from(tick.minus(DAY.multipliedBy(9))))));
    assertThat(after.next()).isEqualTo(tick.minus(Duration.ofHours(16)));
    assertThat(after.missed()).isBetween(20L, 21L);
  }

  @Test
  @DisplayName("stays the next one also if times are given that the database rounds")
  void rounded() {
    Instant from = tick.plusNanos(123_456_789);
    Duration hour = Duration.ofHours(1);
    put(row(Schedule.every("s", W, hour, with -> with.input("x").from(from))));
    Instant next = store.find("s").orElseThrow().next().minus(hour);
    db.nextTick("s", next);
    assertThat(put(row(Schedule.every("s", W, hour, with -> with.input("x").from(from).times(9)))))
        .returns(next, StoredSchedule::next)
        .returns(0L, StoredSchedule::missed);
  }

  @Test
  @DisplayName("is counted alone if what the schedule has said before cannot be read")
  void unreadable() {
    come(Why.NO_WORKER);
    db.update("update durable.scheduled_workflows set on_gap = 'twist'");
    StoredSchedule after =
        put(row(Why.NO_WORKER, "* * * * *", UTC, with -> with.from(tick.plusSeconds(1))));
    assertThat(after.missed()).isEqualTo(1);
    assertThat(after.next()).isAfter(tick.plus(Duration.ofHours(2)));
  }

  @Test
  @DisplayName("is one of very many: the new timing counts once so many have been looked at")
  void many() {
    Schedule<String> often =
        Schedule.every("s", W, Duration.ofSeconds(1), w -> w.input("x").from(tick.minus(DAY)));
    store.put(List.of(row(often)));
    db.nextTick("s", tick.minus(DAY));
    StoredSchedule after =
        put(
            row(
                Schedule.every(
                    "s",
                    W,
                    Duration.ofSeconds(1),
                    w -> w.input("x").from(tick.minus(DAY).plusMillis(500)))));
    assertThat(after.missed()).isEqualTo(50_000);
    assertThat(after.next()).isEqualTo(tick.minus(DAY).plusSeconds(50_000).plusMillis(500));
  }
}
