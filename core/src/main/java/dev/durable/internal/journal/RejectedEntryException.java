package dev.durable.internal.journal;

import dev.durable.DurableException;

/** The database cannot store this entry even alone, because of a value in it. */
public final class RejectedEntryException extends DurableException {

  private static final long serialVersionUID = 1L;

  /**
   * @param reason the message of the database
   * @param cause its exception
   */
  public RejectedEntryException(String reason, Throwable cause) {
    super("PostgreSQL cannot store the value: " + reason, cause);
  }
}
