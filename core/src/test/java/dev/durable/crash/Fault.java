package dev.durable.crash;

/**
 * Where and how a process is hit.
 *
 * @param number which statement or commit, counted from 1
 * @param mode what happens to it
 * @param fatal whether the process is dead from then on; otherwise only this one use is hit
 */
record Fault(int number, Mode mode, boolean fatal) {

  /** The harm to the statement or commit that is hit. */
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

  private static final int MODES = Mode.values().length;

  /** Nothing is hit: for counting. */
  static final Fault NONE = new Fault(Integer.MAX_VALUE, Mode.NOT_SENT, false);

  /**
   * The turn in which a sample takes this fault, from 0 to 3: at one statement each mode has
   * another turn, and from one statement to the next the turns move on by one mode. A sample that
   * takes one turn of the four thus hits each statement in one mode, and neighbours in different
   * modes.
   */
  @SuppressWarnings("EnumOrdinal") // Which turn is whose matters to nothing that lasts.
  int turn() {
    return (number + mode.ordinal()) % MODES;
  }

  /** Counts the rounds in which all modes have had a turn. */
  int round() {
    return number / MODES;
  }

  @Override
  public String toString() {
    return (fatal ? "process dies" : "process survives") + " at " + number + ", " + mode;
  }
}
