package dev.durable.crash;

/**
 * Where and how a process is hit.
 *
 * @param number which statement or commit, counted from 1
 * @param mode what happens to it
 * @param fatal whether the process is dead from then on; otherwise only this one use is hit
 */
record Fault(int number, Mode mode, boolean fatal) {

  /** What happens to the statement or commit that is hit. */
  enum Mode {
    /** It is never sent; the connection stays as it is. */
    NOT_SENT,
    /** The server does it, and rolls it back. */
    ROLLED_BACK,
    /** The server does it and commits, and the answer is lost with the connection. */
    ANSWER_LOST,
    /** The connection breaks before the server gets it. */
    RESET
  }

  /** Nothing is hit: for counting. */
  static final Fault NONE = new Fault(Integer.MAX_VALUE, Mode.NOT_SENT, false);

  @Override
  public String toString() {
    return (fatal ? "process dies" : "process survives") + " at " + number + ", " + mode;
  }
}
