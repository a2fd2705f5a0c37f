package dev.durable.cli.schedule;

import dev.durable.cli.console.CommandFailedException;
import dev.durable.cli.console.ExitCodes;
import dev.durable.cli.console.Terminal;
import java.util.Locale;
import java.util.Objects;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;

/** {@code durable schedules delete}. */
@Command(
    name = "delete",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Deletes a schedule and its backfills. Its executions stay, and go on.",
      "One that workers declare comes back when the next of them starts.",
      ""
    },
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      "0:deleted",
      "1:there is no such schedule, the answer was no, or the database refused",
      ScheduleCommand.EXIT_USAGE,
      ScheduleCommand.EXIT_DATABASE
    },
    footer = {
      "",
      "Try:",
      "  durable schedules delete nightly",
      "  durable schedules delete nightly --yes"
    })
final class DeleteScheduleCommand extends ScheduleCommand {

  @Option(names = "--yes", description = "Do not ask.")
  private boolean yes;

  @Override
  void run() {
    if (!yes && !agreed()) {
      throw new CommandFailedException(ExitCodes.FAILED, "nothing is deleted.");
    }
    ask(
        client -> {
          client.schedules().delete(name());
          return name();
        });
    say("Deleted " + quoted() + ".");
  }

  private boolean agreed() {
    if (!Terminal.canAsk()) {
      throw new ParameterException(
          spec().commandLine(), "There is no terminal to ask on: --yes deletes without asking.");
    }
    String answer =
        Objects.requireNonNull(System.console())
            .readLine("Delete %s and its backfills? [y/N] ", quoted());
    return answer != null && answer.strip().toLowerCase(Locale.ROOT).startsWith("y");
  }
}
