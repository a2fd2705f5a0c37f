package dev.durable;

import org.jspecify.annotations.Nullable;

/**
 * The base of every exception that Durable throws. Unchecked; each subclass stands beside the
 * feature it belongs to.
 */
public class DurableException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  /**
   * @param message what happened, to which id, and what to do
   */
  public DurableException(String message) {
    super(message);
  }

  /**
   * @param message what happened, to which id, and what to do
   * @param cause what it came from, or null
   */
  public DurableException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
