package dev.durable.workflow;

/**
 * The body of a branch inside a step's body.
 *
 * @param <I> the workflow's input
 * @param <R> what it returns
 */
@FunctionalInterface
public interface BranchBody<I, R> {

  /**
   * Does the branch's work.
   *
   * @param branch what the branch knows about itself, and what it can do
   * @return the result; never null unless the branch's type is {@code Void}
   * @throws Exception anything: the branch has failed
   */
  R run(StepContext<I> branch) throws Exception;
}
