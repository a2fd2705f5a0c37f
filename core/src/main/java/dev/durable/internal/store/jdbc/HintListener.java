package dev.durable.internal.store.jdbc;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import org.jspecify.annotations.Nullable;
import org.postgresql.PGConnection;
import org.postgresql.PGNotification;

/**
 * A connection that listens for hints of other workers. Hints are an optimisation: a lost one only
 * delays work.
 */
public final class HintListener implements AutoCloseable {

  private final BorrowedConnection borrowed;
  private final PGConnection notifications;

  private HintListener(BorrowedConnection borrowed, PGConnection notifications) {
    this.borrowed = borrowed;
    this.notifications = notifications;
  }

  /** Opens a connection and listens. Null when the driver is not pgjdbc, which alone can listen. */
  public static @Nullable HintListener open(Database database, Schema schema) throws SQLException {
    BorrowedConnection borrowed = database.borrow();
    try {
      Connection connection = borrowed.jdbc();
      if (!connection.isWrapperFor(PGConnection.class)) {
        borrowed.close();
        return null;
      }
      try (Statement statement = connection.createStatement()) {
        statement.execute("listen \"" + schema.channel() + "\"");
      }
      return new HintListener(borrowed, connection.unwrap(PGConnection.class));
    } catch (Throwable failure) {
      borrowed.spoil();
      borrowed.close();
      throw failure;
    }
  }

  /**
   * Waits for hints.
   *
   * @param millis the longest time to wait
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
    try (BorrowedConnection closing = borrowed;
        Statement statement = closing.jdbc().createStatement()) {
      statement.execute("unlisten *");
    } catch (Throwable failure) {
      borrowed.spoil();
      throw failure;
    }
  }
}
