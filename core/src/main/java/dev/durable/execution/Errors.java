package dev.durable.execution;

/** How errors read in messages. */
final class Errors {

  private Errors() {}

  static String at(ErrorInfo error) {
    return error.step() == null ? "" : " in step '" + error.step() + "'";
  }

  static String describe(ErrorInfo error) {
    return ": " + error.type() + ": " + error.message();
  }
}
