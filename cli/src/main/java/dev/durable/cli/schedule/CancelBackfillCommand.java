package dev.durable.cli.schedule;

import dev.durable.cli.console.CommandFailedException;
import dev.durable.cli.console.ExitCodes;
import dev.durable.cli.operate.ExecutionIds;
import dev.durable.schedule.Backfill;
import dev.durable.schedule.Schedules;
import java.util.List;
import java.util.Locale;
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

  @Parameters(
      index = "1",
      paramLabel = "ID",
      description =
          "The id of the backfill, or at least 4 characters that only this one begins with.")
  @SuppressWarnings("NullAway.Init") // picocli sets it.
  private String id;

  @Override
  void run() {
    UUID cancelled =
        ask(
            client -> {
              UUID found = find(client.schedules());
              if (!client.schedules().cancelBackfill(found)) {
                throw new CommandFailedException(
                    ExitCodes.FAILED, "backfill " + found + " has ended before.");
              }
              return found;
            });
    say("Cancelled backfill " + cancelled + " of " + quoted() + ".");
  }

  /** The only backfill of the schedule whose id begins as the argument does. */
  private UUID find(Schedules schedules) {
    if (!ExecutionIds.isBeginning(id)) {
      throw new IllegalArgumentException(
          "'"
              + id
              + "' is no id, and no beginning of one: that has at least 4 characters, 0 to 9, a to"
              + " f and '-'.");
    }
    List<UUID> found =
        schedules.backfills(name()).stream()
            .map(Backfill::id)
            .filter(each -> each.toString().startsWith(id.toLowerCase(Locale.ROOT)))
            .toList();
    if (found.size() > 1) {
      throw new IllegalArgumentException(
          "The ids of " + found.size() + " backfills begin with '" + id + "': give more of it.");
    }
    if (found.isEmpty()) {
      throw new CommandFailedException(
          ExitCodes.FAILED,
          "there is no backfill '"
              + id
              + "' of "
              + quoted()
              + ". Look at them: durable schedules show "
              + name());
    }
    return found.getFirst();
  }
}
