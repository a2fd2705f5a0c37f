package dev.durable.internal.store;

import java.sql.SQLException;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** A connection that its only user keeps from one call to the next. For one thread. */
public final class KeptConnection extends SqlRunner implements AutoCloseable {

  private static final int LOCK_MILLIS = 1_000;

  private final Opening opening;
  private @Nullable BusyConnection connection;
  private long openedAt;

  private interface Opening {
    BusyConnection open() throws SQLException;
  }

  private KeptConnection(Opening opening) {
    this.opening = opening;
  }

  /**
   * For a statement now and then, which neither a full pool nor a server that has stopped answering
   * may keep waiting for long.
   *
   * @param patience how long one answer may take before the connection is given up
   */
  public static KeptConnection patientFor(Database database, Duration patience) {
    int millis = (int) Math.min(Integer.MAX_VALUE, patience.toMillis());
    return new KeptConnection(() -> BusyConnection.plain(database, millis));
  }

  /** For the same statements again and again: each is planned once. */
  public static KeptConnection busy(Database database) {
    return new KeptConnection(() -> BusyConnection.open(database, LOCK_MILLIS));
  }

  /** After a failure the next call opens a new connection. */
  @Override
  <T extends @Nullable Object> T once(Work<T> work) throws SQLException {
    try {
      return work.on(connection().jdbc());
    } catch (SQLException failure) {
      if (!SqlErrors.isTransient(failure)) {
        close();
      }
      throw failure;
    }
  }

  @Override
  boolean mayTryAgain() {
    return true;
  }

  private BusyConnection connection() throws SQLException {
    BusyConnection kept = connection;
    if (kept == null) {
      kept = opening.open();
      connection = kept;
      openedAt = System.nanoTime();
    }
    return kept;
  }

  /** Gives the connection back if it has been kept for that long: others may be waiting for one. */
  public void closeAfter(Duration time) {
    if (connection != null && System.nanoTime() - openedAt > time.toNanos()) {
      close();
    }
  }

  /** Gives the connection back. */
  @Override
  public void close() {
    BusyConnection kept = connection;
    connection = null;
    if (kept != null) {
      kept.close();
    }
  }
}
