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
    boolean limited = false;
    try {
      limited = database.limit(connection);
      // A plan made while the tables were small must not scan them when they have grown. And one
      // plan must do: PostgreSQL would plan short arrays anew each time, which costs more than it
      // saves.
      execute(connection, "set enable_seqscan = off; set plan_cache_mode = force_generic_plan");
    } catch (SQLException failure) {
      Database.giveBack(connection, limited);
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
    try {
      execute(connection, "reset enable_seqscan; reset plan_cache_mode");
    } catch (SQLException broken) {
      // Then there is nothing left to reset.
    } finally {
      Database.giveBack(connection, limited);
    }
  }

  private static void execute(Connection connection, String sql) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }
}
