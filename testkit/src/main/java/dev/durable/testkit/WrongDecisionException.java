package dev.durable.testkit;

import dev.durable.retry.NonRetryableException;

/** A decision went where it may not go. */
final class WrongDecisionException extends NonRetryableException {

  private static final long serialVersionUID = 1L;

  WrongDecisionException(String message) {
    super(message);
  }
}
