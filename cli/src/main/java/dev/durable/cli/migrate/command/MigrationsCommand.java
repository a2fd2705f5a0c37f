package dev.durable.cli.migrate.command;

import dev.durable.cli.console.CommandFailedException;
import dev.durable.cli.console.ExitCodes;
import dev.durable.cli.database.ConnectionOptions;
import dev.durable.cli.database.Database;
import dev.durable.cli.database.ExitCodeMapping;
import dev.durable.cli.migrate.MigrationReport;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code durable migrations}. */
@Command(
    name = "migrations",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {"Reports the applied and the pending migrations of a database.", ""},
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      "0:reported; with --check: everything is up to date",
      "1:with --check: something is pending, newer or changed; or the database refused",
      "2:wrong usage",
      "3:a database cannot be reached"
    },
    footer = {
      "",
      "Try:",
      "  durable migrations --url jdbc:postgresql://db/app --user app --password",
      "  DURABLE_URL=jdbc:postgresql://db/app durable migrations --check",
      "  durable migrations --url jdbc:postgresql://a/app --url jdbc:postgresql://b/app"
    })
public final class MigrationsCommand implements Callable<Integer> {

  @Spec
  @SuppressWarnings("NullAway.Init") // picocli sets it.
  private CommandSpec spec;

  @Option(
      names = "--url",
      paramLabel = "URL",
      description = {
        "jdbc:postgresql://HOST:PORT/DATABASE. Several times for several databases.",
        "Default: " + ConnectionOptions.URL + "."
      })
  private List<String> urls = List.of();

  @Mixin private final ConnectionOptions connection = new ConnectionOptions();

  @Option(
      names = "--check",
      description =
          "Fail if an engine of this version would not start, or a migration was changed.")
  private boolean check;

  @Option(
      names = "--json",
      description = "Print JSON: an object, or an array for several databases.")
  private boolean json;

  private int exitCode = ExitCodes.OK;

  /** picocli makes it. */
  public MigrationsCommand() {}

  @Override
  public Integer call() {
    List<MigrationReport> reports = reports(ExitCodeMapping.call(spec, this::databases));
    PrintWriter out = spec.commandLine().getOut();
    if (json) {
      if (!reports.isEmpty() || urls.size() > 1) {
        out.println(ReportFormat.json(reports, urls.size() > 1));
      }
    } else {
      out.print(ReportFormat.text(reports));
    }
    out.flush();
    if (check) {
      reports.stream().filter(report -> !report.isGood()).forEach(this::complain);
    }
    return exitCode;
  }

  private List<Database> databases() {
    return urls.isEmpty()
        ? List.of(connection.require(null))
        : urls.stream().map(connection::require).toList();
  }

  /** An unreachable database does not hide the reports of the others. */
  private List<MigrationReport> reports(List<Database> databases) {
    List<MigrationReport> reports = new ArrayList<>();
    for (Database database : databases) {
      try {
        reports.add(
            ExitCodeMapping.call(spec, () -> MigrationReport.of(database, connection.prefix())));
      } catch (CommandFailedException failed) {
        fail(failed.exitCode(), String.valueOf(failed.getMessage()));
      }
    }
    return reports;
  }

  private void complain(MigrationReport report) {
    fail(ExitCodes.FAILED, report.problem() + ReportFormat.remedy(report));
  }

  private void fail(int code, String message) {
    spec.commandLine().getErr().println("durable: " + message);
    exitCode = Math.max(exitCode, code);
  }
}
