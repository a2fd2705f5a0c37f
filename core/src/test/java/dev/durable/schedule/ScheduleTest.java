package dev.durable.schedule;

import static dev.durable.testing.DurableFixture.SOON;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.durable.Durable;
import dev.durable.DurableException;
import dev.durable.UnknownQueueException;
import dev.durable.UnknownWorkflowException;
import dev.durable.execution.Execution;
import dev.durable.execution.ExecutionStatus;
import dev.durable.internal.store.jdbc.Database;
import dev.durable.internal.store.jdbc.Schema;
import dev.durable.internal.store.schedule.UndeclaredStore;
import dev.durable.retry.NonRetryableException;
import dev.durable.testing.DatabaseExtension;
import dev.durable.testing.Gate;
import dev.durable.testing.Proves;
import dev.durable.testing.TestDatabase;
import dev.durable.workflow.Workflow;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(DatabaseExtension.class)
@DisplayName("Schedules start executions at their ticks")
class ScheduleTest {

  private static final ZoneId UTC = ZoneOffset.UTC;

  /** Hands on the tick that it is for. */
  private static final Workflow<String, String> REPORT =
      Workflow.of(
          "report",
          String.class,
          String.class,
          (input, step) ->
              input + "@" + step.execution().scheduledFor() + " of " + step.execution().schedule());

  private static final Duration HOUR = Duration.ofHours(1);

  private final TestDatabase db;
  private final Instant lastTick =
      Instant.now().truncatedTo(ChronoUnit.SECONDS).minus(30, ChronoUnit.MINUTES);

  ScheduleTest(TestDatabase db) {
    this.db = db;
  }

  /** The last tick of schedules that tick every hour: the next one is half an hour away. */
  private Instant lastHour() {
    return lastTick;
  }

  private Instant first() {
    return lastTick.minus(100, ChronoUnit.HOURS);
  }

  private Schedule<String> hourly(String name) {
    return Schedule.every(
        name, REPORT, HOUR, with -> with.from(first()).input("all").tag("team", "x"));
  }

  private static List<Execution> executions(Durable durable, String schedule) {
    return durable.executions(q -> q.schedule(schedule).limit(1_000)).items();
  }

  private static void untilCompleted(Durable durable, String schedule, int number) {
    Gate.until(
        () ->
            executions(durable, schedule).stream()
                    .filter(each -> each.status() == ExecutionStatus.COMPLETED)
                    .count()
                == number);
  }

  @Test
  @Proves({"R-289", "R-290", "R-291", "R-292", "R-294", "R-316", "R-330", "R-333"})
  @DisplayName("A tick starts one execution, which knows its schedule and its tick")
  void ticks() {
    try (Durable durable = db.start(REPORT)) {
      StoredSchedule stored = durable.schedules().put(hourly("ticks"));
      assertThat(stored.next()).isEqualTo(lastHour().plus(1, ChronoUnit.HOURS));
      assertThat(stored.isPaused()).isFalse();
      assertThat(stored.input()).isEqualTo("\"all\"");
      Instant tick = lastHour();
      db.nextTick("ticks", tick);
      untilCompleted(durable, "ticks", 1);
      Execution execution = executions(durable, "ticks").getFirst();
      assertThat(execution.scheduledFor()).isEqualTo(tick);
      assertThat(execution.tags()).containsEntry("team", "x");
      assertThat(execution.output()).isEqualTo("\"all@" + tick + " of ticks\"");
      StoredSchedule after = durable.schedules().find("ticks").orElseThrow();
      assertThat(after.next()).isEqualTo(tick.plus(1, ChronoUnit.HOURS));
      assertThat(after.lastTick()).isEqualTo(tick);
      assertThat(after.lastExecution()).isEqualTo(execution.id());
      assertThat(after.started()).isEqualTo(1);
    }
  }

  @Test
  @Proves({"B-21", "G10"})
  @DisplayName(
      "A tick that is served once more, as after a lost answer or a restore, starts nothing")
  void oneExecutionForATick() {
    try (Durable durable = db.start(REPORT)) {
      durable.schedules().put(hourly("oneExecutionForATick"));
      Instant tick = lastHour();
      db.nextTick("oneExecutionForATick", tick);
      untilCompleted(durable, "oneExecutionForATick", 1);
      db.nextTick("oneExecutionForATick", tick);
      Gate.until(
          () ->
              durable.schedules().find("oneExecutionForATick").orElseThrow().next().isAfter(tick));
      assertThat(executions(durable, "oneExecutionForATick")).hasSize(1);
      assertThat(durable.schedules().find("oneExecutionForATick").orElseThrow().started())
          .isEqualTo(1);
    }
  }

