package dev.durable.internal.store;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;

/** A connection that a writer keeps while there is work. */
public final class WriterConnection implements AutoCloseable {

  private final Connection connection;
  private final boolean limited;

  private WriterConnection(Connection connection, boolean limited) {
    this.connection = connection;
    this.limited = limited;
  }

  /** Takes a connection from the user's pool. */
  public static WriterConnection open(Database database) throws SQLException {
    Connection connection = database.open();
    boolean limited;
    try {
      limited = database.limit(connection);
      // A plan made while the tables were small must not scan them when they have grown. And one
      // plan must do: PostgreSQL would plan short arrays anew each time, which costs more than it
      // saves.
      execute(connection, "set enable_seqscan = off; set plan_cache_mode = force_generic_plan");
    } catch (SQLException failure) {
      connection.close();
      throw failure;
    }
    return new WriterConnection(connection, limited);
  }

  /** For the statements. In auto-commit mode. */
  public Connection jdbc() {
    return connection;
  }

  /** Gives the connection back as it was. */
  @Override
  public void close() {
    try (Connection closing = connection) {
      execute(closing, "reset enable_seqscan; reset plan_cache_mode");
      if (limited) {
        Database.unlimit(closing);
      }
    } catch (SQLException broken) {
      // It is of no use to anybody any more; the pool finds that out by itself.
    }
  }

  private static void execute(Connection connection, String sql) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }
}
