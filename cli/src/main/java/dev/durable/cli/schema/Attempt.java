package dev.durable.cli.schema;

import dev.durable.cli.CommandFailedException;
import dev.durable.cli.ExitCodes;
import dev.durable.cli.migrate.DatabaseUnavailableException;
import dev.durable.migration.MigrationException;
import java.util.function.Supplier;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;

/** Makes of what a task throws an exit code and a message for people. */
final class Attempt {

  private Attempt() {}

  static <T> T of(CommandSpec command, Supplier<T> task) {
    try {
      return task.get();
    } catch (IllegalArgumentException wrong) {
      throw new ParameterException(
          command.commandLine(), String.valueOf(wrong.getMessage()), wrong);
    } catch (DatabaseUnavailableException unavailable) {
      throw new CommandFailedException(ExitCodes.NO_DATABASE, advice(unavailable));
    } catch (MigrationException refused) {
      throw new CommandFailedException(ExitCodes.FAILED, String.valueOf(refused.getMessage()));
    }
  }

  private static String advice(DatabaseUnavailableException unavailable) {
    return unavailable.isAboutCredentials()
        ? unavailable.getMessage()
            + "\nName the user with --user or DURABLE_USER; --password asks for the password,"
            + " DURABLE_PASSWORD holds it."
        : String.valueOf(unavailable.getMessage());
  }
}
