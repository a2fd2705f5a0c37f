package dev.durable.internal.engine.run;

/**
 * Unwinds a body at a stored value that cannot be read: its execution is to be parked. A body that
 * catches it changes nothing, because the attempt remembers.
 */
public final class UnreadableError extends Error {

  private static final long serialVersionUID = 1L;

  public UnreadableError(String what) {
    super(what + "; the execution is to be parked: let this through", null, false, false);
  }
}
