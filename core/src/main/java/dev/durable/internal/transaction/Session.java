package dev.durable.internal.transaction;

import java.sql.Connection;
import java.sql.Statement;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.postgresql.PGConnection;
import org.postgresql.core.BaseConnection;
import org.postgresql.core.TransactionState;

/** The driver's view of a session, which needs no question to the server. */
final class Session {

  private final Connection connection;
  private final @Nullable PGConnection driver;
  private final Map<String, String> reported;
  private volatile boolean changed;

  Session(Connection connection) {
    this.connection = connection;
    this.driver = driver(connection);
    this.reported = reported();
  }

  private static @Nullable PGConnection driver(Connection connection) {
    try {
      return connection.isWrapperFor(PGConnection.class)
          ? connection.unwrap(PGConnection.class)
          : null;
    } catch (Throwable wrapped) {
      // This pool hides the driver.
      return null;
    }
  }

  /** Whether two connections are known to be of different sessions. */
  static boolean differ(Connection one, Connection other) {
    PGConnection first = driver(one);
    PGConnection second = driver(other);
    return first != null && second != null && !first.equals(second);
  }

  private Map<String, String> reported() {
    return driver == null ? Map.of() : Map.copyOf(driver.getParameterStatuses());
  }

  private @Nullable TransactionState state() {
    return driver instanceof BaseConnection base ? base.getTransactionState() : null;
  }

  /** Whether the transaction is known to be open, without a failed statement in it. */
  boolean isInOrder() {
    return state() == TransactionState.OPEN;
  }

  /** Whether the transaction has ended. */
  boolean isEnded() {
    try {
      return state() == TransactionState.IDLE || connection.isClosed();
    } catch (Throwable broken) {
      // The body did not do that; the next statement shows more.
      return false;
    }
  }

  /** Whether a backslash escapes in an ordinary literal. */
  boolean escapesByBackslash() {
    return driver != null && "off".equals(driver.getParameterStatus("standard_conforming_strings"));
  }

  /** Marks that a setting that outlives the transaction is about to change. */
  void changes() {
    changed = true;
  }

  /** Whether a setting of the session has changed. To be asked when no transaction is open. */
  boolean isChanged() {
    return changed || !reported.equals(reported());
  }

  /** Asks the server to cancel the running statements. */
  void cancel(List<Statement> statements) {
    try {
      if (driver != null) {
        driver.cancelQuery();
        return;
      }
      for (Statement statement : statements) {
        statement.cancel();
      }
    } catch (Throwable unreachable) {
      // The statement ends with its connection, which is closed next.
    }
  }
}
