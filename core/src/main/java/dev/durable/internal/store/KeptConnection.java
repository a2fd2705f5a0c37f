package dev.durable.internal.store;

import dev.durable.DurableException;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * A connection that its only user keeps, so that neither a full pool nor a server that has stopped
 * answering can keep it waiting for long. For one thread.
 */
public final class KeptConnection implements AutoCloseable {

  private final Database database;
  private final int patienceMillis;
  private @Nullable Connection connection;

  /**
   * @param patience how long one answer may take before the connection is given up
   */
  public KeptConnection(Database database, Duration patience) {
    this.database = database;
    this.patienceMillis = (int) Math.min(Integer.MAX_VALUE, patience.toMillis());
  }

  /**
   * Runs one statement, as {@link Database#call} does, on the kept connection. After a failure the
   * next call opens a new one.
   *
   * @throws DurableException if it fails
   */
  <T extends @Nullable Object> T call(String doing, Database.Work<T> work) {
    try {
      return work.on(connection());
    } catch (SQLException failure) {
      close();
      throw SqlErrors.translate(doing, failure);
    }
  }

  private Connection connection() throws SQLException {
    Connection kept = connection;
    if (kept == null) {
      kept = database.open();
      connection = kept;
      kept.setNetworkTimeout(Runnable::run, patienceMillis);
    }
    return kept;
  }

  /** Gives the connection back. */
  @Override
  public void close() {
    Connection kept = connection;
    connection = null;
    if (kept != null) {
      Database.giveBack(kept, true);
    }
  }
}
