package dev.durable.internal.store;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import org.jspecify.annotations.Nullable;
import org.postgresql.PGConnection;

/**
 * A connection that is kept while there is much to do, with settings for that. Behind a pooler that
 * gives out sessions for one transaction each, settings would stay with a session that is somebody
 * else's a moment later: there it does without.
 */
public final class BusyConnection implements AutoCloseable {

  private final Connection connection;
  private final boolean limited;
  private final @Nullable String usersLockTimeout;

  private BusyConnection(
      Connection connection, boolean limited, @Nullable String usersLockTimeout) {
    this.connection = connection;
    this.limited = limited;
    this.usersLockTimeout = usersLockTimeout;
  }

  /**
   * Takes a connection from the user's pool.
   *
   * @param lockMillis how long a statement waits for a row that somebody else has locked
   */
  public static BusyConnection open(Database database, int lockMillis) throws SQLException {
    Connection connection = database.open();
    boolean limited = false;
    try {
      limited = database.limit(connection);
      return new BusyConnection(connection, limited, set(connection, lockMillis));
    } catch (SQLException failure) {
      Database.giveBack(connection, limited);
      throw failure;
    }
  }

  /**
   * Takes a connection from the user's pool and leaves its settings alone.
   *
   * @param patienceMillis how long one answer may take
   */
  static BusyConnection plain(Database database, int patienceMillis) throws SQLException {
    Connection connection = database.open();
    try {
      connection.setNetworkTimeout(Runnable::run, patienceMillis);
      return new BusyConnection(connection, true, null);
    } catch (SQLException failure) {
      Database.giveBack(connection, true);
      throw failure;
    }
  }

  /**
   * A plan made while the tables were small must not scan them when they have grown. And one plan
   * must do: PostgreSQL would plan short arrays anew each time, which costs more than it saves.
   *
   * @return the lock timeout as it was; null if nothing has been set
   */
  private static @Nullable String set(Connection connection, int lockMillis) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      String lockTimeout;
      try (ResultSet row =
          statement.executeQuery("select current_setting('lock_timeout'), pg_backend_pid()")) {
        row.next();
        lockTimeout = row.getString(1);
        if (isPooled(connection, row.getInt(2))) {
          return null;
        }
      }
      statement.execute(
          "set enable_seqscan = off; set plan_cache_mode = force_generic_plan;"
              + " set lock_timeout = "
              + lockMillis);
      return lockTimeout;
    }
  }

  /** Whether the session is not the one that the driver was told of when it connected. */
  private static boolean isPooled(Connection connection, int backend) throws SQLException {
    return connection.isWrapperFor(PGConnection.class)
        && connection.unwrap(PGConnection.class).getBackendPID() != backend;
  }

  /** How long a statement waits from now on for what somebody else has locked. */
  public void waitForLocks(int millis) throws SQLException {
    if (usersLockTimeout != null) {
      try (Statement statement = connection.createStatement()) {
        statement.execute("set lock_timeout = " + millis);
      }
    }
  }

  /** For the statements. In auto-commit mode. */
  public Connection jdbc() {
    return connection;
  }

  /** Gives the connection back as it was. */
  @Override
  public void close() {
    if (usersLockTimeout != null) {
      try (Statement statement = connection.createStatement()) {
        statement.execute(
            "reset enable_seqscan; reset plan_cache_mode; set lock_timeout = '"
                + usersLockTimeout
                + "'");
      } catch (SQLException broken) {
        // Then there is nothing left to reset.
      }
    }
    Database.giveBack(connection, limited);
  }
}
