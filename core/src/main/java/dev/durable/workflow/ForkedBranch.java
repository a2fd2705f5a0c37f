package dev.durable.workflow;

/**
 * A branch of a parallel in a body. Used by the thread of the body.
 *
 * @param <R> what it returns
 */
public interface ForkedBranch<R> {

  /**
   * What it returned, as it comes back from the codec.
   *
   * @throws IllegalStateException if the branches have not been joined, or it did not complete;
   *     {@link #outcome} tells. If it has failed, the cause is a {@link BranchFailedException}, and
   *     no policy tries the step again
   */
  R get();

  /**
   * How it ended.
   *
   * @throws IllegalStateException if the branches have not been joined
   */
  BranchOutcome<R> outcome();
}
