package dev.durable.cli.schedule;

import dev.durable.cli.console.CommandFailedException;
import dev.durable.cli.console.ExitCodes;
import dev.durable.schedule.Schedules;
import java.util.UUID;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code durable schedules cancel-backfill}. */
@Command(
    name = "cancel-backfill",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Ends a backfill: it starts nothing more. What it has started goes on.",
      "'durable schedules show' shows the ids.",
      ""
    },
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      "0:cancelled",
      "1:there is no such schedule or backfill, it has ended before, or the database refused",
      ScheduleCommand.EXIT_USAGE,
      ScheduleCommand.EXIT_DATABASE
    },
    footer = {
      "",
      "Try:",
      "  durable schedules cancel-backfill nightly 0199d0f4-8c1e-7b43-9d5f-2a6e1c7b8f90"
    })
final class CancelBackfillCommand extends ScheduleCommand {

  @Parameters(index = "1", paramLabel = "ID", description = "The id of the backfill.")
  @SuppressWarnings("NullAway.Init") // picocli sets it.
  private UUID id;

  @Override
  void run() {
    ask(
        client -> {
          Schedules schedules = client.schedules();
          boolean known =
              schedules.backfills(name()).stream().anyMatch(each -> each.id().equals(id));
          if (!known) {
            throw new CommandFailedException(
                ExitCodes.FAILED, "there is no backfill " + id + " of " + quoted() + ".");
          }
          if (!schedules.cancelBackfill(id)) {
            throw new CommandFailedException(
                ExitCodes.FAILED, "backfill " + id + " has ended before.");
          }
          return id;
        });
    say("Cancelled backfill " + id + " of " + quoted() + ".");
  }
}
