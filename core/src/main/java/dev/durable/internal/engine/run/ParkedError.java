package dev.durable.internal.engine.run;

/**
 * Unwinds a body whose execution is to be parked: at a stored value that cannot be read, at a name
 * that stands for something else, or at an effect with no attempts left for which a person decides.
 * A body that catches it changes nothing, because the attempt remembers.
 */
public final class ParkedError extends Error {

  private static final long serialVersionUID = 1L;

  public ParkedError(String what) {
    super(what + "; the execution is to be parked: let this through", null, false, false);
  }
}
