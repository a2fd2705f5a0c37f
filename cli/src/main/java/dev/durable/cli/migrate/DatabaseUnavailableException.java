package dev.durable.cli.migrate;

import java.sql.SQLException;

/** There is no connection to be had. */
public final class DatabaseUnavailableException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  DatabaseUnavailableException(String database, SQLException reason) {
    super("Could not connect to " + database + ": " + reason.getMessage(), reason);
  }
}
