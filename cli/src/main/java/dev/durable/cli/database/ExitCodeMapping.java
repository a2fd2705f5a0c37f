package dev.durable.cli.database;

import dev.durable.cli.console.CommandFailedException;
import dev.durable.cli.console.ExitCodes;
import dev.durable.migration.MigrationException;
import java.util.function.Supplier;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;

/** Turns the exceptions of a task into exit codes and messages without a stack trace. */
public final class ExitCodeMapping {

  private ExitCodeMapping() {}

  /**
   * Runs a task for a command.
   *
   * @throws ParameterException instead of an {@link IllegalArgumentException}: wrong usage
   * @throws CommandFailedException if the database cannot be reached or refuses a migration
   */
  public static <T> T call(CommandSpec command, Supplier<T> task) {
    try {
      return task.get();
    } catch (IllegalArgumentException wrong) {
      throw new ParameterException(
          command.commandLine(), String.valueOf(wrong.getMessage()), wrong);
    } catch (NoConnectionException unavailable) {
      throw new CommandFailedException(ExitCodes.NO_DATABASE, advice(unavailable));
    } catch (MigrationException refused) {
      throw new CommandFailedException(ExitCodes.FAILED, String.valueOf(refused.getMessage()));
    }
  }

  private static String advice(NoConnectionException unavailable) {
    return unavailable.isAboutCredentials()
        ? unavailable.getMessage()
            + "\nName the user with --user or DURABLE_USER; --password asks for the password,"
            + " DURABLE_PASSWORD holds it."
        : String.valueOf(unavailable.getMessage());
  }
}
