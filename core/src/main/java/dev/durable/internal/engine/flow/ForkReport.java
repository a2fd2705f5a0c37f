package dev.durable.internal.engine.flow;

import dev.durable.internal.engine.run.ParkedException;
import dev.durable.internal.engine.run.Uncommitted;
import dev.durable.internal.engine.run.WaitingParts;
import dev.durable.internal.engine.step.BranchResult;

/** A message from the thread of a part, or from outside, to the strand that forked. */
sealed interface ForkReport {

  /** A message about a part. */
  sealed interface OfPart extends ForkReport {
    int index();
  }

  /**
   * The bodies of a part are through; another part may take its turn. Its rows are still to be
   * committed.
   *
   * @param waits whether the part keeps its place, because it will continue
   */
  record Walked(int index, boolean waits) implements OfPart {}

  /**
   * A part has ended.
   *
   * @param uncommitted changes of the part that are to be committed with the fork's end
   */
  record Ended(int index, BranchResult part, Uncommitted uncommitted) implements OfPart {}

  /** A part waits. */
  record Waits(int index, WaitingParts.Part part) implements OfPart {}

  /**
   * A part cannot continue without a person.
   *
   * @param uncommitted changes of the part that are to be committed with the execution's parking
   */
  record Parks(int index, ParkedException reason, Uncommitted uncommitted) implements OfPart {}

  /** The thread of a part ended in a way that is a bug. */
  record Lost(int index, Throwable bug) implements OfPart {}

  /** A signal was sent to the execution. */
  record Signalled() implements ForkReport {}
}
