package dev.durable.cli.migrate.command;

import java.io.PrintWriter;
import picocli.CommandLine.Model.CommandSpec;

/** Prints SQL, the only text on standard output. */
final class DryRun {

  private DryRun() {}

  static void print(CommandSpec command, String sql) {
    if (sql.isEmpty()) {
      command.commandLine().getErr().println("There is nothing to do.");
      return;
    }
    PrintWriter out = command.commandLine().getOut();
    out.print(sql);
    out.flush();
  }
}
