package dev.durable.cli.migrate;

import java.net.UnknownHostException;
import java.sql.SQLException;
import org.postgresql.util.PSQLState;

/** There is no connection to be had. */
public final class DatabaseUnavailableException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  DatabaseUnavailableException(String database, SQLException reason) {
    super("Could not connect to " + database + ": " + text(reason), reason);
  }

  /** Whether the server is there, and does not let this user in. */
  public boolean isAboutCredentials() {
    String state = getCause() instanceof SQLException reason ? reason.getSQLState() : null;
    return state != null
        && (state.startsWith("28") || state.equals(PSQLState.CONNECTION_REJECTED.getState()));
  }

  /** pgjdbc tells of an unknown host in the cause only. */
  private static String text(SQLException reason) {
    return reason.getCause() instanceof UnknownHostException unknown
        ? "there is no host " + unknown.getMessage() + "."
        : String.valueOf(reason.getMessage());
  }
}