  @Test
  @Proves({"R-297", "R-298", "R-299", "R-300", "R-306", "R-311", "R-313", "R-318", "B-22"})
  @DisplayName("What cannot be is refused where it is given, and changes nothing")
  void refusals() {
    Workflow<String, String> unknown =
        Workflow.define("unknown", String.class).step("s", text -> text).build();
    try (Durable durable = db.start(REPORT)) {
      Schedules schedules = durable.schedules();
      assertThatThrownBy(() -> Schedule.cron("x", REPORT, "61 * * * *", UTC))
          .isInstanceOf(CronException.class)
          .hasMessageContaining("position 1");
      assertThatThrownBy(
              () -> schedules.put(Schedule.cron("x", unknown, "@daily", UTC, w -> w.input("i"))))
          .isInstanceOf(UnknownWorkflowException.class);
      assertThatThrownBy(
              () ->
                  schedules.put(
                      Schedule.cron("x", REPORT, "@daily", UTC, w -> w.input("i").queue("qu"))))
          .isInstanceOf(UnknownQueueException.class);
      assertThat(schedules.find("x")).isEmpty();
      schedules.add(hourly("refusals"));
      assertThatThrownBy(() -> schedules.add(hourly("refusals")))
          .isInstanceOf(DuplicateScheduleException.class)
          .hasMessageContaining("'refusals'");
      for (Runnable call :
          List.<Runnable>of(
              () -> schedules.pause("none", "why"),
              () -> schedules.resume("none"),
              () -> schedules.delete("none"),
              () -> schedules.trigger("none"),
              () -> schedules.preview("none", 1),
              () -> schedules.backfills("none"),
              () -> schedules.backfill("none", Instant.EPOCH, Instant.EPOCH.plusSeconds(1)))) {
        assertThatThrownBy(call::run)
            .isInstanceOf(ScheduleNotFoundException.class)
            .hasMessageStartingWith("There is no schedule 'none'. Known: ");
      }
      for (Runnable call :
          List.<Runnable>of(
              () -> schedules.pause("refusals", " "),
              () -> schedules.preview("refusals", 0),
              () -> schedules.preview("refusals", 1_001),
              () -> schedules.preview(hourly("refusals"), 0),
              () -> schedules.backfill("refusals", first(), first()),
              () -> schedules.backfill("refusals", first(), lastHour().plus(Duration.ofDays(1))),
              () -> schedules.backfill("refusals", first(), lastHour(), 0, "ann"),
              () -> schedules.put(madeForEachTick("refusals")),
              () -> schedules.add(madeForEachTick("another")))) {
        assertThatIllegalArgumentException().isThrownBy(call::run);
      }
      assertThat(schedules.backfills("refusals")).isEmpty();
      assertThat(schedules.find("another")).isEmpty();
    }
  }

  private Schedule<String> madeForEachTick(String name) {
    return Schedule.every(name, REPORT, HOUR, with -> with.input(Instant::toString));
  }

