package dev.durable.cli.schedule;

import static java.time.Duration.ofSeconds;
import static org.assertj.core.api.Assertions.assertThat;

import dev.durable.Durable;
import dev.durable.cli.Cli;
import dev.durable.cli.CommandTest;
import dev.durable.cli.operate.Table;
import dev.durable.schedule.Schedule;
import dev.durable.schedule.StoredSchedule;
import dev.durable.workflow.Workflow;
import java.time.LocalDate;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

@DisplayName("schedules")
class ScheduleCommandsTest extends CommandTest {

  private static final ZoneId NEW_YORK = ZoneId.of("America/New_York");

  private static final Workflow<String, String> REPORT =
      Workflow.define("report", String.class).step("write", text -> text).build();

  private Cli here() {
    return cli().with("DURABLE_URL", url);
  }

  private static JsonNode json(Cli.Result result) {
    return JsonMapper.builder().build().readTree(assertOk(result).out());
  }

  @Test
  @DisplayName("Lists, shows, pauses, resumes, triggers, backfills and deletes")
  void operates() {
    try (Durable durable = Durable.on(dataSource).migrate(true).register(REPORT).startWorker()) {
      assertThat(assertOk(here().call("schedules")).err()).contains("There is no schedule.");
      durable
          .schedules()
          .put(Schedule.cron("daily", REPORT, "0 9 * * *", NEW_YORK, w -> w.input("all")));
      assertOk(here().call("schedules", "pause", "daily", "--reason", "quarter end", "--by=ann"));
      StoredSchedule.Pause pause = durable.schedules().find("daily").orElseThrow().pause();
      assertThat(pause.reason()).isEqualTo("quarter end");
      assertThat(pause.by()).isEqualTo("ann");
      assertThat(assertOk(here().call("schedules")).out())
          .contains("every day at 09:00 (America/New_York)", "paused: quarter end");
      assertThat(json(here().call("schedules", "--json")).get(0).get("state").asString())
          .isEqualTo("paused");
      assertThat(assertOk(here().call("schedules", "resume", "daily")).err())
          .contains("Resumed schedule 'daily'.");
      assertThat(assertOk(here().call("schedules", "resume", "daily")).err())
          .contains("Schedule 'daily' is not paused.");
      assertThat(durable.schedules().find("daily").orElseThrow().isPaused()).isFalse();

      String id =
          assertOk(here().call("schedules", "trigger", "daily", "--input", "\"one\""))
              .out()
              .strip();
      assertThat(durable.handle(UUID.fromString(id), REPORT).result(ofSeconds(20)))
          .isEqualTo("one");

      LocalDate first = LocalDate.now(ZoneOffset.UTC).minusDays(4);
      Cli.Result backfill =
          assertOk(
              here()
                  .call(
                      "schedules",
                      "backfill",
                      "daily",
                      "--from=" + first,
                      "--until=" + first.plusDays(2),
                      "--concurrency=2",
                      "--wait"));
      assertThat(backfill.err()).contains("100 %: 2 started, 0 left out, 0 running");
      JsonNode shown = json(here().call("schedules", "show", "daily", "--json"));
      assertThat(shown.get("nextTicks").size()).isEqualTo(5);
      assertThat(shown.get("executions").size()).isEqualTo(3);
      assertThat(shown.get("backfills").get(0).get("from").asString())
          .isEqualTo(first.atStartOfDay(NEW_YORK).toInstant().toString());
      assertThat(assertOk(here().call("schedules", "show", "daily")).out())
          .contains("Next ticks", "Last executions", "triggered", "Backfills", "\"all\"");

      String done = shown.get("backfills").get(0).get("id").asString();
      assertThat(shown.get("backfills").get(0).get("cancelled").asBoolean()).isFalse();
      Cli.Result ended = here().call("schedules", "cancel-backfill", "daily", done);
      assertThat(ended.exitCode()).isEqualTo(1);
      assertThat(ended.err()).contains("backfill " + done + " has ended before.");
      Cli.Result other =
          here().call("schedules", "cancel-backfill", "daily", UUID.randomUUID().toString());
      assertThat(other.exitCode()).isEqualTo(1);
      assertThat(other.err()).contains("there is no backfill");

      assertThat(here().call("schedules", "delete", "daily").exitCode()).isEqualTo(2);
      assertThat(durable.schedules().find("daily")).isPresent();
      assertOk(here().call("schedules", "delete", "daily", "--yes"));
      assertThat(durable.schedules().find("daily")).isEmpty();
      Cli.Result gone = here().call("schedules", "resume", "daily");
      assertThat(gone.exitCode()).isEqualTo(1);
      assertThat(gone.err()).contains("There is no schedule 'daily'");
    }
  }

  @Test
  @DisplayName("Stored names that move the cursor are shown without, and no more than twenty")
  void namesOfOthers() {
    try (Durable durable = Durable.on(dataSource).migrate(true).register(REPORT).startWorker()) {
      for (int i = 0; i <= 20; i++) {
        String name = "\u001b[31mred\u0007\u009b" + (char) ('a' + i);
        durable
            .schedules()
            .put(Schedule.cron(name, REPORT, "@daily", NEW_YORK, w -> w.input("all")));
      }
      String err = here().call("schedules", "show", "nope").err();
      assertThat(err)
          .contains("There is no schedule 'nope'. Known:  [31mred a,", " [31mred t and more.")
          .doesNotContain("\u001b", "\u0007", "\u009b");
      assertThat(assertOk(here().call("schedules")).out())
          .contains(" [31mred a ")
          .doesNotContain("\u001b", "\u0007", "\u009b");
    }
  }

