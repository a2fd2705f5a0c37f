package dev.durable.random;

import java.util.ArrayList;
import java.util.List;

/**
 * What goes through a program. Names of two words, so that a renaming codec has something to
 * rename.
 *
 * @param runName which run this is, for all that runs in it
 * @param oftenRests whether bodies rest before each operation
 * @param doneSoFar the names of what was done
 */
record Value(String runName, boolean oftenRests, List<String> doneSoFar) {

  Value and(String what) {
    List<String> more = new ArrayList<>(doneSoFar);
    more.add(what);
    return new Value(runName, oftenRests, List.copyOf(more));
  }

  /** What a codec has read has a list that may be changed; what a body has made has none. */
  boolean wasRead() {
    return doneSoFar instanceof ArrayList;
  }
}
