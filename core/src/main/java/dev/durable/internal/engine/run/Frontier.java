package dev.durable.internal.engine.run;

/** Unwinds a passing strand at the first node that is still to be done. */
public final class Frontier extends RuntimeException {

  private static final long serialVersionUID = 1L;

  Frontier() {
    super("the frontier", null, false, false);
  }
}
