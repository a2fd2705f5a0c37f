package dev.durable.cli.migrate.command;

import dev.durable.cli.console.ExitCodes;
import dev.durable.cli.database.ConnectionOptions;
import dev.durable.cli.database.Database;
import dev.durable.cli.database.DatabaseOptions;
import dev.durable.cli.database.ExitCodeMapping;
import dev.durable.cli.migrate.GenerateUpgrade;
import dev.durable.migration.Upgrade;
import dev.durable.migration.UpgradeFormat;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code durable gen-upgrade}. */
@Command(
    name = "gen-upgrade",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Writes a migration into your application that brings Durable's tables up to date.",
      "",
      "It starts from the version of the database if --url or "
          + ConnectionOptions.URL
          + " names one, else from the end of the newest upgrade in the folder, else from an empty"
          + " database. Prints the written files.",
      ""
    },
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      "0:written",
      "1:the upgrade exists, or there is nothing to upgrade; nothing was written",
      "2:wrong usage, an unknown version, or no such folder",
      "3:the database cannot be reached"
    },
    footer = {
      "",
      "Try:",
      "  durable gen-upgrade",
      "  durable gen-upgrade --format liquibase --dir app/src/main/resources/db",
      "  durable gen-upgrade --format sql --url jdbc:postgresql://localhost/app"
    })
public final class GenUpgradeCommand implements Callable<Integer> {

  @Spec
  @SuppressWarnings("NullAway.Init") // picocli sets it.
  private CommandSpec spec;

  @Option(
      names = "--format",
      paramLabel = "FORMAT",
      converter = FormatConverter.class,
      description = "flyway-sql, flyway-java, liquibase or sql. Default: flyway-sql.")
  private UpgradeFormat format = UpgradeFormat.FLYWAY_SQL;

  @Option(
      names = "--to",
      paramLabel = "VERSION",
      description = "The target version. Default: the newest one.")
  private @Nullable Long to;

  @Option(
      names = "--dir",
      paramLabel = "DIR",
      description = {
        "The folder of your migrations. Default: src/main/resources/db/migration for flyway-sql,"
            + " src/main/java/db/migration for flyway-java, src/main/resources/db/changelog for"
            + " liquibase, else the working folder."
      })
  private @Nullable Path folder;

  @Mixin private final DatabaseOptions database = new DatabaseOptions();

  /** picocli makes it. */
  public GenUpgradeCommand() {}

  @Override
  public Integer call() {
    Path into = folder == null ? format.usualFolder() : folder;
    Database current = ExitCodeMapping.call(spec, database::find);
    GenerateUpgrade task = new GenerateUpgrade(into, format, database.prefix(), to, current);
    Upgrade upgrade = ExitCodeMapping.call(spec, () -> task.run(InstantSource.system()));
    PrintWriter out = spec.commandLine().getOut();
    upgrade.files().forEach(out::println);
    out.flush();
    spec.commandLine().getErr().println(next(upgrade));
    return ExitCodes.OK;
  }

  private String next(Upgrade upgrade) {
    String start =
        upgrade.from() == 0 ? "a database without its tables" : "version " + upgrade.from();
    return "Durable schema \"%s\": from %s to version %s. %s"
        .formatted(upgrade.prefix(), start, upgrade.to(), advice());
  }

  private String advice() {
    return switch (format) {
      case FLYWAY_SQL -> "Now run your migrations.";
      case FLYWAY_JAVA -> "It needs dev.durable:durable-flyway. Now run your migrations.";
      case LIQUIBASE ->
          "It needs dev.durable:durable-liquibase. Include it in your change log, then update.";
      case SQL -> "Run it with psql --set ON_ERROR_STOP=1 --file FILE.";
    };
  }
}
