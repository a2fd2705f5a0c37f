package dev.durable.migration;

import java.sql.Connection;
import java.sql.SQLException;
import org.jspecify.annotations.Nullable;

/** One transaction: the caller's if it has one, else our own. */
final class Transactions {

  private Transactions() {}

  /** Work that may throw what JDBC throws. */
  interface Work<A, T extends @Nullable Object> {
    T apply(A argument) throws SQLException;
  }

  static <T extends @Nullable Object> T join(Connection connection, Work<Connection, T> work)
      throws SQLException {
    if (!connection.getAutoCommit()) {
      return work.apply(connection);
    }
    connection.setAutoCommit(false);
    try {
      T result = work.apply(connection);
      connection.commit();
      return result;
    } catch (SQLException | RuntimeException | Error failure) {
      try {
        connection.rollback();
      } catch (SQLException lost) {
        failure.addSuppressed(lost);
      }
      throw failure;
    } finally {
      if (!connection.isClosed()) {
        connection.setAutoCommit(true);
      }
    }
  }
}
