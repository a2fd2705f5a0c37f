package dev.durable.cli.migrate.command;

import dev.durable.cli.console.ExitCodes;
import dev.durable.cli.database.DatabaseOptions;
import dev.durable.cli.database.ExitCodeMapping;
import dev.durable.cli.migrate.Rollback;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code durable rollback}. */
@Command(
    name = "rollback",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Rolls Durable's migrations back, newest first.",
      "",
      "It runs in one transaction and drops tables with their rows, so it needs a limit: --step,"
          + " --to or both. Objects that Durable did not create stay.",
      "",
      "It is refused while workers live or executions have not ended; the message has their"
          + " numbers.",
      ""
    },
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      "0:rolled back, or there was nothing to roll back",
      "1:refused by the database, or because of live workers or executions that have not ended;"
          + " nothing was changed",
      "2:wrong usage",
      "3:the database cannot be reached"
    },
    footer = {
      "",
      "Try:",
      "  durable rollback --url jdbc:postgresql://db/app --step 1 --dry-run",
      "  durable rollback --url jdbc:postgresql://db/app --to 20260103000000",
      "  durable rollback --url jdbc:postgresql://db/app --to 0"
    })
public final class RollbackCommand implements Callable<Integer> {

  @Spec
  @SuppressWarnings("NullAway.Init") // picocli sets it.
  private CommandSpec spec;

  @Mixin private final DatabaseOptions database = new DatabaseOptions();

  @Option(
      names = "--to",
      paramLabel = "VERSION",
      description = "Keep this version and the older ones; 0 keeps none.")
  private @Nullable Long to;

  @Option(names = "--step", paramLabel = "N", description = "Roll back at most this many versions.")
  private @Nullable Integer step;

  @Option(
      names = "--dry-run",
      description = "Print the exact SQL instead, with its transaction; change nothing.")
  private boolean dryRun;

  @Option(
      names = "--force",
      description =
          "Roll back despite live workers and executions that have not ended: they are lost.")
  private boolean force;

  /** picocli makes it. */
  public RollbackCommand() {}

  @Override
  public Integer call() {
    if (to == null && step == null) {
      throw new ParameterException(
          spec.commandLine(),
          "How far? --step 1 rolls back the newest version, --to VERSION keeps that one, --to 0"
              + " drops all of Durable's tables with their rows.");
    }
    Rollback task =
        ExitCodeMapping.call(
            spec, () -> new Rollback(database.require(), database.prefix(), to, step, force));
    if (dryRun) {
      DryRun.print(spec, ExitCodeMapping.call(spec, task::sql));
    } else {
      spec.commandLine().getErr().println(ExitCodeMapping.call(spec, task::run).sentence());
    }
    return ExitCodes.OK;
  }
}
