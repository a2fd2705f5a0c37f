package dev.durable.benchmarks.driver;

import java.util.UUID;

/** A row to be written by {@link GroupCommit}. */
sealed interface Row {

  /** Runs after the commit. */
  Runnable next();

  /** A start: one execution row. */
  record Start(UUID id, String input, Runnable next) implements Row {}

  /** A step's row; the last one comes with the execution's end. */
  record Step(UUID id, int seq, String output, boolean last, Runnable next) implements Row {}
}
