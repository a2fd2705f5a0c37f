package dev.durable.internal.store.jdbc;

import dev.durable.DatabaseUnavailableException;
import dev.durable.DurableException;
import java.sql.SQLException;
import org.jspecify.annotations.Nullable;

/** Exceptions for callers whose request the database did not fulfil. */
public final class SqlErrors {

  private SqlErrors() {}

  /** The exception for a caller. */
  public static DurableException translate(String doing, Throwable failure) {
    SQLException sql = SqlFailure.sql(failure);
    String words = String.valueOf((sql == null ? failure : sql).getMessage());
    String state = SqlFailure.state(sql);
    if (state.equals("25006")) {
      return new DatabaseUnavailableException(
          "Could not "
              + doing
              + ": the session is read-only ("
              + words
              + "). Connect to the primary server, and do not call Durable in a read-only"
              + " transaction.",
          failure);
    }
    if (state.startsWith("53") || state.startsWith("57")) {
      return new DatabaseUnavailableException(
          "Could not "
              + doing
              + ": the database answers that it cannot do it now ("
              + words
              + ", SQLState "
              + state
              + "). Check what its log says, and the limits of the server and the role.",
          failure);
    }
    if (isUnavailable(failure)) {
      return new DatabaseUnavailableException(
          "Could not "
              + doing
              + ": the database cannot be reached or broke the connection ("
              + words
              + "). Check that PostgreSQL is up and that the pool is large enough.",
          failure);
    }
    if (SqlFailure.of(failure) == SqlFailure.LOCKED) {
      return new DurableException(
          "Could not "
              + doing
              + ": another transaction holds the lock for too long ("
              + words
              + "). If it is one of your own, commit it or roll it back; then try again.",
          failure);
    }
    return new DurableException(
        "Could not " + doing + ": the database refused: " + words + " (SQLState " + state + ").",
        failure);
  }

  /** The next exception of a chain, as for a batch; or null. */
  public static @Nullable Throwable next(Throwable failure) {
    return failure instanceof SQLException sql ? sql.getNextException() : null;
  }

  /** Whether the role lacks a right. */
  public static boolean isForbidden(Throwable failure) {
    return SqlFailure.state(SqlFailure.sql(failure)).equals("42501");
  }

  /** Whether the database cannot be reached, or cannot answer now. */
  public static boolean isUnavailable(Throwable failure) {
    String state = SqlFailure.state(SqlFailure.sql(failure));
    return SqlFailure.of(failure) == SqlFailure.UNKNOWN
        || state.startsWith("53")
        || state.startsWith("57");
  }
}
