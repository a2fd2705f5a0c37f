package dev.durable.internal.transaction;

/**
 * A transaction step was rolled back, and not by its body: none of its changes last, and the body
 * may run again without counting an attempt.
 */
public final class RolledBackException extends Exception {

  private static final long serialVersionUID = 1L;

  /** The cause of a rollback. */
  public enum Reason {
    /** There was no connection: the body has not begun. */
    UNREACHED,
    /** Another transaction was in the way. */
    COLLIDED,
    /** The database, or the way to it, failed. */
    LOST,
    /**
     * The connection was lost while the server stayed at work. The body itself may be the cause.
     */
    LOST_ALONE
  }

  private final Reason reason;

  RolledBackException(Reason reason, Throwable cause) {
    super("The transaction was rolled back: " + cause, cause);
    this.reason = reason;
  }

  /** The cause of a rollback. */
  public Reason reason() {
    return reason;
  }
}
