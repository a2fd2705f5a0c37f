package dev.durable.cli.operate;

import dev.durable.Durable;
import dev.durable.cli.console.ExitCodes;
import dev.durable.cli.database.DatabaseOptions;
import java.util.UUID;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code durable give-up}. */
@Command(
    name = "give-up",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Gives up a parked execution: it fails, after what it has done is undone.",
      "If there was nothing to undo, a retry still lets it go on.",
      ""
    },
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      "0:given up",
      "1:there is no such execution, it is not parked, or the database refused",
      "2:wrong usage, or an id prefix of several executions",
      "3:the database cannot be reached"
    },
    footer = {
      "",
      "Try:",
      "  durable give-up 01a20790-3f --reason 'the supplier is gone'",
    })
public final class GiveUpCommand implements Callable<Integer> {

  @Spec
  @SuppressWarnings("NullAway.Init") // picocli sets it.
  private CommandSpec spec;

  @Parameters(paramLabel = "EXECUTION", description = ExecutionIds.DESCRIPTION)
  @SuppressWarnings("NullAway.Init") // picocli sets it.
  private String execution;

  @Option(
      names = "--reason",
      required = true,
      paramLabel = "TEXT",
      description = "Why: the message of its error.")
  @SuppressWarnings("NullAway.Init") // picocli sets it.
  private String reason;

  @Mixin private final DatabaseOptions database = new DatabaseOptions();

  /** picocli makes it. */
  public GiveUpCommand() {}

  @Override
  public Integer call() {
    UUID id = Client.ask(spec, database, this::giveUp);
    spec.commandLine().getErr().println("Gave up execution " + id + ".");
    return ExitCodes.OK;
  }

  private UUID giveUp(Durable client) {
    UUID id = ExecutionIds.id(client, execution);
    client.giveUp(id, reason);
    return id;
  }
}
