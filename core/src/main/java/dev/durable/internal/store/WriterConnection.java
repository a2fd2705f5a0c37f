package dev.durable.internal.store;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;

/** A connection that a writer keeps while there is work. */
public final class WriterConnection implements AutoCloseable {

  /**
   * A plan made while the tables were small must not scan them when they have grown. And one plan
   * must do: PostgreSQL would plan short arrays anew each time, which costs more than it saves.
   *
   * <p>The server limits the time of statements: a timer of the driver would be set, woken and
   * cancelled for each. A user's shorter limit stays.
   */
  private static final String BEGIN =
      """
      select set_config('enable_seqscan', 'off', false),
             set_config('plan_cache_mode', 'force_generic_plan', false),
             set_config('statement_timeout',
                        coalesce(least(nullif(setting::int, 0), nullif(?::int, 0)), 0)::text, false),
             setting
      from pg_settings where name = 'statement_timeout'
      """;

  private static final String END =
      "reset enable_seqscan; reset plan_cache_mode; set statement_timeout = ";

  private final Connection connection;
  private final boolean limited;
  private final int usersTimeout;

  private WriterConnection(Connection connection, boolean limited, int usersTimeout) {
    this.connection = connection;
    this.limited = limited;
    this.usersTimeout = usersTimeout;
  }

  /** Takes a connection from the user's pool. */
  public static WriterConnection open(Database database) throws SQLException {
    Connection connection = database.open();
    boolean limited = false;
    try {
      limited = database.limit(connection);
      return new WriterConnection(connection, limited, begin(connection));
    } catch (SQLException failure) {
      Database.giveBack(connection, limited);
      throw failure;
    }
  }

  /**
   * A statement that only waits for a lock gives up while the connection still listens, even if
   * another went before it in the same batch.
   */
  private static int begin(Connection connection) throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(BEGIN)) {
      statement.setInt(1, connection.getNetworkTimeout() / 3);
      try (ResultSet row = statement.executeQuery()) {
        row.next();
        return row.getInt(4);
      }
    }
  }

  /** For the statements. In auto-commit mode. */
  public Connection jdbc() {
    return connection;
  }

  /** Gives the connection back as it was. */
  @Override
  public void close() {
    try (Statement statement = connection.createStatement()) {
      statement.execute(END + usersTimeout);
    } catch (SQLException broken) {
      // Then there is nothing left to reset.
    } finally {
      Database.giveBack(connection, limited);
    }
  }
}
