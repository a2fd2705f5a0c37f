package dev.durable.internal.store;

import dev.durable.DatabaseUnavailableException;
import dev.durable.DurableException;
import java.sql.Connection;
import java.sql.SQLException;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/** The user's DataSource, used for one statement at a time: each is a transaction of its own. */
public final class Database {

  private static final int TRIES = 5;

  private final DataSource dataSource;

  /**
   * @param dataSource the user's
   */
  public Database(DataSource dataSource) {
    this.dataSource = dataSource;
  }

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
  public <T extends @Nullable Object> T call(String doing, Work<T> work) {
    for (int attempt = 1; ; attempt++) {
      try (Connection connection = open()) {
        return work.on(connection);
      } catch (SQLException failure) {
        if (!SqlErrors.isTransient(failure) || attempt == TRIES) {
          throw SqlErrors.translate(doing, failure);
        }
      }
    }
  }

  /** A connection in auto-commit mode; closing it gives it back as it was. */
  Connection open() throws SQLException {
    Connection connection = dataSource.getConnection();
    if (!connection.getAutoCommit()) {
      connection.setAutoCommit(true);
    }
    return connection;
  }
}
