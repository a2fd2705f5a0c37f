package dev.durable.migration;

import dev.durable.DurableException;
import org.jspecify.annotations.Nullable;

/** A migration could not be carried out; the database is as it was before. */
public class MigrationException extends DurableException {

  private static final long serialVersionUID = 1L;

  /**
   * @param message what was being done
   * @param cause the database's exception, or null
   */
  public MigrationException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
