package dev.durable.internal.store.jdbc;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.postgresql.PGConnection;
import org.postgresql.PGStatement;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Notices a pooler between the driver and the server that gives each transaction another session. A
 * statement that the driver prepared under a name in one session is missing in the next, or is a
 * different one. From the first sign on, statements of this database have no name; nothing else
 * changes. Thread-safe.
 */
public final class Pooler {

  private static final Logger LOG = LoggerFactory.getLogger(Pooler.class);

  private final AtomicBoolean noticed = new AtomicBoolean();

  /** Whether statements must not be prepared under a name. */
  boolean isThere() {
    return noticed.get();
  }

  /**
   * Compares the session that did the work with the one to which the driver believes it is
   * connected; a pooler invents a number.
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
      // The user has already done what the warning asks for.
      noticed.set(true);
    } else {
      notice("the server's session is not the one that the driver has connected to");
    }
  }

  /** Notes a failure that is a sign of a pooler. */
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
   * @return the threshold to restore; 0 for none
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

  /**
   * Keeps a statement from getting a name, if a pooler is there.
   *
   * @param seen whether this transaction has shown that there is none: then the server keeps the
   *     statement from its first use on, for planning may take longer than all else
   */
  void prepare(PreparedStatement statement, boolean seen) throws SQLException {
    boolean there = noticed.get();
    if (!(there || seen) || !statement.isWrapperFor(PGStatement.class)) {
      return;
    }
    Object unwrapped = statement.unwrap(PGStatement.class);
    if (!(unwrapped instanceof PGStatement driver)) {
      return; // A stand-in that says more than it keeps.
    }
    if (there) {
      driver.setPrepareThreshold(0);
    } else if (driver.getPrepareThreshold() > 1) {
      driver.setPrepareThreshold(1);
    }
  }
}
