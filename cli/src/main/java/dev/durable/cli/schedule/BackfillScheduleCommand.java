package dev.durable.cli.schedule;

import dev.durable.cli.operate.UserName;
import dev.durable.schedule.Backfill;
import dev.durable.schedule.Schedules;
import java.time.ZoneId;
import java.time.ZoneOffset;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code durable schedules backfill}. */
@Command(
    name = "backfill",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Starts the ticks of a past range, the oldest first, each with its own time, and prints the id of the backfill.",
      "Workers do it from now on, until 'cancel-backfill' ends it. Ticks that have an execution are left out.",
      ""
    },
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      "0:asked for; with --wait, all its executions have ended",
      ScheduleCommand.EXIT_REFUSED,
      "2:wrong usage, or a range that is empty or ends in the future",
      ScheduleCommand.EXIT_DATABASE
    },
    footer = {
      "",
      "Try:",
      "  durable schedules backfill nightly --from 2026-10-01 --until 2026-11-01 --wait",
      "  durable schedules backfill nightly --from 2026-11-01T09:00 --until 2026-11-02T00:00:00Z --concurrency 4"
    })
final class BackfillScheduleCommand extends ScheduleCommand {

  private static final String WALL =
      " Without an offset, it is by the clock of the schedule's zone.";

  @Option(
      names = "--from",
      required = true,
      paramLabel = "TIME",
      converter = PointInTime.Converter.class,
      description = "The first time, such as " + PointInTime.EXAMPLES + "." + WALL)
  @SuppressWarnings("NullAway.Init") // picocli sets it.
  private PointInTime from;

  @Option(
      names = "--until",
      required = true,
      paramLabel = "TIME",
      converter = PointInTime.Converter.class,
      description = "The end, which does not belong to the range.")
  @SuppressWarnings("NullAway.Init") // picocli sets it.
  private PointInTime until;

  @Option(
      names = "--concurrency",
      paramLabel = "N",
      description = "How many executions run at a time, up to 1000. Default: ${DEFAULT-VALUE}.")
  private int concurrency = 1;

  @Option(
      names = "--by",
      paramLabel = "WHO",
      description = "Who asks for it, for the record. " + UserName.DEFAULT)
  private @Nullable String by;

  @Option(
      names = "--wait",
      description =
          "Show the progress, until all its executions have ended. Ctrl-C only stops that.")
  private boolean wait;

  @Override
  void run() {
    ask(
        client -> {
          Schedules schedules = client.schedules();
          Backfill asked = backfill(schedules);
          print(asked.id() + "\n");
          if (wait) {
            new BackfillProgress(schedules, asked, this::say).await();
          }
          return asked;
        });
  }

  private Backfill backfill(Schedules schedules) {
    // Read first: its zone says what the times mean.
    ZoneId zone =
        schedules
            .find(name())
            .map(found -> Times.zone(found.settings().timing()))
            .orElse(ZoneOffset.UTC);
    return schedules.backfill(name(), from.in(zone), until.in(zone), concurrency, UserName.or(by));
  }
}
