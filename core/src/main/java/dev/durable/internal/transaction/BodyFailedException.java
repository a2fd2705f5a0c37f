package dev.durable.internal.transaction;

/**
 * A transaction's body has failed, which became known only after it had returned: see the cause.
 */
public final class BodyFailedException extends Exception {

  private static final long serialVersionUID = 1L;

  BodyFailedException(Throwable cause) {
    super(cause);
  }
}
