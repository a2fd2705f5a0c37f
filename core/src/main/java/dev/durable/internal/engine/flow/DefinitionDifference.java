package dev.durable.internal.engine.flow;

/** Thrown when a definition does not fit; the message says where. */
final class DefinitionDifference extends Exception {

  private static final long serialVersionUID = 1L;

  DefinitionDifference(String message) {
    super(message, null, false, false);
  }
}
