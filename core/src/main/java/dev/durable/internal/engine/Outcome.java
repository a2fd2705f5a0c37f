package dev.durable.internal.engine;

import dev.durable.execution.ErrorInfo;
import dev.durable.internal.store.Transition;

/** What a walk has come to. */
sealed interface Outcome {

  /** It has come to its end, whether that is the workflow's or that of undoing it. */
  record Done(Transition end) implements Outcome {}

  /** It cannot go on now, but will. */
  record Waits(Transition rest) implements Outcome {}

  /**
   * A step has failed for good.
   *
   * @param undoes whether what has been done is to be undone
   */
  record Failed(ErrorInfo error, boolean undoes) implements Outcome {}

  /** It cannot go on without a person. */
  record Parked(ErrorInfo reason) implements Outcome {}

  /** Its thread was stopped. */
  record Stopped(String why) implements Outcome {}
}
