package dev.durable;

import org.jspecify.annotations.Nullable;

/**
 * The database could not be reached, or its answer was lost, for as long as the engine was willing
 * to try.
 */
public class DatabaseUnavailableException extends DurableException {

  private static final long serialVersionUID = 1L;

  /**
   * @param message what was being done, and whether it may have taken effect
   * @param cause the driver's exception, or null
   */
  public DatabaseUnavailableException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
