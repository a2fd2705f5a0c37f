package dev.durable.internal.engine;

/** Unwinds a passing strand at the first node that is still to be done. */
final class Frontier extends RuntimeException {

  private static final long serialVersionUID = 1L;

  Frontier() {
    super("the frontier", null, false, false);
  }
}
