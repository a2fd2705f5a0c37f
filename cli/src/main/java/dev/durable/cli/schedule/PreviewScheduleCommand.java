package dev.durable.cli.schedule;

import dev.durable.cli.console.ExitCodes;
import dev.durable.cli.operate.Table;
import dev.durable.schedule.Cron;
import dev.durable.schedule.CronException;
import dev.durable.schedule.Ticks;
import dev.durable.schedule.Timing;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code durable schedules preview}: no database is needed. */
@Command(
    name = "preview",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Says a cron expression in words, and shows its next ticks in the zone and in UTC. Needs no database.",
      ""
    },
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      "0:shown",
      "2:wrong usage: also a malformed expression; the message shows where and why"
    },
    footer = {
      "",
      "Try:",
      "  durable schedules preview '0 9 * * MON-FRI' --zone America/New_York",
      "  durable schedules preview '30 2 * * *' --zone Europe/Berlin --from 2026-03-28 --count 3",
      "  durable schedules preview @daily --zone UTC --json"
    })
final class PreviewScheduleCommand implements Callable<Integer> {

  private static final int MOST = 1_000;
  private static final int LONGEST_SHOWN = 500;

  @Spec
  @SuppressWarnings("NullAway.Init") // picocli sets it.
  private CommandSpec spec;

  @Parameters(
      paramLabel = "EXPR",
      description =
          "The expression, in quotes: minute, hour, day of month, month, day of week; or six fields"
              + " with the second in front.")
  @SuppressWarnings("NullAway.Init") // picocli sets it.
  private String expression;

  @Option(
      names = "--zone",
      required = true,
      paramLabel = "ZONE",
      converter = ZoneConverter.class,
      description = "The time zone, such as America/New_York or UTC.")
  @SuppressWarnings("NullAway.Init") // picocli sets it.
  private ZoneId zone;

  @Option(
      names = "--count",
      paramLabel = "N",
      description = "How many ticks, up to 1000. Default: ${DEFAULT-VALUE}.")
  private int count = 5;

  @Option(
      names = "--from",
      paramLabel = "TIME",
      converter = PointInTime.Converter.class,
      description =
          "The ticks from this time on, such as "
              + PointInTime.EXAMPLES
              + ". Default: now, by the clock of this computer.")
  private @Nullable PointInTime from;

  @Option(names = "--json", description = "Print a JSON object, with times in UTC.")
  private boolean json;

  @Override
  public Integer call() {
    if (count < 1 || count > MOST) {
      throw new ParameterException(
          spec.commandLine(), "--count must be between 1 and " + MOST + ".");
    }
    Ticks ticks = Ticks.OfCron.of(cron(), zone);
    Instant begin = from == null ? Instant.now() : from.in(zone).minusNanos(1);
    List<Instant> next = new Timing(ticks, null, null, Duration.ZERO).after(begin, count);
    SchedulesCommand.print(
        spec,
        json
            ? ScheduleJson.preview(ticks, next) + "\n"
            : ticks.describe()
                + "\n\n"
                + ScheduleTables.ticks(next, zone).fitting(SchedulesCommand.width(spec)));
    if (!json && next.size() < count) {
      SchedulesCommand.say(spec, next.isEmpty() ? "No tick comes." : "No more ticks come.");
    }
    return ExitCodes.OK;
  }

  private Cron cron() {
    try {
      return Cron.of(expression);
    } catch (CronException malformed) {
      throw new ParameterException(spec.commandLine(), pointed(malformed), malformed);
    }
  }

  /** The reason, the expression, and a caret under the place. */
  private String pointed(CronException malformed) {
    if (malformed.position() > LONGEST_SHOWN) {
      return Table.oneLine(malformed.reason());
    }
    int before = expression.codePointCount(0, Math.min(malformed.position(), expression.length()));
    return "position "
        + (malformed.position() + 1)
        + ": "
        + Table.oneLine(malformed.reason())
        + "\n  "
        + Table.aligned(expression)
        + "\n  "
        + " ".repeat(before)
        + "^";
  }
}
