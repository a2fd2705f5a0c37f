package dev.durable.cli.schedule;

import dev.durable.cli.database.ExitCodeMapping;
import dev.durable.cli.operate.Json;
import dev.durable.execution.ExecutionHandle;
import dev.durable.schedule.Schedules;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code durable schedules trigger}. */
@Command(
    name = "trigger",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Starts an execution now, whatever the time, the pause and what runs, and prints its id.",
      ""
    },
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      "0:started",
      "1:there is no such schedule, the input is no JSON, or the database refused",
      "2:wrong usage, invalid JSON, or no input where code makes it for each tick",
      ScheduleCommand.EXIT_DATABASE
    },
    footer = {
      "",
      "Try:",
      "  durable schedules trigger nightly",
      "  durable schedules trigger nightly --input '{\"rows\": 100}'"
    })
final class TriggerScheduleCommand extends ScheduleCommand {

  @Option(
      names = "--input",
      paramLabel = "JSON",
      description = "The input; - reads it from standard input. Default: that of the schedule.")
  private @Nullable String input;

  @Override
  void run() {
    String given = input;
    String json = given == null ? null : ExitCodeMapping.call(spec(), () -> Json.of(given));
    UUID id = ask(client -> trigger(client.schedules(), json).id());
    print(id + "\n");
  }

  private ExecutionHandle<String> trigger(Schedules schedules, @Nullable String json) {
    return json == null ? schedules.trigger(name()) : schedules.trigger(name(), json);
  }
}
