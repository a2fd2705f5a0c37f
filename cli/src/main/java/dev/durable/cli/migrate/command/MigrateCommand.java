package dev.durable.cli.migrate.command;

import dev.durable.cli.console.ExitCodes;
import dev.durable.cli.database.DatabaseOptions;
import dev.durable.cli.database.ExitCodeMapping;
import dev.durable.cli.migrate.Migrate;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code durable migrate}. */
@Command(
    name = "migrate",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Brings Durable's tables to the newest version, or to that of --to.",
      "",
      "It runs in one transaction, and changes nothing if the tables are up to date.",
      ""
    },
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      "0:migrated, or nothing was pending",
      "1:the database refused, and nothing was changed",
      "2:wrong usage",
      "3:the database cannot be reached"
    },
    footer = {
      "",
      "Try:",
      "  durable migrate --url jdbc:postgresql://db/app --user app --password",
      "  durable migrate --url jdbc:postgresql://db/app --dry-run > durable.sql"
    })
public final class MigrateCommand implements Callable<Integer> {

  @Spec
  @SuppressWarnings("NullAway.Init") // picocli sets it.
  private CommandSpec spec;

  @Mixin private final DatabaseOptions database = new DatabaseOptions();

  @Option(
      names = "--to",
      paramLabel = "VERSION",
      description = "Stop at this version, inclusive. Default: the newest one.")
  private @Nullable Long to;

  @Option(
      names = "--dry-run",
      description = "Print the exact SQL instead, with its transaction; change nothing.")
  private boolean dryRun;

  /** picocli makes it. */
  public MigrateCommand() {}

  @Override
  public Integer call() {
    Migrate task =
        ExitCodeMapping.call(spec, () -> new Migrate(database.require(), database.prefix(), to));
    if (dryRun) {
      DryRun.print(spec, ExitCodeMapping.call(spec, task::sql));
    } else {
      spec.commandLine().getErr().println(ExitCodeMapping.call(spec, task::run).sentence());
    }
    return ExitCodes.OK;
  }
}
