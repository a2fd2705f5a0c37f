package dev.durable.internal.text;

/** The refusals of calls on the context of a body, in the words of the engine and of a dry run. */
public final class RefusedCall {

  private RefusedCall() {}

  /** A second call with one name. */
  public static IllegalStateException twice(String step, String name) {
    return new IllegalStateException(
        "Step '"
            + step
            + "' asks twice for '"
            + name
            + "'. Effects, waits and children are remembered by name: give each its own.");
  }

  /**
   * A call within an effect that can make none.
   *
   * @param what the call asks for
   */
  public static IllegalStateException inClosedEffect(String effect, String what) {
    return new IllegalStateException(
        "Effect '"
            + effect
            + "' asks for "
            + what
            + ", but it has a transaction, a retry policy or a time limit. Ask for that in the"
            + " body itself.");
  }

  /**
   * A call on the context of a body, branch or item that has ended.
   *
   * @param what the call asks for
   */
  public static IllegalStateException afterItsEnd(String path, String what) {
    return new IllegalStateException(
        "The context of '"
            + path
            + "' is asked for "
            + what
            + ", but the code that it was given to has ended. Ask the context of the code that is"
            + " running.");
  }

  /**
   * A call by a compensation on the context of the body that it was declared in.
   *
   * @param what the call asks for
   */
  public static IllegalStateException byCompensation(String body, String what) {
    return new IllegalStateException(
        "A compensation asks the context of the body '"
            + body
            + "' for "
            + what
            + ". That body is over: let the compensation use the context that it gets, as in"
            + " (done, undo) -> undo.run(...).");
  }

  /**
   * A call by code that has a context of its own: a part of that body, or another execution.
   *
   * @param here the code that asks
   * @param what the call asks for
   */
  public static IllegalStateException byOtherCode(String here, String path, String what) {
    return new IllegalStateException(
        "The code of "
            + here
            + " asks the context of '"
            + path
            + "' for "
            + what
            + ". Ask the context that this code itself gets, and keep none in a field.");
  }
}
