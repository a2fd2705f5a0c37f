package dev.durable.internal.engine.flow;

import dev.durable.execution.ErrorInfo;
import dev.durable.internal.store.journal.StepRow;
import dev.durable.internal.store.journal.Transition;

/** The outcome of a walk. */
public sealed interface WalkResult {

  /** The walk has come to the end of the workflow, or of its compensation. */
  record Done(Transition end) implements WalkResult {}

  /** The walk cannot continue now, but will. */
  record Waits(Transition rest) implements WalkResult {}

  /**
   * A step has failed for good, and the whole workflow is tried again.
   *
   * @param mark counts the try that has failed
   */
  record Again(StepRow mark, Transition rest) implements WalkResult {}

  /**
   * A step has failed for good.
   *
   * @param undoes whether completed steps are to be undone
   */
  record Failed(ErrorInfo error, boolean undoes) implements WalkResult {}

  /** The walk cannot continue without a person. */
  record Parked(ErrorInfo reason) implements WalkResult {}

  /** The thread of the walk was stopped. */
  record Stopped(String why) implements WalkResult {}
}
