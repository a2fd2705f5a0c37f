package dev.durable.internal.store;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import org.jspecify.annotations.Nullable;
import org.postgresql.PGConnection;
import org.postgresql.PGNotification;

/**
 * A connection that listens for hints of other nodes. Hints are an optimisation: losing some only
 * delays work.
 */
public final class Listener implements AutoCloseable {

  private final Connection connection;
  private final PGConnection notifications;

  private Listener(Connection connection, PGConnection notifications) {
    this.connection = connection;
    this.notifications = notifications;
  }

  /** Opens a connection and listens. Null when the driver is not pgjdbc, which alone can listen. */
  public static @Nullable Listener open(Database database, Sql sql) throws SQLException {
    Connection connection = database.open();
    try {
      if (!connection.isWrapperFor(PGConnection.class)) {
        connection.close();
        return null;
      }
      try (Statement statement = connection.createStatement()) {
        statement.execute("listen \"" + sql.channel() + "\"");
      }
      return new Listener(connection, connection.unwrap(PGConnection.class));
    } catch (SQLException | RuntimeException failure) {
      connection.close();
      throw failure;
    }
  }

  /**
   * Waits for hints.
   *
   * @param millis how long at the most
   * @return their payloads; empty when none came
   */
  public String[] await(int millis) throws SQLException {
    PGNotification[] received = notifications.getNotifications(millis);
    if (received == null) {
      return new String[0];
    }
    String[] payloads = new String[received.length];
    for (int i = 0; i < received.length; i++) {
      payloads[i] = received[i].getParameter();
    }
    return payloads;
  }

  /** Stops listening and gives the connection back. */
  @Override
  public void close() throws SQLException {
    try (Connection closing = connection;
        Statement statement = closing.createStatement()) {
      statement.execute("unlisten *");
    }
  }
}
