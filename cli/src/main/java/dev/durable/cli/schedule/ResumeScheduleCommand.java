package dev.durable.cli.schedule;

import picocli.CommandLine.Command;

/** {@code durable schedules resume}. */
@Command(
    name = "resume",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Lets a schedule tick again. Its policy for missed ticks decides on those of the pause.",
      ""
    },
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      ScheduleCommand.EXIT_OK,
      ScheduleCommand.EXIT_REFUSED,
      ScheduleCommand.EXIT_USAGE,
      ScheduleCommand.EXIT_DATABASE
    },
    footer = {"", "Try:", "  durable schedules resume nightly"})
final class ResumeScheduleCommand extends ScheduleCommand {

  @Override
  void run() {
    boolean paused =
        ask(
            client -> {
              boolean before =
                  client.schedules().find(name()).stream().anyMatch(each -> each.pause() != null);
              client.schedules().resume(name());
              return before;
            });
    say(paused ? "Resumed " + quoted() + "." : "Schedule '" + name() + "' is not paused.");
  }
}
