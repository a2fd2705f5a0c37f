package dev.durable.cli.operate;

import dev.durable.Durable;
import dev.durable.cli.console.ExitCodes;
import dev.durable.cli.database.DatabaseOptions;
import dev.durable.queue.QueueState;
import java.io.PrintWriter;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code durable queues}. */
@Command(
    name = "queues",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    synopsisSubcommandLabel = "[COMMAND]",
    description = {
      "Lists the queues: what is in them, who serves them, their limits and pauses.",
      "The numbers of the last hour are approximate.",
      ""
    },
    subcommands = {
      PauseQueueCommand.class,
      ResumeQueueCommand.class,
      DrainQueueCommand.class,
      LimitQueueCommand.class
    },
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      "0:listed",
      "1:the database refused",
      "2:wrong usage",
      "3:the database cannot be reached"
    },
    footer = {
      "",
      "Try:",
      "  durable queues --url jdbc:postgresql://db/app --user app --password",
      "  durable queues --json",
      "  durable queues pause payments --reason 'the bank is down'",
      "  durable queues limits payments --concurrency 10"
    })
public final class QueuesCommand implements Callable<Integer> {

  @Spec
  @SuppressWarnings("NullAway.Init") // picocli sets it.
  private CommandSpec spec;

  @Option(names = "--json", description = "Print a JSON array.")
  private boolean json;

  @Mixin private final DatabaseOptions database = new DatabaseOptions();

  /** picocli makes it. */
  public QueuesCommand() {}

  @Override
  public Integer call() {
    List<QueueState> queues = Client.ask(spec, database, QueuesCommand::queues);
    PrintWriter out = spec.commandLine().getOut();
    out.print(json ? QueueTables.json(queues) + "\n" : text(queues));
    out.flush();
    if (!json) {
      queues.forEach(queue -> queue.warning().ifPresent(warning -> say("Warning: " + warning)));
    }
    return ExitCodes.OK;
  }

  private static List<QueueState> queues(Durable client) {
    return client.queues().list();
  }

  private String text(List<QueueState> queues) {
    if (queues.isEmpty()) {
      say("There is no queue: no worker has ever been started.");
      return "";
    }
    return QueueTables.text(queues);
  }

  private void say(String message) {
    spec.commandLine().getErr().println(Table.oneLine(message));
  }
}
