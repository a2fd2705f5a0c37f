package dev.durable.cli.schedule;

import dev.durable.Durable;
import dev.durable.cli.console.ExitCodes;
import dev.durable.cli.console.Terminal;
import dev.durable.cli.database.DatabaseOptions;
import dev.durable.cli.database.ExitCodeMapping;
import dev.durable.cli.operate.Client;
import dev.durable.schedule.ScheduleQuery;
import dev.durable.schedule.StoredSchedule;
import java.io.PrintWriter;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code durable schedules}: lists them, and has a subcommand for each thing to do about one. */
@Command(
    name = "schedules",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    synopsisSubcommandLabel = "[COMMAND]",
    description = {"Lists the schedules by name, with what has become of their ticks.", ""},
    subcommands = {
      ShowScheduleCommand.class,
      PreviewScheduleCommand.class,
      PauseScheduleCommand.class,
      ResumeScheduleCommand.class,
      TriggerScheduleCommand.class,
      BackfillScheduleCommand.class,
      CancelBackfillCommand.class,
      DeleteScheduleCommand.class
    },
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      "0:listed, even if the list is empty",
      "1:the database refused",
      "2:wrong usage",
      "3:the database cannot be reached"
    },
    footer = {
      "",
      "Try:",
      "  durable schedules --url jdbc:postgresql://db/app --user app --password",
      "  durable schedules --paused --json",
      "  durable schedules show nightly",
      "  durable schedules preview '0 9 * * MON-FRI' --zone America/New_York"
    })
public final class SchedulesCommand implements Callable<Integer> {

  @Spec
  @SuppressWarnings("NullAway.Init") // picocli sets it.
  private CommandSpec spec;

  @Option(
      names = "--workflow",
      paramLabel = "NAME",
      description = "Only schedules of this workflow.")
  private @Nullable String workflow;

  @Option(names = "--paused", description = "Only those that are paused.")
  private boolean paused;

  @Option(
      names = "--limit",
      paramLabel = "N",
      description = "List at most N schedules, up to 1000. Default: ${DEFAULT-VALUE}.")
  private int limit = 100;

  @Option(names = "--json", description = "Print a JSON array.")
  private boolean json;

  @Mixin private final DatabaseOptions database = new DatabaseOptions();

  /** picocli makes it. */
  public SchedulesCommand() {}

  @Override
  public Integer call() {
    ExitCodeMapping.call(spec, () -> ScheduleQuery.of(query -> query.limit(limit)));
    List<StoredSchedule> found = Client.ask(spec, database, this::list);
    print(spec, json ? ScheduleJson.list(found) + "\n" : text(found));
    return ExitCodes.OK;
  }

  private List<StoredSchedule> list(Durable client) {
    List<StoredSchedule> found = client.schedules().list(this::narrow);
    if (found.size() == limit) {
      List<StoredSchedule> more =
          client
              .schedules()
              .list(
                  query -> {
                    narrow(query);
                    query.after(found.getLast().name()).limit(1);
                  });
      if (!more.isEmpty()) {
        say(spec, "There are more: --limit shows up to " + ScheduleQuery.MAX_LIMIT + ".");
      }
    }
    return found;
  }

  private void narrow(ScheduleQuery query) {
    query.limit(limit);
    if (workflow != null) {
      query.workflow(workflow);
    }
    if (paused) {
      query.paused(true);
    }
  }

  private String text(List<StoredSchedule> found) {
    if (found.isEmpty()) {
      say(
          spec,
          workflow == null && !paused
              ? "There is no schedule."
              : "There is no schedule of that kind.");
      return "";
    }
    return ScheduleTables.list(found).fitting(width(spec));
  }

  // ---- for the subcommands ----

  /** The most characters in a line: those of the terminal, if the output goes there. */
  static int width(CommandSpec command) {
    return Terminal.out().isTerminal() ? command.usageMessage().width() : Integer.MAX_VALUE;
  }

  static void print(CommandSpec command, String text) {
    PrintWriter out = command.commandLine().getOut();
    out.print(text);
    out.flush();
  }

  static void say(CommandSpec command, String message) {
    command.commandLine().getErr().println(message);
  }
}
