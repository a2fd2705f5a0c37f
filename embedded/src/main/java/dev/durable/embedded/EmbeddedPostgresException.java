package dev.durable.embedded;

import org.jspecify.annotations.Nullable;

/**
 * The embedded PostgreSQL could not be started, stopped or used. The message says what happened and
 * what to do about it; {@link #reason()} says the same to a program.
 */
public final class EmbeddedPostgresException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** What went wrong. */
  public enum Reason {
    /** The disk that holds the data folder is full, or nearly so. */
    NO_SPACE,
    /** The data folder cannot be created, read or written by this process. */
    NOT_WRITABLE,
    /** The data folder belongs to another user of the operating system. */
    WRONG_OWNER,
    /** The folder holds something else than the data of an embedded PostgreSQL. */
    FOREIGN_FOLDER,
    /** The data was written by another major version of PostgreSQL. */
    OTHER_MAJOR_VERSION,
    /** The data, or the password file beside it, is damaged or incomplete. */
    CORRUPT_FOLDER,
    /** The port asked for is in use. */
    PORT_TAKEN,
    /** There are no PostgreSQL programs for this platform on the class path. */
    UNSUPPORTED_PLATFORM,
    /** The server refuses the password stored in the data folder. */
    PASSWORD_REFUSED,
    /** PostgreSQL could not be run, started or stopped for another reason, told in the message. */
    SERVER_FAILED
  }

  private final Reason reason;

  EmbeddedPostgresException(Reason reason, String message) {
    this(reason, message, null);
  }

  EmbeddedPostgresException(Reason reason, String message, @Nullable Throwable cause) {
    super(message, cause);
    this.reason = reason;
  }

  /**
   * Returns what went wrong.
   *
   * @return the reason, never null
   */
  public Reason reason() {
    return reason;
  }
}
