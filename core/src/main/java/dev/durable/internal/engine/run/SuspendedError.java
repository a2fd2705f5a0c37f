package dev.durable.internal.engine.run;

/**
 * Unwinds a body at a wait that is not over: the body will be entered again. A body that catches it
 * changes nothing, because the attempt remembers.
 */
public final class SuspendedError extends Error {

  private static final long serialVersionUID = 1L;

  public SuspendedError() {
    super("the body waits; let this through", null, false, false);
  }
}
