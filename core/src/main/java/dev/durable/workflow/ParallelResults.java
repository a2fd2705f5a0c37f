package dev.durable.workflow;

/** How the branches of a parallel ended. Valid while the join runs. */
public interface ParallelResults {

  /**
   * What a branch returned.
   *
   * @throws IllegalStateException if it did not complete; {@link #outcome} tells
   * @throws IllegalArgumentException if it is not a branch of this parallel
   */
  <R> R get(BranchRef<R> branch);

  /**
   * How a branch ended.
   *
   * @throws IllegalArgumentException if it is not a branch of this parallel
   */
  <R> Outcome<R> outcome(BranchRef<R> branch);
}
