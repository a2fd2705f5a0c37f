package dev.durable.internal.store.jdbc;

import dev.durable.DatabaseUnavailableException;
import dev.durable.DurableException;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/** The user's DataSource, used for one transaction at a time. */
public final class Database extends SqlRunner {

  /** Longer than PostgreSQL's deadlock_timeout by default: a deadlock is seen as one. */
  private static final Duration LOCK = Duration.ofMillis(2_500);

  private static final Duration STATEMENT = Duration.ofMinutes(1);

  private final DataSource dataSource;
  private final int patienceMillis;
  private final @Nullable Connection callers;
  private final DatabaseObservers observers;
  private final HintSender hints;
  private final boolean byKey;
  private final TransactionFrame frame;

  /**
   * @param dataSource the user's; an answer may take any time
   */
  public Database(DataSource dataSource) {
    this(dataSource, new PoolWatch());
  }

  public Database(DataSource dataSource, PoolWatch watch) {
    this(dataSource, 0, null, new DatabaseObservers(watch), HintSender.SILENT, false);
  }

  private Database(
      DataSource dataSource,
      int patienceMillis,
      @Nullable Connection callers,
      DatabaseObservers observers,
      HintSender hints,
      boolean byKey) {
    this.dataSource = dataSource;
    this.patienceMillis = patienceMillis;
    this.callers = callers;
    this.observers = observers;
    this.hints = hints;
    this.byKey = byKey;
    this.frame = byKey ? frame(LOCK).repeated() : frame(LOCK);
  }

  /**
   * The same database for work that must not hang: a connection whose other end is gone may never
   * answer. After that time without an answer it counts as broken.
   */
  public Database within(Duration patience) {
    int millis = (int) Math.min(Integer.MAX_VALUE, patience.toMillis());
    return new Database(dataSource, millis, callers, observers, hints, byKey);
  }

  /** The same database with a sender for the hints of its commits. */
  public Database telling(HintSender sender) {
    return new Database(dataSource, patienceMillis, callers, observers, sender, byKey);
  }

  /**
   * The same database in the caller's transaction: nothing here commits or is tried again. Hints
   * need a sender in the same transaction.
   */
  public Database using(Connection connection) {
    return new Database(dataSource, 0, connection, observers, HintSender.SILENT, byKey);
  }

  /**
   * The same database for statements that find their rows by keys and are sent again and again.
   * Otherwise a caller that sends a thousand events could read the whole table for each of them,
   * with the plan that was made when it was small.
   */
  public Database byKey() {
    return new Database(dataSource, patienceMillis, callers, observers, hints, true);
  }

  /**
   * A transaction on this database whose statements wait that long for locks. The server cancels a
   * statement after half of the time that the connection waits for an answer: no statement goes on
   * after the engine has stopped listening.
   */
  public TransactionFrame frame(Duration lock) {
    Duration limit = patienceMillis == 0 ? STATEMENT : Duration.ofMillis(patienceMillis / 2);
    return TransactionFrame.of(limit, lock, observers);
  }

  @Override
  @Nullable TransactionFrame frame() {
    return callers == null ? frame : null;
  }

  @Override
  <T extends @Nullable Object> T once(Work<T> work) throws SQLException {
    return callers == null ? onConnection(work) : work.on(callers);
  }

  @Override
  HintSender hints() {
    return hints;
  }

  @Override
  Pooler pooler() {
    return observers.pooler();
  }

  /** The time of this database. */
  public DatabaseClock clock() {
    return observers.clock();
  }

  DatabaseObservers observers() {
    return observers;
  }

  @Override
  boolean mayTryAgain() {
    return callers == null;
  }

  /**
   * Runs several statements as one transaction.
   *
   * @throws DatabaseUnavailableException if there is no connection, or it broke
   * @throws DurableException if the database refuses a statement; nothing has been done then
   */
  public <T extends @Nullable Object> T inTransaction(String doing, Work<T> work) {
    return call(
        doing,
        connection -> {
          connection.setAutoCommit(false);
          try (Statement first = connection.createStatement()) {
            first.execute(frame.first());
            T result = own(doing, work, connection);
            connection.commit();
            return result;
          } catch (Throwable failure) {
            connection.rollback();
            throw failure;
          }
        });
  }

  /** A failure of the work's own code says nothing about the connection. */
  private static <T extends @Nullable Object> T own(
      String doing, Work<T> work, Connection connection) throws SQLException {
    try {
      return work.on(connection);
    } catch (RuntimeException failure) {
      throw SqlFailure.ofOwnCode("Could not " + doing, failure);
    }
  }

  private <T extends @Nullable Object> T onConnection(Work<T> work) throws SQLException {
    try (BorrowedConnection borrowed = borrow()) {
      try {
        return work.on(borrowed.jdbc());
      } catch (Throwable failure) {
        observers.suspect(failure);
        borrowed.failed(failure);
        throw failure;
      }
    }
  }

  /** A connection in auto-commit mode; closing it gives it back as it was. */
  public BorrowedConnection borrow() throws SQLException {
    return borrow(true);
  }

  /**
   * A connection of the pool; closing it gives it back as it was.
   *
   * @param autoCommit the mode in which it is needed
   */
  public BorrowedConnection borrow(boolean autoCommit) throws SQLException {
    return BorrowedConnection.of(pooled(), autoCommit, patienceMillis, pooler());
  }

  /**
   * A connection that the application's framework lends, with a transaction that has begun.
   *
   * @param connection not in auto-commit mode
   */
  public BorrowedConnection lent(Connection connection) throws SQLException {
    return BorrowedConnection.of(connection, false, 0, pooler());
  }

  /** The same, with a limit of its own for the time that one answer may take. */
  BorrowedConnection borrow(int millis) throws SQLException {
    return BorrowedConnection.of(pooled(), true, millis, pooler());
  }

  private Connection pooled() throws SQLException {
    return observers.pool().take(dataSource);
  }
}
