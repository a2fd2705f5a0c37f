package dev.durable.cli.schedule;

import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code durable schedules show}. */
@Command(
    name = "show",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Shows all of a schedule: how it ticks, its next ticks, what it has started last, and its backfills.",
      ""
    },
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      "0:shown",
      ScheduleCommand.EXIT_REFUSED,
      ScheduleCommand.EXIT_USAGE,
      ScheduleCommand.EXIT_DATABASE
    },
    footer = {
      "",
      "Try:",
      "  durable schedules show nightly",
      "  durable schedules show nightly --json"
    })
final class ShowScheduleCommand extends ScheduleCommand {

  @Option(names = "--json", description = "Print a JSON object.")
  private boolean json;

  @Override
  void run() {
    ScheduleDetails details = ask(client -> ScheduleDetails.of(client, name()));
    print(
        json
            ? ScheduleJson.details(details) + "\n"
            : ScheduleCard.text(details, SchedulesCommand.width(spec())));
  }
}
