package dev.durable.internal.store.jdbc;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Locale;

/** Checks that the engine can take part in a caller's transaction. */
public final class CallerSession {

  private static final String FACTS =
      """
      select pg_catalog.current_setting('transaction_isolation'),
             pg_catalog.current_setting('transaction_read_only') = 'on'
      """;

  private CallerSession() {}

  /**
   * Refuses a connection on which the engine could not keep its promises.
   *
   * @throws IllegalStateException if it is in auto-commit mode, or its transaction is read-only or
   *     of another isolation level
   */
  public static void require(Connection connection) {
    try {
      if (connection.getAutoCommit()) {
        throw new IllegalStateException(
            "This connection is in auto-commit mode, so each statement would commit by itself, and"
                + " nothing would belong together with what you write. Call"
                + " connection.setAutoCommit(false) first and commit yourself; without a"
                + " transaction of your own, call Durable directly.");
      }
      ask(connection);
    } catch (SQLException failure) {
      throw SqlErrors.translate("take part in the caller's transaction", failure);
    }
  }

  private static void ask(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(FACTS)) {
      row.next();
      String isolation = row.getString(1);
      if (row.getBoolean(2)) {
        throw new IllegalStateException(
            "The transaction of this connection is read-only, so nothing can be started, sent or"
                + " cancelled in it. Begin one that may write: connection.setReadOnly(false), or"
                + " readOnly = false where your framework begins it.");
      }
      if (!isolation.startsWith("read ")) {
        throw new IllegalStateException(
            "The transaction of this connection is "
                + isolation.toUpperCase(Locale.ROOT)
                + ": it does not see what others have committed since it began, so an event or a"
                + " wake-up could be lost. Begin it as READ COMMITTED.");
      }
    }
  }
}
