package dev.durable.internal.store;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.postgresql.PGConnection;
import org.postgresql.PGStatement;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Whether a pooler stands between the driver and the server, and gives each transaction another
 * session. What the driver prepared under a name in one of them is not there in the next, or is
 * another's statement. From the first sign on, statements of this database have no name; nothing
 * else is lost. Thread-safe.
 */
final class Pooler {

  private static final Logger LOG = LoggerFactory.getLogger(Pooler.class);

  private final AtomicBoolean noticed = new AtomicBoolean();

  /** Whether statements must not be prepared under a name. */
  boolean isThere() {
    return noticed.get();
  }

  /**
   * Compares the session that did the work with the one to which the driver believes it is
   * connected; a pooler makes a number of its own up.
   */
  void compare(Connection connection, int backend) throws SQLException {
    if (noticed.get() || !connection.isWrapperFor(PGConnection.class)) {
      return;
    }
    PGConnection driver = connection.unwrap(PGConnection.class);
    if (driver.getBackendPID() == backend) {
      return;
    }
    if (driver.getPrepareThreshold() == 0) {
      // The user has done what the warning would ask for.
      noticed.set(true);
    } else {
      notice("the server's session is not the one that the driver has connected to");
    }
  }

  /** Looks at a failure. */
  void suspect(Throwable failure) {
    if (SqlFailure.isUnprepared(failure)) {
      notice(String.valueOf(failure.getMessage()));
    }
  }

  private void notice(String sign) {
    if (noticed.compareAndSet(false, true)) {
      LOG.warn(
          "A connection pooler seems to be between this process and PostgreSQL ({}). Statements are"
              + " no longer prepared on the server. Set prepareThreshold=0 in the JDBC URL, so that"
              + " other users of the pool are safe as well.",
          sign);
    }
  }

  /**
   * Keeps the statements of a connection from getting names, if a pooler is there.
   *
   * @return what the connection has to get back; 0 for nothing
   */
  int unname(Connection connection) throws SQLException {
    if (!noticed.get() || !connection.isWrapperFor(PGConnection.class)) {
      return 0;
    }
    PGConnection driver = connection.unwrap(PGConnection.class);
    int threshold = driver.getPrepareThreshold();
    driver.setPrepareThreshold(0);
    return threshold;
  }

  /** Keeps a statement from getting a name, if a pooler is there. */
  void prepare(PreparedStatement statement) throws SQLException {
    if (noticed.get() && statement.isWrapperFor(PGStatement.class)) {
      statement.unwrap(PGStatement.class).setPrepareThreshold(0);
    }
  }
}
