package dev.durable.internal.engine;

/**
 * Unwinds a body at a stored value that cannot be read: its execution is to be parked. A body that
 * catches it changes nothing, because the attempt remembers.
 */
final class UnreadableError extends Error {

  private static final long serialVersionUID = 1L;

  UnreadableError(String what) {
    super(what + "; the execution is to be parked: let this through", null, false, false);
  }
}
