package dev.durable.internal.store.jdbc;

import java.sql.SQLException;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** A connection that its only user keeps from one call to the next. For one thread. */
public final class KeptConnection extends SqlRunner implements AutoCloseable {

  /**
   * Differs from PostgreSQL's deadlock_timeout, to distinguish a deadlock from a lock held for
   * long.
   */
  private static final Duration LOCK = Duration.ofMillis(2_500);

  private final Database database;
  private final Opening opening;
  private final TransactionFrame frame;
  private @Nullable BorrowedConnection connection;
  private long openedAt;
  private long usedAt;

  private interface Opening {
    BorrowedConnection open() throws SQLException;
  }

  private KeptConnection(Database database, Opening opening, TransactionFrame frame) {
    this.database = database;
    this.opening = opening;
    this.frame = frame;
  }

  /**
   * For a statement now and then, which neither a full pool nor a server that has stopped answering
   * may keep waiting for long.
   *
   * @param patience how long one answer may take before the connection is given up
   */
  public static KeptConnection patientFor(Database database, Duration patience) {
    int millis = (int) Math.min(Integer.MAX_VALUE, patience.toMillis());
    TransactionFrame frame =
        TransactionFrame.of(Duration.ofMillis(millis / 2), LOCK, database.observers());
    return new KeptConnection(database, () -> database.borrow(millis), frame);
  }

  /** For statements whose effect may be lost, and which may not wait for the disk. */
  static KeptConnection forgetful(Database database, Duration patience) {
    int millis = (int) Math.min(Integer.MAX_VALUE, patience.toMillis());
    TransactionFrame frame =
        TransactionFrame.of(Duration.ofMillis(millis / 2), LOCK, database.observers()).forgetful();
    return new KeptConnection(database, () -> database.borrow(millis), frame);
  }

  /**
   * For the same statements again and again: each is planned once.
   *
   * @param lock how long a statement waits for a lock
   */
  public static KeptConnection busy(Database database, Duration lock) {
    return new KeptConnection(database, database::borrow, database.frame(lock).repeated());
  }

  /** After a failure of the connection the next call opens a new one. */
  @Override
  <T extends @Nullable Object> T once(Work<T> work) throws SQLException {
    BorrowedConnection kept = connection();
    usedAt = System.nanoTime();
    try {
      return work.on(kept.jdbc());
    } catch (Throwable failure) {
      database.observers().suspect(failure);
      kept.failed(failure);
      if (!SqlFailure.leavesConnection(failure)) {
        close();
      }
      throw failure;
    }
  }

  /**
   * Runs one transaction once.
   *
   * @throws SQLException if it fails; the driver or the pool may also throw others
   */
  public <T extends @Nullable Object> T attempt(Work<T> work) throws SQLException {
    return once(work);
  }

  /** Makes sure that there is a connection, so that a failure from here on is one of the work. */
  public void open() throws SQLException {
    connection();
  }

  @Override
  public TransactionFrame frame() {
    return frame;
  }

  @Override
  HintSender hints() {
    return database.hints();
  }

  @Override
  Pooler pooler() {
    return database.pooler();
  }

  @Override
  boolean mayTryAgain() {
    return true;
  }

  private BorrowedConnection connection() throws SQLException {
    BorrowedConnection kept = connection;
    if (kept == null) {
      kept = opening.open();
      connection = kept;
      openedAt = System.nanoTime();
    }
    return kept;
  }

  /**
   * Gives the connection back if it has been kept for that long: other threads may be waiting for
   * one.
   */
  public void closeAfter(Duration time) {
    if (connection != null && System.nanoTime() - openedAt > time.toNanos()) {
      close();
    }
  }

  /** Gives the connection back if it has not been used for that long. */
  public void closeAfterIdle(Duration time) {
    if (connection != null && System.nanoTime() - usedAt > time.toNanos()) {
      close();
    }
  }

  /** Gives the connection back. */
  @Override
  public void close() {
    BorrowedConnection kept = connection;
    connection = null;
    if (kept != null) {
      kept.close();
    }
  }
}