  @Test
  @DisplayName("cancel-backfill ends a backfill; show says so, and has its id")
  void cancelsBackfill() {
    // No worker is up: the backfill stays where it is.
    try (Durable worker = Durable.on(dataSource).migrate(true).register(REPORT).startWorker()) {
      worker
          .schedules()
          .put(Schedule.cron("long", REPORT, "0 9 * * *", NEW_YORK, w -> w.input("all")));
    }
    LocalDate first = LocalDate.now(ZoneOffset.UTC).minusDays(40);
    String id =
        assertOk(
                here()
                    .call(
                        "schedules",
                        "backfill",
                        "long",
                        "--from=" + first,
                        "--until=" + first.plusDays(30)))
            .out()
            .strip();
    assertThat(assertOk(here().call("schedules", "show", "long")).out()).contains(id);
    for (String none : List.of("nightly", "", id.substring(0, 3))) {
      Cli.Result misspelt = here().call("schedules", "cancel-backfill", "long", none);
      assertThat(misspelt.exitCode())
          .as("'%s' names none, though only one is there", none)
          .isEqualTo(2);
      assertThat(misspelt.err()).contains("'" + none + "' is no id, and no beginning of one");
    }
    Cli.Result unknown = here().call("schedules", "cancel-backfill", "long", "ffffffff");
    assertThat(unknown.exitCode()).isEqualTo(1);
    assertThat(unknown.err())
        .contains("there is no backfill 'ffffffff' of schedule 'long'. Look at them: ");
    String beginning = id.substring(0, 13);
    assertThat(assertOk(here().call("schedules", "cancel-backfill", "long", beginning)).err())
        .contains("Cancelled backfill " + id + " of schedule 'long'.");
    assertThat(assertOk(here().call("schedules", "show", "long")).out()).contains("cancelled");
  }

  @Test
  @DisplayName("preview needs no database, and points at what is malformed")
  void preview() {
    Cli.Result spring =
        anonymous()
            .call(
                "schedules",
                "preview",
                "30 2 * * *",
                "--zone=Europe/Berlin",
                "--from=2026-03-28",
                "--count=2");
    assertThat(assertOk(spring).out())
        .contains("every day at 02:30 (Europe/Berlin)")
        .contains("Sat 2026-03-28 02:30:00 +01:00  Sat 2026-03-28 01:30:00 Z")
        .contains("Sun 2026-03-29 03:00:00 +02:00  Sun 2026-03-29 01:00:00 Z");
    Cli.Result json =
        anonymous()
            .call(
                "schedules",
                "preview",
                "@yearly",
                "--zone=UTC",
                "--from=9998-06-01",
                "--count=9",
                "--json");
    assertThat(json(json))
        .isEqualTo(
            JsonMapper.shared()
                .readTree(
                    """
                    {"when": "at 00:00, day 1 of the month, in January (UTC)", "cron": "@yearly",
                     "zone": "UTC", "onGap": "shift", "onRepeat": "first",
                     "nextTicks": ["9999-01-01T00:00:00Z"]}"""));
    assertThat(json.err()).isEmpty();
    Cli.Result wrong = anonymous().call("schedules", "preview", "0 9 * * MON-FRY", "--zone", "UTC");
    assertThat(wrong.exitCode()).isEqualTo(2);
    assertThat(wrong.err()).contains("position 13: ", "  0 9 * * MON-FRY\n              ^");
    Cli.Result hostile =
        anonymous().call("schedules", "preview", "0 9 \u009b\u009b2J * FRY", "--zone", "UTC");
    assertThat(hostile.exitCode()).isEqualTo(2);
    assertThat(hostile.err()).contains("  0 9   2J * FRY\n").doesNotContain("\u009b");
    Cli.Result far =
        anonymous()
            .call(
                "schedules",
                "preview",
                "@daily",
                "--zone=UTC",
                "--from=+999999999-12-31T00:00:00Z");
    assertThat(far.exitCode()).isEqualTo(2);
    assertThat(far.err()).contains("is too far away: give a time of the years 1 to 9999.");
    Cli.Result last =
        anonymous()
            .call(
                "schedules", "preview", "@yearly", "--zone=UTC", "--from=9998-06-01", "--count=9");
    assertThat(assertOk(last).err()).contains("No more ticks come.");
    assertThat(anonymous().call("schedules", "preview", "@daily", "--zone=berlin").err())
        .contains("Did you mean Europe/Berlin?");
    assertThat(anonymous().call("schedules", "preview", "@daily", "--zone=utc").err())
        .contains("Did you mean UTC?");
    assertThat(anonymous().call("schedules", "--json", "preview", "@daily", "--zone=UTC").err())
        .contains("Give --json behind 'preview'");
  }

  @Test
  @DisplayName("A table that is wider than the terminal becomes a block for each row")
  void narrow() {
    Table table = new Table(List.of("NAME", "WHEN", "STATE"));
    table.row("daily", "every day at 09:00", "");
    assertThat(table.fitting(80)).isEqualTo(table.toString());
    assertThat(table.fitting(20)).isEqualTo("daily\n  when   every day at 09:00\n");
  }
}
