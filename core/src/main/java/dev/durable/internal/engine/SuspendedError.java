package dev.durable.internal.engine;

/**
 * Thrown through a body that has come to a wait which is not over: it will be entered again. A body
 * that catches it changes nothing, because the attempt remembers.
 */
final class SuspendedError extends Error {

  private static final long serialVersionUID = 1L;

  SuspendedError() {
    super("the body waits; let this through", null, false, false);
  }
}
