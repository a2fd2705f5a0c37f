package dev.durable.workflow;

/**
 * The body of a branch inside a step's body that has no result.
 *
 * @param <I> the workflow's input
 */
@FunctionalInterface
public interface BranchAction<I> {

  /**
   * Does the branch's work.
   *
   * @param branch what the branch knows about itself, and what it can do
   * @throws Exception anything: the branch has failed
   */
  void run(StepContext<I> branch) throws Exception;
}
