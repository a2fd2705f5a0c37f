package dev.durable.cli.schedule;

import dev.durable.Durable;
import dev.durable.cli.console.ExitCodes;
import dev.durable.cli.database.DatabaseOptions;
import dev.durable.cli.operate.Client;
import java.util.concurrent.Callable;
import java.util.function.Function;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** What the subcommands about one schedule share: its name, and where to find it. */
abstract class ScheduleCommand implements Callable<Integer> {

  static final String EXIT_OK = "0:done";
  static final String EXIT_REFUSED = "1:there is no such schedule, or the database refused";
  static final String EXIT_USAGE = "2:wrong usage";
  static final String EXIT_DATABASE = "3:the database cannot be reached";

  @Spec
  @SuppressWarnings("NullAway.Init") // picocli sets it.
  private CommandSpec spec;

  @Parameters(index = "0", paramLabel = "NAME", description = "The name of the schedule.")
  @SuppressWarnings("NullAway.Init") // picocli sets it.
  private String name;

  @Mixin private final DatabaseOptions database = new DatabaseOptions();

  @Override
  public final Integer call() {
    run();
    return ExitCodes.OK;
  }

  abstract void run();

  final CommandSpec spec() {
    return spec;
  }

  final String name() {
    return name;
  }

  final <T> T ask(Function<Durable, T> question) {
    return Client.ask(spec, database, question);
  }

  /** Prints a result to standard output. */
  final void print(String text) {
    SchedulesCommand.print(spec, text);
  }

  /** Prints a message to standard error. */
  final void say(String message) {
    SchedulesCommand.say(spec, message);
  }

  /** The schedule as messages name it. */
  final String quoted() {
    return "schedule '" + name + "'";
  }
}
