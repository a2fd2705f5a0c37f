package dev.durable.cli.operate;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import dev.durable.DatabaseUnavailableException;
import dev.durable.Durable;
import dev.durable.DurableException;
import dev.durable.cli.console.CommandFailedException;
import dev.durable.cli.console.ExitCodes;
import dev.durable.cli.database.Database;
import dev.durable.cli.database.DatabaseOptions;
import dev.durable.cli.database.ExitCodeMapping;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.function.Function;
import picocli.CommandLine.Model.CommandSpec;

/** Opens the engine's client on the database that a command names. */
public final class Client {

  private static final int MOST_CONNECTIONS = 3;

  private Client() {}

  /**
   * Asks the client of the named database.
   *
   * @throws picocli.CommandLine.ParameterException instead of an {@link IllegalArgumentException}:
   *     wrong usage
   * @throws CommandFailedException if the database cannot be reached, or the question is refused
   */
  public static <T> T ask(
      CommandSpec command, DatabaseOptions options, Function<Durable, T> question) {
    Database database = ExitCodeMapping.call(command, options::require);
    ExitCodeMapping.call(command, () -> reach(database));
    return ExitCodeMapping.call(command, () -> answer(database, options.prefix(), question));
  }

  private static <T> T answer(Database database, String prefix, Function<Durable, T> question) {
    try (HikariDataSource pool = pool(database);
        Durable client = Durable.on(pool).prefix(prefix).build()) {
      return question.apply(client);
    } catch (DatabaseUnavailableException lost) {
      throw new CommandFailedException(ExitCodes.NO_DATABASE, String.valueOf(lost.getMessage()));
    } catch (DurableException refused) {
      throw new CommandFailedException(ExitCodes.FAILED, String.valueOf(refused.getMessage()));
    }
  }

  /** Reports an unreachable database or a rejected user at once, with pgjdbc's own message. */
  private static boolean reach(Database database) {
    try (Connection reached = database.connect()) {
      return reached.isValid(0);
    } catch (SQLException refused) {
      throw new CommandFailedException(ExitCodes.NO_DATABASE, String.valueOf(refused.getMessage()));
    }
  }

  private static HikariDataSource pool(Database database) {
    HikariConfig config = new HikariConfig();
    config.setDataSource(database.dataSource());
    config.setMaximumPoolSize(MOST_CONNECTIONS);
    config.setMinimumIdle(0);
    return new HikariDataSource(config);
  }
}
