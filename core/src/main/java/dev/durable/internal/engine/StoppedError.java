package dev.durable.internal.engine;

/**
 * Unwinds the thread of an execution that is no longer wanted here. An Error, so that a body's
 * {@code catch (Exception)} does not swallow it; a body that catches everything changes nothing,
 * since its result is thrown away.
 */
final class StoppedError extends Error {

  private static final long serialVersionUID = 1L;

  StoppedError() {
    super("This execution was stopped here", null, false, false);
  }
}
