package dev.durable.docs;

import static dev.durable.testing.DurableFixture.SOON;
import static java.time.Duration.ofDays;
import static java.time.Duration.ofMinutes;
import static org.assertj.core.api.Assertions.assertThat;

import dev.durable.Durable;
import dev.durable.execution.Execution;
import dev.durable.execution.ExecutionHandle;
import dev.durable.schedule.Backfill;
import dev.durable.schedule.MisfirePolicy;
import dev.durable.schedule.OverlapPolicy;
import dev.durable.schedule.Schedule;
import dev.durable.schedule.Schedules;
import dev.durable.schedule.StoredSchedule;
import dev.durable.testing.DatabaseExtension;
import dev.durable.testing.Gate;
import dev.durable.testing.TestDatabase;
import dev.durable.workflow.Workflow;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneId;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** The snippets of docs/schedules.md, which {@link SnippetsTest} keeps equal to these lines. */
@ExtendWith(DatabaseExtension.class)
class SchedulesGuideTest {

  record ReportRequest(String tenant, LocalDate day) {}

  static final ZoneId BERLIN = ZoneId.of("Europe/Berlin");

  static final Workflow<ReportRequest, String> REPORT =
      Workflow.of(
          "report",
          ReportRequest.class,
          String.class,
          (request, step) -> {
            Instant due = step.execution().scheduledFor();
            return step.run(
                "write", String.class, () -> "Report of " + request.day() + ", due " + due);
          });

  static final Workflow<Void, Integer> CLEAN_UP =
      Workflow.of(
          "clean_up",
          Void.class,
          Integer.class,
          (nothing, step) -> step.run("delete", Integer.class, () -> 3));

  private final TestDatabase db;

  SchedulesGuideTest(TestDatabase db) {
    this.db = db;
  }

  @Test
  void declared() {
    var dataSource = db.dataSource();
    Schedule<ReportRequest> nightly =
        Schedule.cron(
            "nightly_report",
            REPORT,
            "0 2 * * *",
            BERLIN,
            with ->
                with.input(tick -> new ReportRequest("all", LocalDate.ofInstant(tick, BERLIN)))
                    .misfire(MisfirePolicy.RUN_ALL)
                    .overlap(OverlapPolicy.QUEUE_ALL));
    Schedule<Void> cleanUp = Schedule.every("clean_up", CLEAN_UP, ofMinutes(15));
    try (Durable durable =
        Durable.on(dataSource)
            .register(REPORT, CLEAN_UP)
            .schedule(nightly, cleanUp)
            .startWorker()) {
      Instant tick = Instant.parse("2026-11-02T01:00:00Z");
      durable.schedules().backfill("nightly_report", tick, tick.plusSeconds(1));
      untilEnded(durable, "nightly_report", 1);
      assertThat(executions(durable, "nightly_report").getFirst().output())
          .isEqualTo("\"Report of 2026-11-02, due 2026-11-02T01:00:00Z\"");
      assertThat(durable.schedules().trigger("clean_up").result(SOON)).isEqualTo("3");
    }
  }

  @Test
  void atRunTime() throws SQLException {
    var dataSource = db.dataSource();
    try (Durable durable = db.start(REPORT)) {
      Schedule<ReportRequest> weekdays =
          Schedule.cron(
              "report_7",
              REPORT,
              "30 6 * * MON-FRI",
              ZoneId.of("America/New_York"),
              with ->
                  with.input(new ReportRequest("tenant-7", LocalDate.EPOCH)).tag("tenant", "7"));
      StoredSchedule stored = durable.schedules().put(weekdays);
      assertThat(stored.declared()).isFalse();

      try (Connection connection = dataSource.getConnection()) {
        connection.setAutoCommit(false);
        insertTenant(connection);
        durable.using(connection).schedules().put(weekdays);
        connection.commit();
      }

      Schedules schedules = durable.schedules();
      schedules.pause("report_7", "quarter end", "ann");
      List<StoredSchedule> paused = schedules.list(q -> q.workflow("report").paused(true));
      ExecutionHandle<String> now = schedules.trigger("report_7");
      assertThat(paused).extracting(StoredSchedule::name).containsExactly("report_7");
      assertThat(now.result(SOON)).isEqualTo("\"Report of 1970-01-01, due null\"");
      Instant until = Instant.parse("2026-11-10T00:00:00Z");
      Backfill backfill = schedules.backfill("report_7", until.minus(ofDays(7)), until, 4, "ann");
      Gate.until(() -> schedules.backfills("report_7").getFirst().isDone());
      assertThat(backfill.isDone()).isFalse();
      schedules.resume("report_7");
      StoredSchedule found = schedules.find("report_7").orElseThrow();
      List<Instant> next = schedules.preview("report_7", 3);
      schedules.delete("report_7");
      assertThat(schedules.find("report_7")).isEmpty();
      assertThat(found.isPaused()).isFalse();
      assertThat(next).hasSize(3).startsWith(found.next());
      untilEnded(durable, "report_7", 6);
    }
  }

  @Test
  @DisplayName(
      "A function that makes no input for a workflow that wants one is told, and starts nothing")
  void noInput() {
    Schedule<ReportRequest> empty =
        Schedule.every("empty", REPORT, ofDays(1), with -> with.input(tick -> null));
    try (Durable durable =
        Durable.on(db.dataSource()).register(REPORT).schedule(empty).startWorker()) {
      db.nextTick("empty", Instant.now().minusSeconds(5));
      Gate.until(() -> durable.schedules().find("empty").orElseThrow().failures() > 0);
      assertThat(durable.schedules().find("empty").orElseThrow().error().message())
          .contains("is null, which only a Void may be");
      assertThat(executions(durable, "empty")).isEmpty();
    }
  }

  private static void insertTenant(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute("create table tenants as select 7 as id");
    }
  }

  private static List<Execution> executions(Durable durable, String schedule) {
    return durable.executions(q -> q.schedule(schedule)).items();
  }

  private static void untilEnded(Durable durable, String schedule, int number) {
    Gate.until(
        () ->
            executions(durable, schedule).stream().filter(each -> each.status().isFinal()).count()
                == number);
  }
}
