package dev.durable.cli.database;

import java.net.UnknownHostException;
import java.sql.SQLException;
import org.postgresql.util.PSQLState;

/** A connection to the database could not be opened. */
public final class NoConnectionException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  /**
   * @param database the URL without its parameters
   * @param reason the failure that pgjdbc reported
   */
  public NoConnectionException(String database, SQLException reason) {
    super("Could not connect to " + database + ": " + text(reason), reason);
  }

  /** Whether the server answered but rejected this user. */
  public boolean isAboutCredentials() {
    String state = getCause() instanceof SQLException reason ? reason.getSQLState() : null;
    return state != null
        && (state.startsWith("28") || state.equals(PSQLState.CONNECTION_REJECTED.getState()));
  }

  /** pgjdbc reports an unknown host in the cause only. */
  private static String text(SQLException reason) {
    return reason.getCause() instanceof UnknownHostException unknown
        ? "there is no host " + unknown.getMessage() + "."
        : String.valueOf(reason.getMessage());
  }
}
