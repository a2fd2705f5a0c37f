package dev.durable.crash;

import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/** Makes a plan that goes wrong as small as it can be. */
final class Shrinker {

  private static final int MOST_TRIES = 200;

  private final Function<Plan.Path, List<String>> run;
  private int tries;

  /**
   * @param run runs a plan, and lists what went wrong
   */
  Shrinker(Function<Plan.Path, List<String>> run) {
    this.run = run;
  }

  /** A plan, and the failures of its last run; none if it did not fail again. */
  record Shrunk(Plan.Path plan, List<String> wrong) {

    @Override
    public String toString() {
      return plan + "\n    " + (wrong.isEmpty() ? "(not again)" : String.join("\n    ", wrong));
    }
  }

  /** The smallest plan found that still goes wrong. */
  Shrunk shrink(Plan.Path plan) {
    Shrunk shrunk = new Shrunk(plan, run.apply(plan));
    Optional<Shrunk> smaller = smaller(shrunk);
    while (smaller.isPresent()) {
      shrunk = smaller.get();
      smaller = tries < MOST_TRIES ? smaller(shrunk) : Optional.empty();
    }
    return shrunk;
  }

  private Optional<Shrunk> smaller(Shrunk shrunk) {
    for (Plan.Path less : Plan.smaller(shrunk.plan()).toList()) {
      tries++;
      List<String> wrong = run.apply(less);
      if (!wrong.isEmpty()) {
        return Optional.of(new Shrunk(less, wrong));
      }
    }
    return Optional.empty();
  }
}
