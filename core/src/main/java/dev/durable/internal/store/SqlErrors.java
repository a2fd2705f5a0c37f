package dev.durable.internal.store;

import dev.durable.DatabaseUnavailableException;
import dev.durable.DurableException;
import java.sql.SQLException;
import java.sql.SQLNonTransientConnectionException;
import java.sql.SQLTransientConnectionException;

/** What a SQLException means for us. SQLState classes: PostgreSQL manual, appendix A. */
public final class SqlErrors {

  private SqlErrors() {}

  /** The database asks to do the same again: serialization failure, deadlock, lock timeout. */
  public static boolean isTransient(SQLException failure) {
    String state = state(failure);
    return state.equals("40001") || state.equals("40P01") || isLocked(failure);
  }

  /** Somebody has locked what is needed, and did not let go of it in time. */
  public static boolean isLocked(SQLException failure) {
    return state(failure).equals("55P03");
  }

  /**
   * The connection broke, could not be had, or the server is not in a state to answer; whether the
   * statement took effect is not known.
   */
  public static boolean isConnectionLost(SQLException failure) {
    String state = state(failure);
    return failure instanceof SQLTransientConnectionException
        || failure instanceof SQLNonTransientConnectionException
        || state.isEmpty()
        || state.startsWith("08")
        || state.startsWith("57")
        || state.startsWith("53")
        || state.equals("25006");
  }

  /** A row of this key is there already. */
  public static boolean isDuplicate(SQLException failure) {
    return state(failure).equals("23505");
  }

  /** The exception that a caller sees. */
  public static DurableException translate(String doing, SQLException failure) {
    if (isConnectionLost(failure)) {
      return new DatabaseUnavailableException(
          "Could not "
              + doing
              + ": the database cannot be reached or broke the connection ("
              + failure.getMessage()
              + "). Check that PostgreSQL is up and that the pool is large enough.",
          failure);
    }
    return new DurableException(
        "Could not " + doing + ": the database refused: " + failure.getMessage(), failure);
  }

  private static String state(SQLException failure) {
    return failure.getSQLState() == null ? "" : failure.getSQLState();
  }
}
