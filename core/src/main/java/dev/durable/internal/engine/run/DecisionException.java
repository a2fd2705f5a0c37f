package dev.durable.internal.engine.run;

import dev.durable.retry.NonRetryableException;

/** Thrown when a decision names a target that it was not declared with. */
public final class DecisionException extends NonRetryableException {

  private static final long serialVersionUID = 1L;

  public DecisionException(String message) {
    super(message);
  }
}
