package dev.durable.internal.engine;

import dev.durable.retry.NonRetryableException;

/** Thrown when a decision names a target that it was not declared with. */
final class DecisionException extends NonRetryableException {

  private static final long serialVersionUID = 1L;

  DecisionException(String message) {
    super(message);
  }
}
