package dev.durable.migration;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Savepoint;
import java.sql.Statement;
import org.jspecify.annotations.Nullable;

/** All or nothing: inside the caller's transaction if it has one, else in our own. */
final class Transactions {

  private Transactions() {}

  /** Work that may throw what JDBC throws. */
  interface Work<A, T extends @Nullable Object> {
    T apply(A argument) throws SQLException;
  }

  static <T extends @Nullable Object> T join(Connection connection, Work<Connection, T> work)
      throws SQLException {
    return connection.getAutoCommit() ? own(connection, work) : nested(connection, work);
  }

  /** A failure undoes only our part: the caller may go on, and commit what it did before. */
  private static <T extends @Nullable Object> T nested(
      Connection connection, Work<Connection, T> work) throws SQLException {
    Savepoint before = connection.setSavepoint();
    try {
      T result = work.apply(connection);
      connection.releaseSavepoint(before);
      return result;
    } catch (SQLException | RuntimeException | Error failure) {
      undo(failure, () -> connection.rollback(before));
      throw failure;
    }
  }

  private static <T extends @Nullable Object> T own(Connection connection, Work<Connection, T> work)
      throws SQLException {
    connection.setAutoCommit(false);
    try {
      seeWhatOthersCommit(connection);
      T result = work.apply(connection);
      connection.commit();
      return result;
    } catch (SQLException | RuntimeException | Error failure) {
      undo(failure, connection::rollback);
      throw failure;
    } finally {
      if (!connection.isClosed()) {
        connection.setAutoCommit(true);
      }
    }
  }

  /** After waiting for another migration; a stricter default would show the time before it. */
  private static void seeWhatOthersCommit(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute("set transaction isolation level read committed");
    }
  }

  private static void undo(Throwable failure, Undo undo) {
    try {
      undo.run();
    } catch (SQLException lost) {
      failure.addSuppressed(lost);
    }
  }

  private interface Undo {
    void run() throws SQLException;
  }
}
