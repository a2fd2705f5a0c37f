package dev.durable.internal.store.jdbc;

import dev.durable.UnsuitableDatabaseException;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import org.postgresql.PGConnection;
import org.postgresql.jdbc.PreferQueryMode;

/** Checks that the driver's settings leave statements and answers together. */
final class DriverCheck {

  private DriverCheck() {}

  /**
   * In simple mode, the driver splits statements that are sent as one transaction; if it always
   * asks for binary answers, it reads them as those of another statement.
   */
  static void requireSuitable(Connection connection) throws SQLException {
    if (!connection.isWrapperFor(PGConnection.class)) {
      return;
    }
    PGConnection driver = connection.unwrap(PGConnection.class);
    if (driver.getPrepareThreshold() < 0) {
      throw new UnsuitableDatabaseException(
          List.of(
              "The driver's setting prepareThreshold="
                  + driver.getPrepareThreshold()
                  + " makes it misread the answers to statements that are sent together. Leave it"
                  + " out of the JDBC URL, or set it to 0 or more."));
    }
    if (driver.getPreferQueryMode() == PreferQueryMode.SIMPLE) {
      throw new UnsuitableDatabaseException(
          List.of(
              "The driver's setting preferQueryMode=simple takes transactions apart. Leave it out"
                  + " of the JDBC URL; behind a pooler, prepareThreshold=0 is enough."));
    }
  }
}
