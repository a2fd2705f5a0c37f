package dev.durable.cli;

import dev.durable.cli.console.CommandFailedException;
import dev.durable.cli.console.ExitCodes;
import dev.durable.cli.demo.DemoCommand;
import dev.durable.cli.migrate.command.GenUpgradeCommand;
import dev.durable.cli.migrate.command.MigrateCommand;
import dev.durable.cli.migrate.command.MigrationsCommand;
import dev.durable.cli.migrate.command.RollbackCommand;
import dev.durable.cli.operate.AnswerCommand;
import dev.durable.cli.operate.ChildrenCommand;
import dev.durable.cli.operate.GiveUpCommand;
import dev.durable.cli.operate.GraphCommand;
import dev.durable.cli.operate.PendingCommand;
import dev.durable.cli.operate.QueuesCommand;
import dev.durable.cli.operate.ReassignCommand;
import dev.durable.cli.operate.SendEventCommand;
import dev.durable.cli.operate.Table;
import dev.durable.cli.schedule.SchedulesCommand;
import dev.durable.cli.shell.ShellCommand;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.HelpCommand;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.Spec;
import picocli.CommandLine.UnmatchedArgumentException;

/** The command itself: lists its subcommands. */
@Command(
    name = "durable",
    description = "Durable workflows for Java on PostgreSQL.",
    versionProvider = ProductVersion.class,
    mixinStandardHelpOptions = true,
    synopsisSubcommandLabel = "COMMAND",
    subcommands = {
      DemoCommand.class,
      MigrationsCommand.class,
      GenUpgradeCommand.class,
      MigrateCommand.class,
      RollbackCommand.class,
      GraphCommand.class,
      PendingCommand.class,
      AnswerCommand.class,
      ReassignCommand.class,
      SendEventCommand.class,
      GiveUpCommand.class,
      ChildrenCommand.class,
      QueuesCommand.class,
      SchedulesCommand.class,
      ExampleCommand.class,
      ShellCommand.class,
      BenchCommand.class,
      HelpCommand.class
    },
    footer = {"", "'durable help COMMAND' describes one of them."})
final class DurableCommand implements Runnable {

  @Spec
  @SuppressWarnings("NullAway.Init") // picocli sets it.
  private CommandSpec spec;

  /** Runs a command line and returns its exit code. */
  static int run(String... args) {
    return new CommandLine(new DurableCommand())
        .setExecutionStrategy(DurableCommand::execute)
        .setParameterExceptionHandler(DurableCommand::wrongUsage)
        .setExecutionExceptionHandler(DurableCommand::failure)
        .setUsageHelpAutoWidth(true)
        .setExpandAtFiles(false) // A password may begin with @.
        .execute(args);
  }

  private static int execute(ParseResult parsed) {
    requireOptionsBehind(parsed);
    return new CommandLine.RunLast().execute(parsed);
  }

  /** Refuses options in front of a subcommand, which would have no effect. */
  private static void requireOptionsBehind(ParseResult parsed) {
    for (ParseResult at = parsed; at.hasSubcommand(); at = at.subcommand()) {
      if (!at.isUsageHelpRequested() && !at.matchedOptions().isEmpty()) {
        CommandLine subcommand = at.subcommand().commandSpec().commandLine();
        throw new ParameterException(
            subcommand,
            "Give %s behind '%s'."
                .formatted(
                    at.matchedOptions().getFirst().longestName(), subcommand.getCommandName()));
      }
    }
  }

  @Override
  public void run() {
    spec.commandLine().usage(spec.commandLine().getOut());
  }

  private static int wrongUsage(ParameterException wrong, String[] args) {
    CommandLine command = wrong.getCommandLine();
    String name = command.getCommandSpec().qualifiedName();
    var err = command.getErr();
    if (wrong instanceof UnmatchedArgumentException unmatched) {
      String argument = unmatched.getUnmatched().get(0);
      boolean option = argument.startsWith("-");
      String kind = option ? "option" : command.getSubcommands().isEmpty() ? "argument" : "command";
      err.println(name + ": there is no " + kind + " '" + argument + "'.");
      if (!unmatched.getSuggestions().isEmpty()) {
        // Only the nearest one: the others often have little in common with the argument.
        err.println("Did you mean " + unmatched.getSuggestions().get(0) + "?");
      }
    } else {
      err.println(name + ": " + Table.plain(String.valueOf(wrong.getMessage())));
    }
    err.println("'" + name + " --help' shows the usage.");
    return ExitCodes.USAGE;
  }

  private static int failure(Exception failure, CommandLine command, ParseResult parsed) {
    if (failure instanceof CommandFailedException expected) {
      if (expected.exitCode() != ExitCodes.INTERRUPTED) {
        command.getErr().println("durable: " + Table.plain(String.valueOf(expected.getMessage())));
      }
      return expected.exitCode();
    }
    command.getErr().println("durable: this failure is a bug; please report it.");
    failure.printStackTrace(command.getErr());
    return ExitCodes.FAILED;
  }
}
