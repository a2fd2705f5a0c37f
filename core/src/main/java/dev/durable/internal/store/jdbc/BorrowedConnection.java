package dev.durable.internal.store.jdbc;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.postgresql.PGConnection;

/**
 * A connection of the user's pool, lent to the engine. It goes back as it was found. After an
 * unknown failure it is aborted instead, so that the pool does not hand it out again.
 */
public final class BorrowedConnection implements AutoCloseable {

  private final Connection connection;
  private final boolean autoCommit;
  private final boolean limited;
  private final int threshold;
  private final AtomicBoolean spoiled = new AtomicBoolean();

  private BorrowedConnection(
      Connection connection, boolean autoCommit, boolean limited, int threshold) {
    this.connection = connection;
    this.autoCommit = autoCommit;
    this.limited = limited;
    this.threshold = threshold;
  }

  /**
   * Takes a connection over.
   *
   * @param connection as the pool gave it
   * @param autoCommit the mode in which the engine uses it
   * @param patienceMillis how long one answer may take, unless the user has set a limit; 0 is for
   *     ever
   * @param pooler if there is one, no statement on this connection gets a name
   */
  public static BorrowedConnection of(
      Connection connection, boolean autoCommit, int patienceMillis, Pooler pooler)
      throws SQLException {
    try {
      boolean found = connection.getAutoCommit();
      boolean limits = patienceMillis > 0 && connection.getNetworkTimeout() == 0;
      if (limits) {
        connection.setNetworkTimeout(Runnable::run, patienceMillis);
      }
      BorrowedConnection borrowed =
          new BorrowedConnection(connection, found, limits, pooler.unname(connection));
      if (found != autoCommit) {
        connection.setAutoCommit(autoCommit);
      }
      return borrowed;
    } catch (Throwable failure) {
      end(connection);
      throw failure;
    }
  }

  /** For the statements. */
  public Connection jdbc() {
    return connection;
  }

  /** Judges a failure that happened on it: after most it can no longer be used. */
  public void failed(Throwable failure) {
    if (!SqlFailure.leavesConnection(failure)) {
      spoil();
    }
  }

  /** Marks it as unusable: closing it aborts it. */
  public void spoil() {
    spoiled.set(true);
  }

  /** Gives it back, or aborts it. Never throws: what was committed on it stays committed. */
  @Override
  public void close() {
    if (spoiled.get()) {
      end(connection);
      return;
    }
    try {
      if (!connection.getAutoCommit()) {
        // Changing the mode would commit an open transaction.
        connection.rollback();
      }
      if (connection.getAutoCommit() != autoCommit) {
        connection.setAutoCommit(autoCommit);
      }
      if (limited) {
        connection.setNetworkTimeout(Runnable::run, 0);
      }
      restoreThreshold();
      connection.close();
    } catch (Throwable broken) {
      end(connection);
    }
  }

  private void restoreThreshold() throws SQLException {
    if (threshold != 0) {
      connection.unwrap(PGConnection.class).setPrepareThreshold(threshold);
    }
  }

  /** Leaves it to its owner, who ends its transaction; aborts it if it is unusable. */
  public void release() {
    try {
      restoreThreshold();
    } catch (Throwable broken) {
      spoil();
    }
    if (spoiled.get()) {
      end(connection);
    }
  }

  /**
   * Aborts a connection. Pools fail in their own ways over one that broke (HikariCP 7 with a
   * NullPointerException if its network timeout had been set).
   */
  private static void end(Connection connection) {
    try {
      connection.abort(Runnable::run);
    } catch (Throwable broken) {
      // It has ended already.
    }
    try {
      connection.close();
    } catch (Throwable broken) {
      // The pool has noticed by itself that it is unusable.
    }
  }
}
