package dev.durable.internal.journal;

/** That a transaction's body has failed was found out after it had returned: see the cause. */
public final class BodyFailedException extends Exception {

  private static final long serialVersionUID = 1L;

  BodyFailedException(Throwable cause) {
    super(cause);
  }
}
