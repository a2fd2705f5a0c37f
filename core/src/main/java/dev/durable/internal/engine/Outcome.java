package dev.durable.internal.engine;

import dev.durable.execution.ErrorInfo;
import dev.durable.internal.store.Transition;

/** The outcome of a walk. */
sealed interface Outcome {

  /** The walk has come to the end of the workflow, or of its compensation. */
  record Done(Transition end) implements Outcome {}

  /** The walk cannot continue now, but will. */
  record Waits(Transition rest) implements Outcome {}

  /**
   * A step has failed for good.
   *
   * @param undoes whether completed steps are to be undone
   */
  record Failed(ErrorInfo error, boolean undoes) implements Outcome {}

  /** The walk cannot continue without a person. */
  record Parked(ErrorInfo reason) implements Outcome {}

  /** The thread of the walk was stopped. */
  record Stopped(String why) implements Outcome {}
}