  @Test
  @Proves({"R-300", "R-313"})
  @DisplayName("Times, durations and expressions that are too large are refused, with the bound")
  void refusesTooLarge() {
    Duration huge = Duration.ofSeconds(Long.MAX_VALUE / 2);
    for (Runnable call :
        List.<Runnable>of(
            () -> Schedule.every("x", REPORT, huge),
            () -> Schedule.cron("x", REPORT, "@daily", UTC, w -> w.jitter(huge)),
            () -> new MisfirePolicy(1, huge))) {
      assertThatIllegalArgumentException()
          .isThrownBy(call::run)
          .withMessageContaining("must be at most 73000 days (200 years): " + huge);
    }
    for (Runnable call :
        List.<Runnable>of(
            () -> Schedule.cron("x", REPORT, "@daily", UTC, w -> w.from(Instant.MAX)),
            () -> Schedule.cron("x", REPORT, "@daily", UTC, w -> w.until(Instant.MIN)))) {
      assertThatIllegalArgumentException()
          .isThrownBy(call::run)
          .withMessageContaining("must be from 0001-01-01T00:00:00Z to 9999-12-31T23:59:59Z: ");
    }
    Duration longest = Duration.ofDays(73_000);
    assertThat(Schedule.every("x", REPORT, longest).settings().timing()).isNotNull();
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Schedule.every("x", REPORT, longest.plusNanos(1_000)));
    Instant first = Instant.parse("0001-01-01T00:00:00Z");
    Instant last = Instant.parse("9999-12-31T23:59:59Z");
    Timing bounds =
        Schedule.<String>cron("x", REPORT, "@daily", UTC, w -> w.from(first).until(last))
            .settings()
            .timing();
    assertThat(bounds.from()).isEqualTo(first);
    assertThat(bounds.until()).isEqualTo(last);
    for (Instant outside : List.of(first.minusNanos(1_000), last.plusNanos(1_000))) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> Schedule.cron("x", REPORT, "@daily", UTC, w -> w.from(outside)));
    }
    assertThatThrownBy(() -> Cron.of("1,".repeat(500_000) + "1 * * * *"))
        .isInstanceOf(CronException.class)
        .hasMessageContaining("it has 1000009 characters; at most 1000 are allowed")
        .hasMessageMatching("(?s).{0,300}");
    Timing daily = Schedule.<String>cron("x", REPORT, "@daily", UTC).settings().timing();
    assertThat(daily.after(Instant.MAX)).isNull();
    assertThat(daily.after(Instant.MIN)).isEqualTo("0001-01-01T00:00:00Z");
  }

  @Test
  @Proves({"R-306", "R-313"})
  @DisplayName(
      "A name that no schedule can have is not known, and no backfill begins before year 1")
  void namesThatCannotBe() {
    String name = "a\u0000b";
    try (Durable durable = db.start(REPORT)) {
      Schedules schedules = durable.schedules();
      assertThat(schedules.find(name)).isEmpty();
      for (Runnable call :
          List.<Runnable>of(
              () -> schedules.pause(name, "why"),
              () -> schedules.resume(name),
              () -> schedules.delete(name),
              () -> schedules.trigger(name),
              () -> schedules.preview(name, 1),
              () -> schedules.backfills(name),
              () -> schedules.backfill(name, Instant.EPOCH, Instant.EPOCH.plusSeconds(1)))) {
        assertThatThrownBy(call::run).isInstanceOf(ScheduleNotFoundException.class);
      }
      schedules.put(hourly("long ago"));
      assertThatIllegalArgumentException()
          .isThrownBy(() -> schedules.backfill("long ago", Instant.MIN, lastHour()))
          .withMessageStartingWith("from must be from 0001-01-01T00:00:00Z");
    }
  }

  @Test
  @Proves({"R-307", "R-310", "R-326", "R-327", "B-63"})
  @DisplayName("Putting again changes what differs, keeps the pause, and otherwise writes nothing")
  void puts() {
    try (Durable durable = db.start(REPORT)) {
      Schedules schedules = durable.schedules();
      StoredSchedule first = schedules.put(hourly("puts"));
      schedules.pause("puts", "quarter end", "ann");
      StoredSchedule paused = schedules.find("puts").orElseThrow();
      assertThat(paused.pause().reason()).isEqualTo("quarter end");
      assertThat(paused.pause().by()).isEqualTo("ann");
      assertThat(schedules.put(hourly("puts"))).isEqualTo(paused);
      StoredSchedule changed =
          schedules.put(
              Schedule.cron("puts", REPORT, "30 * * * *", UTC, with -> with.input("all")));
      assertThat(changed.isPaused()).isTrue();
      assertThat(changed.next()).isNotEqualTo(first.next());
      schedules.resume("puts");
      assertThat(schedules.find("puts").orElseThrow().isPaused()).isFalse();
    }
  }

  @Test
  @Proves({"R-301", "R-302", "R-303", "R-304", "R-305", "R-312"})
  @DisplayName("Schedules are listed by name, filtered, page by page, and deleted")
  void lists() {
    Workflow<String, String> listed =
        Workflow.define("listed", String.class).step("s", text -> text).build();
    try (Durable durable = db.start(listed)) {
      Schedules schedules = durable.schedules();
      for (String name : List.of("b", "a", "c")) {
        schedules.put(Schedule.cron(name, listed, "@daily", UTC, with -> with.input("x")));
      }
      schedules.pause("b", "why");
      assertThat(schedules.list(q -> q.workflow("listed")))
          .extracting(StoredSchedule::name)
          .containsExactly("a", "b", "c");
      assertThat(schedules.list(q -> q.workflow("listed").paused(true)))
          .extracting(StoredSchedule::name)
          .containsExactly("b");
      assertThat(schedules.list(q -> q.workflow("listed").paused(false).limit(1)))
          .extracting(StoredSchedule::name)
          .containsExactly("a");
      assertThat(schedules.list(q -> q.workflow("listed").after("a").limit(1)))
          .extracting(StoredSchedule::name)
          .containsExactly("b");
      assertThat(schedules.list(q -> q.workflow("other"))).isEmpty();
      schedules.delete("b");
      assertThat(schedules.find("b")).isEmpty();
      schedules.put(Schedule.cron("a", listed, "@daily", UTC, with -> with.input("x").times(2)));
      assertThat(schedules.preview("a", 5)).hasSize(2);
      assertThat(
              schedules.preview(
                  Schedule.cron("a", listed, "@daily", UTC, with -> with.input("x").times(2)), 5))
          .hasSize(2);
      assertThat(schedules.preview("c", 5)).hasSize(5).isSorted();
    }
  }

  @Test
  @Proves({"R-316", "R-317"})
  @DisplayName("A trigger starts an execution now, whatever the pause, also with another input")
  void triggers() {
    try (Durable durable = db.start(REPORT)) {
      durable.schedules().put(hourly("triggers"));
      durable.schedules().pause("triggers", "why");
      assertThat(durable.schedules().trigger("triggers").result(SOON))
          .isEqualTo("\"all@null of triggers\"");
      assertThat(durable.schedules().trigger("triggers", "\"one\"").result(SOON))
          .isEqualTo("\"one@null of triggers\"");
      assertThatThrownBy(() -> durable.schedules().trigger("triggers", "{}"))
          .hasMessageContaining("report");
      assertThat(durable.schedules().find("triggers").orElseThrow().started()).isZero();
    }
  }

  @Test
  @DisplayName(
      "What a schedule says of its executions holds at its ticks, and when it is triggered")
  void options() {
    try (Durable durable =
        Durable.on(db.dataSource())
            .register(REPORT)
            .worker(w -> w.queue("reports", q -> q.perKey(5)))
            .startWorker()) {
      durable
          .schedules()
          .put(
              Schedule.every(
                  "options",
                  REPORT,
                  HOUR,
                  w ->
                      w.from(first())
                          .input("all")
                          .queue("reports")
                          .priority(7)
                          .limitKey("tenant")
                          .tag("team", "x")
                          .timeout(Duration.ofDays(2))));
      db.nextTick("options", lastHour());
      // A tick that finds the triggered execution would be left out.
      untilCompleted(durable, "options", 1);
      durable.schedules().trigger("options").result(SOON);
      assertThat(executions(durable, "options"))
          .allSatisfy(
              execution -> {
                assertThat(execution.queue()).isEqualTo("reports");
                assertThat(execution.priority()).isEqualTo(7);
                assertThat(execution.tags()).containsEntry("team", "x");
                assertThat(Duration.between(execution.insertedAt(), execution.deadlineAt()))
                    .isBetween(Duration.ofDays(2), Duration.ofDays(2).plusMinutes(1));
              });
      assertThat(
              db.rows(
                  "select limit_key from durable.workflow_executions"
                      + " where schedule_name = 'options'"))
          .containsExactly("tenant", "tenant");
    }
  }

  @Test
  @Proves({"R-319", "R-325"})
  @DisplayName("What the code declares is stored at the start, and makes inputs for its ticks")
  void declares() {
    AtomicInteger calls = new AtomicInteger();
    Schedule<String> daily =
        Schedule.every(
            "declared",
            REPORT,
            HOUR,
            with ->
                with.from(first())
                    .input(
                        tick -> {
                          if (calls.incrementAndGet() == 1) {
                            throw new IllegalStateException("not yet");
                          }
                          return "for " + tick;
                        }));
    Instant tick = lastHour();
    try (Durable durable =
        Durable.on(db.dataSource()).register(REPORT).schedule(daily).startWorker()) {
      StoredSchedule stored = durable.schedules().find("declared").orElseThrow();
      assertThat(stored.declared()).isTrue();
      assertThat(stored.undeclared()).isFalse();
      assertThat(stored.input()).isNull();
      db.nextTick("declared", tick);
      untilCompleted(durable, "declared", 1);
      assertThat(executions(durable, "declared").getFirst().output())
          .isEqualTo("\"for " + tick + "@" + tick + " of declared\"");
      assertThat(calls).hasValue(2);
      assertThat(durable.schedules().find("declared").orElseThrow().failures()).isZero();
    }
    try (Durable client = Durable.on(db.dataSource()).build()) {
      assertThat(client.schedules().find("declared").orElseThrow().undeclared())
          .as("nobody can know while no worker lives")
          .isFalse();
    }
    try (Durable other = db.start(REPORT)) {
      assertThat(other.schedules().find("declared").orElseThrow().undeclared()).isTrue();
      assertThatIllegalArgumentException()
          .isThrownBy(() -> other.schedules().trigger("declared"))
          .withMessageContaining("'declared'");
    }
  }

  @Test
  @DisplayName(
      "In a deploy that gives a schedule another workflow, old code makes no inputs for the new one")
  void madeForItsWorkflow() {
    Workflow<Long, String> old =
        Workflow.of("old report", Long.class, String.class, (input, step) -> "old " + input);
    Schedule<Long> before =
        Schedule.every(
            "deployed", old, HOUR, w -> w.from(first()).input(tick -> tick.getEpochSecond()));
    Schedule<String> after =
        Schedule.every("deployed", REPORT, HOUR, w -> w.from(first()).input(tick -> "new"));
    Instant tick = lastHour();
    Instant past = tick.minus(Duration.ofHours(2));
    try (Durable oldWorker =
        Durable.on(db.dataSource()).register(old, REPORT).schedule(before).startWorker()) {
      try (Durable newWorker =
          Durable.on(db.dataSource()).register(REPORT).schedule(after).startWorker()) {
        assertThat(newWorker.schedules().find("deployed").orElseThrow().workflow())
            .isEqualTo("report");
      }
      Schedules schedules = oldWorker.schedules();
      db.nextTick("deployed", tick);
      schedules.backfill("deployed", past.minus(HOUR), past);
      schedules.put(hourly("beside"));
      db.nextTick("beside", tick);
      untilCompleted(oldWorker, "beside", 1);
      schedules.backfill("beside", past, tick);
      Gate.until(() -> schedules.backfills("beside").getFirst().isDone());
      assertThat(executions(oldWorker, "deployed")).isEmpty();
      assertThat(schedules.find("deployed").orElseThrow())
          .returns(tick, StoredSchedule::next)
          .returns(0, StoredSchedule::failures)
          .returns(0L, StoredSchedule::missed);
      assertThatIllegalArgumentException().isThrownBy(() -> schedules.trigger("deployed"));
      try (Durable newWorker =
          Durable.on(db.dataSource()).register(REPORT).schedule(after).startWorker()) {
        untilCompleted(newWorker, "deployed", 2);
        assertThat(executions(newWorker, "deployed"))
            .extracting(Execution::output)
            .contains("\"new@" + tick + " of deployed\"");
      }
    }
  }

  @Test
  @DisplayName("A backfill starts the ticks of a past range, and leaves out those that have one")
  void backfills() {
    try (Durable durable = db.start(REPORT)) {
      durable.schedules().put(hourly("backfills"));
      Instant tick = lastHour();
      db.nextTick("backfills", tick);
      untilCompleted(durable, "backfills", 1);
      Backfill asked =
          durable
              .schedules()
              .backfill("backfills", tick.minus(Duration.ofHours(5)), tick.plusMillis(1), 2, "ann");
      assertThat(asked.next()).isEqualTo(tick.minus(Duration.ofHours(5)));
      Instant between = tick.minus(Duration.ofMinutes(30));
      assertThat(durable.schedules().backfill("backfills", between, tick).next()).isNull();
      durable
          .schedules()
          .backfill(
              "backfills",
              tick.minus(Duration.ofHours(9)),
              tick.minus(Duration.ofHours(7)),
              5,
              "ann");
      Gate.until(
          () -> durable.schedules().backfills("backfills").stream().allMatch(Backfill::isDone));
      untilCompleted(durable, "backfills", 8);
      Backfill done = durable.schedules().backfills("backfills").getLast();
      assertThat(done.started()).isEqualTo(5);
      assertThat(done.existing()).isEqualTo(1);
      Backfill newest = durable.schedules().backfills("backfills").getFirst();
      assertThat(newest.started()).as("without the end of the range").isEqualTo(2);
      assertThat(executions(durable, "backfills"))
          .extracting(Execution::scheduledFor)
          .doesNotHaveDuplicates();
    }
  }

  @Test
  @DisplayName("A backfill that is cancelled starts nothing more; what it has started goes on")
  void cancelsBackfills() throws SQLException {
    Gate gate = new Gate();
    Workflow<String, String> told = asToldWith(gate);
    try (Durable durable = db.start(told);
        Connection connection = db.newConnection()) {
      Schedules schedules = durable.schedules();
      schedules.put(Schedule.every("long", told, HOUR, w -> w.from(first()).input("wait")));
      Instant from = lastHour().minus(Duration.ofHours(50));
      UUID id = schedules.backfill("long", from, lastHour()).id();
      gate.awaitReached();
      serveOneMoreBackfill(schedules, told);
      connection.setAutoCommit(false);
      assertThat(durable.using(connection).schedules().cancelBackfill(id)).isTrue();
      connection.rollback();
      assertThat(schedules.backfills("long").getFirst().isDone()).isFalse();
      assertThat(schedules.cancelBackfill(id)).isTrue();
      assertThat(schedules.cancelBackfill(id)).isFalse();
      assertThat(schedules.cancelBackfill(UUID.randomUUID())).isFalse();
      Backfill cancelled = schedules.backfills("long").getFirst();
      assertThat(cancelled.isDone()).isTrue();
      assertThat(cancelled.cancelled()).isTrue();
      assertThat(cancelled.running()).isEqualTo(1);
      UUID next = schedules.backfill("long", from, from.plus(Duration.ofHours(3))).id();
      gate.open();
      Gate.until(
          () ->
              schedules.backfills("long").stream()
                  .anyMatch(each -> each.id().equals(next) && each.isDone()));
      untilCompleted(durable, "long", 3);
      Backfill after = schedules.backfills("long").getLast();
      assertThat(after.started()).isEqualTo(1);
      assertThat(after.completedAt()).isEqualTo(cancelled.completedAt());
      assertThat(schedules.backfills("long").getFirst().cancelled()).isFalse();
      assertThat(schedules.backfills("long").getFirst().started()).isEqualTo(2);
      assertThat(schedules.backfills("long").getFirst().existing()).isEqualTo(1);
    }
  }

  /** A later one is served after those before it have been looked at once more. */
  private void serveOneMoreBackfill(Schedules schedules, Workflow<String, String> workflow) {
    schedules.put(Schedule.every("short", workflow, HOUR, w -> w.from(first()).input("end")));
    schedules.backfill("short", lastHour().minus(HOUR), lastHour());
    Gate.until(() -> schedules.backfills("short").getFirst().isDone());
  }

  @Test
  @Proves("R-341")
  @DisplayName(
      "A backfill whose input cannot be made says why with its schedule, and stops no other one")
  void backfillsFailAlone() {
    AtomicInteger calls = new AtomicInteger();
    AtomicBoolean mended = new AtomicBoolean();
    Schedule<String> failing =
        Schedule.every(
            "backfill fails",
            REPORT,
            HOUR,
            with ->
                with.from(first())
                    .input(
                        tick -> {
                          if (mended.get()) {
                            return "mended";
                          }
                          calls.incrementAndGet();
                          throw new StackOverflowError("too deep for " + tick);
                        }));
    try (Durable durable =
        Durable.on(db.dataSource()).register(REPORT).schedule(failing).startWorker()) {
      Schedules schedules = durable.schedules();
      schedules.put(hourly("backfill goes on"));
      Instant from = lastHour().minus(Duration.ofHours(3));
      UUID stuck = schedules.backfill("backfill fails", from, lastHour()).id();
      Gate.until(() -> schedules.find("backfill fails").orElseThrow().error() != null);
      StoredSchedule stored = schedules.find("backfill fails").orElseThrow();
      assertThat(stored.error().type()).isEqualTo(StackOverflowError.class.getName());
      assertThat(stored.error().message()).isEqualTo("too deep for " + from);
      assertThat(stored.failures()).isPositive();
      assertThat(stored.failedAt()).isNotNull();
      schedules.backfill("backfill goes on", from, lastHour());
      Gate.until(() -> schedules.backfills("backfill goes on").getFirst().isDone());
      assertThat(calls.get()).isLessThanOrEqualTo(4);
      mended.set(true);
      db.update(
          "update durable.schedule_backfills set retry_at = now() where id = '" + stuck + "'");
      Gate.until(() -> schedules.backfills("backfill fails").getFirst().isDone());
      assertThat(schedules.find("backfill fails").orElseThrow().error()).isNull();
      assertThat(schedules.find("backfill fails").orElseThrow().failures()).isZero();
    }
  }

  /** Fails, ends, or waits, as its input says. */
  private static Workflow<String, String> asToldWith(Gate gate) {
    return Workflow.of(
        "as_told",
        String.class,
        String.class,
        (input, step) -> {
          if (input.equals("fail")) {
            throw new NonRetryableException("as told");
          }
          if (input.equals("wait")) {
            gate.pass();
          }
          return input;
        });
  }

  @Test
  @Proves({"R-338", "R-339", "R-340"})
  @DisplayName(
      "So many executions in a row that fail pause a schedule; a resume begins to count anew")
  void pausesAfterFailures() {
    Workflow<String, String> told = asToldWith(new Gate());
    try (Durable durable = db.start(told)) {
      Schedules schedules = durable.schedules();
      schedules.put(
          Schedule.every(
              "failing", told, HOUR, w -> w.from(first()).input("fail").pauseAfterFailures(2)));
      Instant tick = lastHour().minus(10, ChronoUnit.HOURS);
      for (int i = 0; i < 2; i++) {
        Instant due = tick.plus(i, ChronoUnit.HOURS);
        int number = i + 1;
        fire(durable, "failing", due);
        Gate.until(
            () ->
                executions(durable, "failing").stream()
                        .filter(each -> each.status() == ExecutionStatus.FAILED)
                        .count()
                    == number);
      }
      db.nextTick("failing", lastHour());
      Gate.until(() -> schedules.find("failing").orElseThrow().isPaused());
      StoredSchedule paused = schedules.find("failing").orElseThrow();
      assertThat(paused.pause().reason()).isEqualTo("Its last 2 executions have failed.");
      assertThat(paused.pause().by()).isEqualTo("durable");
      assertThat(executions(durable, "failing")).hasSize(2);
      schedules.resume("failing");
      Gate.until(() -> executions(durable, "failing").size() == 3);
      assertThat(schedules.find("failing").orElseThrow().isPaused()).isFalse();
    }
  }

  /** Makes one tick the next one, and waits until it has been served. */
  private void fire(Durable durable, String schedule, Instant tick) {
    db.onlyTick(schedule, tick);
    Gate.until(
        () ->
            executions(durable, schedule).stream()
                .anyMatch(each -> tick.equals(each.scheduledFor())));
  }

  @Test
  @Proves({"B-64", "R-315", "R-331", "R-332"})
  @DisplayName("While an execution runs, ticks wait for its end, and start in turn")
  void queues() {
    Gate gate = new Gate();
    Workflow<String, String> told = asToldWith(gate);
    try (Durable durable = db.start(told)) {
      Schedules schedules = durable.schedules();
      schedules.put(
          Schedule.every(
              "queueing",
              told,
              HOUR,
              w ->
                  w.from(first())
                      .input("wait")
                      .overlap(OverlapPolicy.QUEUE_ALL)
                      .misfire(MisfirePolicy.runAll(3, Duration.ofDays(1)))));
      Instant first = lastHour().minus(2, ChronoUnit.HOURS);
      db.nextTick("queueing", first);
      gate.awaitReached();
      Gate.until(() -> schedules.find("queueing").orElseThrow().waiting().size() == 2);
      assertThat(schedules.find("queueing").orElseThrow().running()).isEqualTo(1);
      gate.open();
      untilCompleted(durable, "queueing", 3);
      assertThat(executions(durable, "queueing"))
          .extracting(Execution::scheduledFor)
          .containsExactly(lastHour(), first.plus(1, ChronoUnit.HOURS), first);
      assertThat(schedules.find("queueing").orElseThrow().waiting()).isEmpty();
    }
  }

  @Test
  @Proves("B-64")
  @DisplayName(
      "Ticks that wait start one after the other without a pause, also if code makes inputs")
  void queuesWithMadeInputs() {
    Gate gate = new Gate();
    Workflow<String, String> told = asToldWith(gate);
    int ticks = 10;
    Schedule<String> schedule =
        Schedule.every(
            "queueing made",
            told,
            HOUR,
            w ->
                w.from(first())
                    .input(tick -> tick.isBefore(lastHour()) ? "wait" : "end")
                    .overlap(OverlapPolicy.QUEUE_ALL)
                    .misfire(MisfirePolicy.runAll(ticks, Duration.ofDays(1))));
    try (Durable durable =
        Durable.on(db.dataSource()).register(told).schedule(schedule).startWorker()) {
      db.nextTick("queueing made", lastHour().minus(ticks - 1, ChronoUnit.HOURS));
      gate.awaitReached();
      long begun = System.nanoTime();
      gate.open();
      untilCompleted(durable, "queueing made", ticks);
      assertThat(Duration.ofNanos(System.nanoTime() - begun))
          .isLessThan(Duration.ofSeconds(ticks - 2));
    }
  }

  @Test
  @Proves("B-64")
  @DisplayName("The next tick cancels the execution that runs, and starts another one")
  void cancels() {
    Gate gate = new Gate();
    Workflow<String, String> told = asToldWith(gate);
    try (Durable durable = db.start(told)) {
      durable
          .schedules()
          .put(
              Schedule.every(
                  "cancelling",
                  told,
                  HOUR,
                  w -> w.from(first()).input("wait").overlap(OverlapPolicy.CANCEL_RUNNING)));
      Instant first = lastHour().minus(1, ChronoUnit.HOURS);
      fire(durable, "cancelling", first);
      gate.awaitReached();
      db.nextTick("cancelling", lastHour());
      Gate.until(() -> executions(durable, "cancelling").size() == 2);
      gate.open();
      untilCompleted(durable, "cancelling", 1);
      assertThat(executions(durable, "cancelling"))
          .extracting(Execution::status)
          .containsExactly(ExecutionStatus.COMPLETED, ExecutionStatus.CANCELLED);
    }
  }

  @Test
  @Proves({"B-22", "B-63", "R-341"})
  @DisplayName("A schedule that cannot be read or started says why, and stops no other one")
  void failsAlone() {
    try (Durable durable = db.start(REPORT)) {
      Schedules schedules = durable.schedules();
      schedules.put(Schedule.cron("bad zone", REPORT, "@daily", UTC, w -> w.input("x")));
      schedules.put(hourly("bad queue"));
      schedules.put(hourly("good"));
      schedules.pause("bad zone", "for a moment");
      db.update(
          "update durable.scheduled_workflows set on_gap = 'twist', enabled = true,"
              + " next_run_at = now() where name = 'bad zone'");
      db.update(
          "alter table durable.workflow_executions add constraint no_bad_queue"
              + " check (schedule_name is distinct from 'bad queue')");
      try {
        db.nextTick("bad queue", lastHour().minus(1, ChronoUnit.HOURS));
        db.nextTick("good", lastHour());
        untilCompleted(durable, "good", 1);
        Gate.until(() -> failures("bad zone") > 0 && failures("bad queue") > 0);
        assertThatThrownBy(() -> schedules.list(q -> {}))
            .isInstanceOf(DurableException.class)
            .hasMessageContaining("'bad zone' cannot be read here: ")
            .hasMessageContaining("TWIST")
            .hasMessageContaining("update this one");
      } finally {
        db.update("alter table durable.workflow_executions drop constraint no_bad_queue");
        schedules.delete("bad zone");
      }
      assertThat(schedules.find("bad queue").orElseThrow().error().message())
          .contains("no_bad_queue");
      untilCompleted(durable, "bad queue", 1);
      StoredSchedule mended = schedules.find("bad queue").orElseThrow();
      assertThat(mended.failures()).isZero();
      assertThat(mended.error()).isNull();
    }
  }

  @Test
  @DisplayName(
      "A tick starts no version that cannot read the input: another worker may have another")
  void anInputOfAnotherVersion() {
    Workflow<Integer, Integer> older =
        Workflow.define("counts", Integer.class).step("s", n -> n).build();
    Workflow<String, String> newer =
        Workflow.define("counts", String.class, with -> with.version(2)).step("s", t -> t).build();
    try (Durable old = db.start(older)) {
      try (Durable client = Durable.on(db.dataSource()).register(newer).build()) {
        client
            .schedules()
            .put(
                Schedule.every(
                    "of version 2", newer, HOUR, with -> with.from(first()).input("all")));
      }
      db.nextTick("of version 2", lastHour());
      Gate.until(() -> failures("of version 2") > 0);
      assertThat(old.schedules().find("of version 2").orElseThrow().error().message())
          .contains("input of schedule 'of version 2' for version 1 of workflow 'counts'");
      assertThat(executions(old, "of version 2")).isEmpty();
      try (Durable fresh = db.start(newer)) {
        untilCompleted(fresh, "of version 2", 1);
      }
    }
  }

  @Test
  @Proves("G10")
  @DisplayName(
      "A function that takes longer than the period delays ticks, and a backfill, but all start")
  void aSlowFunction() {
    Schedule<String> slow =
        Schedule.every(
            "slow",
            REPORT,
            Duration.ofSeconds(1),
            with ->
                with.overlap(OverlapPolicy.ALLOW)
                    .input(
                        tick -> {
                          LockSupport.parkNanos(1_200_000_000);
                          return "made";
                        }));
    try (Durable durable =
        Durable.on(db.dataSource()).register(REPORT).schedule(slow).startWorker()) {
      Gate.until(() -> executions(durable, "slow").size() >= 3);
      durable.schedules().pause("slow", "enough");
      Instant past = lastHour();
      Backfill backfill = durable.schedules().backfill("slow", past, past.plusSeconds(3), 3, "ann");
      Gate.until(
          () -> {
            Backfill now = durable.schedules().backfills("slow").getFirst();
            return now.id().equals(backfill.id())
                && now.completedAt() != null
                && now.started() == 3;
          });
      assertThat(executions(durable, "slow"))
          .filteredOn(each -> each.scheduledFor().isBefore(past.plusSeconds(3)))
          .hasSize(3);
    }
  }

  private long failures(String schedule) {
    return db.number(
        "select failure_count from durable.scheduled_workflows where name = ?", schedule);
  }

  @Test
  @Proves({"R-296", "R-314", "R-315", "R-331"})
  @DisplayName(
      "A paused schedule does not tick; once resumed it starts the latest tick it has missed")
  void pauses() {
    try (Durable durable = db.start(REPORT)) {
      Schedules schedules = durable.schedules();
      schedules.put(hourly("paused"));
      schedules.put(hourly("going on"));
      schedules.pause("paused", "quarter end");
      db.nextTick("paused", lastHour().minus(3, ChronoUnit.HOURS));
      db.nextTick("going on", lastHour());
      untilCompleted(durable, "going on", 1);
      assertThat(executions(durable, "paused")).isEmpty();
      schedules.resume("paused");
      untilCompleted(durable, "paused", 1);
      StoredSchedule resumed = schedules.find("paused").orElseThrow();
      assertThat(resumed.lastTick()).isEqualTo(lastHour());
      assertThat(resumed.missed()).isEqualTo(3);
    }
  }

  @Test
  @Proves({"R-307", "B-63"})
  @DisplayName(
      "A tick that came during a pause starts after a change of the times that have it too")
  void keepsTicksThatHaveCome() {
    try (Durable durable = db.start(REPORT)) {
      Schedules schedules = durable.schedules();
      schedules.put(hourly("changed"));
      schedules.pause("changed", "deploy");
      db.nextTick("changed", lastHour());
      StoredSchedule changed =
          schedules.put(
              Schedule.every(
                  "changed", REPORT, HOUR, with -> with.from(first()).input("all").times(1)));
      assertThat(changed.next()).isEqualTo(lastHour());
      schedules.resume("changed");
      untilCompleted(durable, "changed", 1);
      assertThat(schedules.find("changed").orElseThrow())
          .returns(lastHour(), StoredSchedule::lastTick)
          .returns(0L, StoredSchedule::missed);
    }
  }

  @Test
  @DisplayName("A failure of the engine's own code is not told as an unreachable database")
  void ownFailures() {
    Database database = new Database(db.dataSource());
    ArithmeticException own = new ArithmeticException("long overflow");
    for (Runnable call :
        List.<Runnable>of(
            () ->
                database.update(
                    "try",
                    "select ?",
                    bind -> {
                      throw own;
                    }),
            () ->
                database.inTransaction(
                    "try",
                    connection -> {
                      throw own;
                    }))) {
      assertThatThrownBy(call::run)
          .isExactlyInstanceOf(DurableException.class)
          .hasMessageContaining("long overflow")
          .hasCause(own);
    }
  }

  @Test
  @DisplayName("A schedule that is stored or deleted in a transaction comes and goes with it")
  void inTransaction() throws SQLException {
    try (Durable durable = db.start(REPORT);
        Connection connection = db.newConnection()) {
      connection.setAutoCommit(false);
      durable.using(connection).schedules().put(hourly("transactional"));
      assertThat(durable.schedules().find("transactional")).isEmpty();
      connection.rollback();
      assertThat(durable.schedules().find("transactional")).isEmpty();
      durable.using(connection).schedules().put(hourly("transactional"));
      UUID triggered = durable.using(connection).schedules().trigger("transactional").id();
      connection.commit();
      assertThat(durable.handle(triggered).result(SOON)).contains("of transactional");
    }
  }

  @Test
  @DisplayName(
      "A schedule goes with its declaration, if it was declared so and its workflow runs on")
  void removesUndeclared() {
    UndeclaredStore undeclared =
        new UndeclaredStore(new Database(db.dataSource()), new Schema("durable"));
    Schedule<String> going =
        Schedule.cron("going", REPORT, "@daily", UTC, w -> w.input("x").removeWhenUndeclared());
    Schedule<String> staying = Schedule.cron("staying", REPORT, "@daily", UTC, w -> w.input("x"));
    try (Durable durable =
        Durable.on(db.dataSource()).register(REPORT).schedule(going, staying).startWorker()) {
      undeclared.remove();
      undeclared.remove();
      assertThat(durable.schedules().find("going")).isPresent();
    }
    undeclared.remove();
    undeclared.remove();
    try (Durable durable = db.start(REPORT)) {
      assertThat(durable.schedules().find("going")).isPresent();
      undeclared.remove();
      assertThat(durable.schedules().find("going")).isPresent();
      undeclared.remove();
      assertThat(durable.schedules().find("going")).isEmpty();
      assertThat(durable.schedules().find("staying")).isPresent();
    }
  }
}
