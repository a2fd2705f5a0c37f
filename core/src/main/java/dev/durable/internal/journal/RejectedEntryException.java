package dev.durable.internal.journal;

import dev.durable.DurableException;

/** The database cannot store this entry, alone: the value is to blame, and would be again. */
public final class RejectedEntryException extends DurableException {

  private static final long serialVersionUID = 1L;

  /**
   * @param reason the database's words
   * @param cause its exception
   */
  public RejectedEntryException(String reason, Throwable cause) {
    super("PostgreSQL cannot store the value: " + reason, cause);
  }
}
