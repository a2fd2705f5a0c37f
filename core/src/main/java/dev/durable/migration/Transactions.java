package dev.durable.migration;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Savepoint;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/** All or nothing: inside the caller's transaction if it has one, else in our own. */
final class Transactions {

  private Transactions() {}

  /** Work that may throw what JDBC throws. */
  interface Work<A, T extends @Nullable Object> {
    T apply(A argument) throws SQLException;
  }

  /**
   * Takes part in the caller's transaction; begins one if the connection is in auto-commit mode.
   */
  static <T extends @Nullable Object> T join(
      Connection connection, boolean writes, Work<Connection, T> work) throws SQLException {
    return connection.getAutoCommit() ? own(connection, writes, work) : nested(connection, work);
  }

  /**
   * Runs one transaction of its own, whatever the pool's auto-commit mode is: a connection from a
   * pool has nothing to lose that was begun before.
   */
  static <T extends @Nullable Object> T own(
      DataSource dataSource, boolean writes, Work<Connection, T> work) throws SQLException {
    Connection connection = dataSource.getConnection();
    T result;
    try {
      if (!connection.getAutoCommit()) {
        connection.rollback();
      }
      result = own(connection, writes, work);
    } catch (Throwable failure) {
      undo(failure, connection::close);
      throw failure;
    }
    tidy(connection::close);
    return result;
  }

  /** Runs statements that are transactions of their own, on a connection of a pool. */
  static <T extends @Nullable Object> T outside(DataSource dataSource, Work<Connection, T> work)
      throws SQLException {
    Connection connection = dataSource.getConnection();
    T result;
    try {
      boolean autoCommit = connection.getAutoCommit();
      if (!autoCommit) {
        connection.rollback();
        connection.setAutoCommit(true);
      }
      result = SessionSettings.during(connection, work);
      if (!autoCommit) {
        tidy(() -> connection.setAutoCommit(false));
      }
    } catch (Throwable failure) {
      // Its settings, and the lock, may still be those of the migration.
      undo(failure, () -> connection.abort(Runnable::run));
      undo(failure, connection::close);
      throw failure;
    }
    tidy(connection::close);
    return result;
  }

  /** A failure undoes only our part: the caller may go on, and commit what it did before. */
  private static <T extends @Nullable Object> T nested(
      Connection connection, Work<Connection, T> work) throws SQLException {
    Savepoint before = connection.setSavepoint();
    try {
      SessionSettings.Found found = SessionSettings.shield(connection);
      T result = work.apply(connection);
      SessionSettings.unshield(connection, found);
      connection.releaseSavepoint(before);
      return result;
    } catch (Throwable failure) {
      undo(failure, () -> connection.rollback(before));
      throw failure;
    }
  }

  private static <T extends @Nullable Object> T own(
      Connection connection, boolean writes, Work<Connection, T> work) throws SQLException {
    boolean autoCommit = connection.getAutoCommit();
    if (autoCommit) {
      connection.setAutoCommit(false);
    }
    T result;
    try {
      SessionSettings.begin(connection, writes);
      result = work.apply(connection);
      commit(connection);
    } catch (Throwable failure) {
      undo(failure, connection::rollback);
      if (autoCommit) {
        undo(failure, () -> connection.setAutoCommit(true));
      }
      throw failure;
    }
    if (autoCommit) {
      tidy(() -> connection.setAutoCommit(true));
    }
    return result;
  }

  private static void commit(Connection connection) throws SQLException {
    try {
      connection.commit();
    } catch (SQLException failure) {
      String state = failure.getSQLState();
      throw state == null || state.startsWith("08") || state.startsWith("57")
          ? new OutcomeUnknownException(failure)
          : failure;
    }
  }

  private static void undo(Throwable failure, Undo undo) {
    try {
      undo.run();
    } catch (Throwable lost) {
      failure.addSuppressed(lost);
    }
  }

  /** What has been committed stays so, whatever becomes of the connection. */
  private static void tidy(Undo step) {
    try {
      step.run();
    } catch (Throwable broken) {
      // Its pool finds that out by itself.
    }
  }

  private interface Undo {
    void run() throws SQLException;
  }

  /** A statement outside a transaction failed: what came before it stays. */
  static final class OutsideException extends SQLException {

    private static final long serialVersionUID = 1L;

    OutsideException(SQLException failure) {
      super(failure.getMessage(), failure.getSQLState(), failure);
    }
  }

  /** The connection broke while the transaction was being committed. */
  static final class OutcomeUnknownException extends SQLException {

    private static final long serialVersionUID = 1L;

    OutcomeUnknownException(SQLException lost) {
      super(lost.getMessage(), lost.getSQLState(), lost);
    }
  }
}
