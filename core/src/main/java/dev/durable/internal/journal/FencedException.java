package dev.durable.internal.journal;

import dev.durable.DurableException;

/** The run no longer owns its execution: it stops at once, and its results are discarded. */
public final class FencedException extends DurableException {

  private static final long serialVersionUID = 1L;

  /**
   * @param message the reason
   */
  public FencedException(String message) {
    super(message, null);
  }
}
