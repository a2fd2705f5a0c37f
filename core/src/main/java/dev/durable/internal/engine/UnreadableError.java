package dev.durable.internal.engine;

/**
 * Thrown through a body that has come to a stored value which cannot be read: its execution is to
 * be parked. A body that catches it changes nothing, because the attempt remembers.
 */
final class UnreadableError extends Error {

  private static final long serialVersionUID = 1L;

  UnreadableError(String what) {
    super(what + "; the execution is to be parked: let this through", null, false, false);
  }
}
