package dev.durable.benchmarks.driver;

import java.util.UUID;

/** A row to be written by {@link GroupCommit}. */
sealed interface Row {

  /** What to do after the commit. */
  Runnable next();

  /** A start: one execution row. */
  record Start(UUID id, String input, Runnable next) implements Row {}

  /** A step's row; with the last one, the execution's end. */
  record Step(UUID id, int seq, String output, boolean last, Runnable next) implements Row {}
}
