package dev.durable.internal.journal;

import dev.durable.DurableException;

/**
 * The writer is not (any more) the owner of its execution: it stops at once, and what it had is
 * thrown away.
 */
public final class FencedException extends DurableException {

  private static final long serialVersionUID = 1L;

  /**
   * @param message why
   */
  public FencedException(String message) {
    super(message, null);
  }
}
