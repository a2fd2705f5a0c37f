package dev.durable.internal.store;

import dev.durable.DatabaseUnavailableException;
import dev.durable.DurableException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Duration;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/** The user's DataSource, used for one statement at a time: each is a transaction of its own. */
public final class Database extends SqlRunner {

  private final DataSource dataSource;
  private final int patienceMillis;
  private final @Nullable Connection callers;
  private final PoolWatch watch;

  /**
   * @param dataSource the user's; its answers are waited for as long as it takes
   */
  public Database(DataSource dataSource) {
    this(dataSource, new PoolWatch());
  }

  Database(DataSource dataSource, PoolWatch watch) {
    this(dataSource, 0, null, watch);
  }

  private Database(
      DataSource dataSource, int patienceMillis, @Nullable Connection callers, PoolWatch watch) {
    this.dataSource = dataSource;
    this.patienceMillis = patienceMillis;
    this.callers = callers;
    this.watch = watch;
  }

  /**
   * The same database for work that must not hang: a connection whose other end has gone without a
   * word never answers. After that time without an answer it counts as broken.
   */
  public Database within(Duration patience) {
    int millis = (int) Math.min(Integer.MAX_VALUE, patience.toMillis());
    return new Database(dataSource, millis, null, watch);
  }

  /** The same database in the caller's transaction: nothing here commits, or is tried again. */
  public Database using(Connection connection) {
    return new Database(dataSource, 0, connection, watch);
  }

  @Override
  <T extends @Nullable Object> T once(Work<T> work) throws SQLException {
    return callers == null ? onConnection(work) : work.on(callers);
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
          try {
            T result = work.on(connection);
            connection.commit();
            return result;
          } catch (SQLException | RuntimeException failure) {
            connection.rollback();
            throw failure;
          } finally {
            connection.setAutoCommit(true);
          }
        });
  }

  private <T extends @Nullable Object> T onConnection(Work<T> work) throws SQLException {
    Connection connection = open();
    boolean limited = false;
    try {
      limited = limit(connection);
      return work.on(connection);
    } finally {
      giveBack(connection, limited);
    }
  }

  /**
   * Gives a connection back to its pool, as it was. What has been done on it stays done, whatever
   * becomes of it: pools fail in their own ways over a connection that broke (HikariCP 7 with a
   * NullPointerException if its network timeout had been set).
   */
  public static void giveBack(Connection connection, boolean limited) {
    try (connection) {
      if (limited && !connection.isClosed()) {
        unlimit(connection);
      }
    } catch (SQLException | RuntimeException broken) {
      // It is of no use to anybody any more; the pool finds that out by itself.
    }
  }

  /** A connection in auto-commit mode; closing it gives it back as it was. */
  Connection open() throws SQLException {
    Connection connection = connect();
    if (!connection.getAutoCommit()) {
      connection.setAutoCommit(true);
    }
    return connection;
  }

  /** A connection as the pool gives it; that it comes late, or not at all, is told. */
  public Connection connect() throws SQLException {
    long asked = watch.begin();
    try {
      return dataSource.getConnection();
    } finally {
      watch.end(asked);
    }
  }

  /** Whether {@link #limit} would do something: not if the user has set a limit. */
  public boolean limits(Connection connection) throws SQLException {
    return patienceMillis > 0 && connection.getNetworkTimeout() == 0;
  }

  /**
   * Limits how long one answer on this connection may take.
   *
   * @return whether the limit is to be taken back in the end
   */
  public boolean limit(Connection connection) throws SQLException {
    boolean limits = limits(connection);
    if (limits) {
      connection.setNetworkTimeout(Runnable::run, patienceMillis);
    }
    return limits;
  }

  /** Takes the limit back before the connection returns to its pool. */
  private static void unlimit(Connection connection) throws SQLException {
    connection.setNetworkTimeout(Runnable::run, 0);
  }

  /**
   * A statement that the server gives up after half of the time that the connection waits: what is
   * only kept waiting by a lock leaves no backend behind that nobody listens to.
   */
  static PreparedStatement prepare(Connection connection, String sql) throws SQLException {
    PreparedStatement statement = connection.prepareStatement(sql);
    int millis = connection.getNetworkTimeout();
    if (millis > 0) {
      statement.setQueryTimeout(Math.max(1, millis / 2_000));
    }
    return statement;
  }
}
