package dev.durable.internal.store;

import dev.durable.DatabaseUnavailableException;
import dev.durable.DurableException;
import java.sql.Connection;
import java.sql.SQLException;
import org.jspecify.annotations.Nullable;

/**
 * Runs one statement at a time, each as a transaction of its own: on any connection of the pool
 * ({@link Database}), or on one that is kept from call to call ({@link KeptConnection}).
 */
public abstract sealed class SqlRunner permits Database, KeptConnection {

  private static final int TRIES = 5;

  /** Work on a connection. */
  @FunctionalInterface
  public interface Work<T extends @Nullable Object> {
    /** Does it. */
    T on(Connection connection) throws SQLException;
  }

  /**
   * Runs one statement, again if the database asks for that (serialization failure, deadlock).
   *
   * @param doing what is being done, for messages: {@code claim work}
   * @throws DatabaseUnavailableException if there is no connection, or it broke
   * @throws DurableException if the database refuses the statement
   */
  public final <T extends @Nullable Object> T call(String doing, Work<T> work) {
    for (int attempt = 1; ; attempt++) {
      try {
        return once(work);
      } catch (SQLException failure) {
        if (!mayTryAgain() || !SqlErrors.isTransient(failure) || attempt == TRIES) {
          throw SqlErrors.translate(doing, failure);
        }
      }
    }
  }

  abstract <T extends @Nullable Object> T once(Work<T> work) throws SQLException;

  /** Whether a failure undoes nothing but the statement itself. */
  abstract boolean mayTryAgain();
}
