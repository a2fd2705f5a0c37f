package dev.durable.internal.engine.run;

/**
 * Unwinds a thread whose work is no longer needed on this worker, and says why. An Error, so that a
 * body's {@code catch (Exception)} does not swallow it; a body that catches everything changes
 * nothing, since its result is discarded.
 */
public final class StoppedError extends Error {

  private static final long serialVersionUID = 1L;

  StoppedError(String reason) {
    super("This execution was stopped here: " + reason, null, false, false);
  }
}
