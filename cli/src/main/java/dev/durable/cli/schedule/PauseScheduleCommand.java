package dev.durable.cli.schedule;

import dev.durable.cli.operate.UserName;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code durable schedules pause}. */
@Command(
    name = "pause",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Pauses a schedule until it is resumed, also across deploys. What runs goes on.",
      "One that is paused gets the new reason.",
      ""
    },
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      ScheduleCommand.EXIT_OK,
      ScheduleCommand.EXIT_REFUSED,
      ScheduleCommand.EXIT_USAGE,
      ScheduleCommand.EXIT_DATABASE
    },
    footer = {"", "Try:", "  durable schedules pause nightly --reason 'quarter end' --by ann"})
final class PauseScheduleCommand extends ScheduleCommand {

  @Option(names = "--reason", required = true, paramLabel = "TEXT", description = "Why.")
  @SuppressWarnings("NullAway.Init") // picocli sets it.
  private String reason;

  @Option(
      names = "--by",
      paramLabel = "WHO",
      description = "Who pauses it, for the record. " + UserName.DEFAULT)
  private @Nullable String by;

  @Override
  void run() {
    ask(
        client -> {
          client.schedules().pause(name(), reason, UserName.or(by));
          return name();
        });
    say("Paused " + quoted() + ".");
  }
}
