package dev.durable.random;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/**
 * When and how a worker ends, and another one takes over.
 *
 * @param afterEffects while the effect is done that comes after so many others
 */
record Takeover(int afterEffects, End end) {

  /** Of the last worker: none takes over. */
  static final Takeover NEVER = new Takeover(-1, End.CLOSED);

  /** How a worker ends. */
  enum End {
    /** Closed, and its bodies come to their end or to a rest. */
    CLOSED,
    /** Closed, and its bodies are interrupted. */
    INTERRUPTED,
    /** Cut off from the database in the middle of an effect. */
    KILLED
  }

  /** Up to two, one after the other. */
  static List<Takeover> some(Random random, int effects) {
    List<Takeover> all = new ArrayList<>();
    int from = 0;
    for (int left = random.nextInt(3); left > 0 && from < effects; left--) {
      int at = from + random.nextInt(effects - from);
      all.add(new Takeover(at, End.values()[random.nextInt(End.values().length)]));
      from = at + 1;
    }
    return all;
  }
}
