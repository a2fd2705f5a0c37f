package dev.durable.workflow;

/**
 * A path inside a workflow: a case, a branch, an item's work, a round. Written as {@code path ->
 * path.step(…).step(…)}.
 *
 * @param <I> the workflow's input
 * @param <T> what the path gets
 * @param <R> what its last node returns
 */
@FunctionalInterface
public interface PathDefinition<I, T, R> {

  /**
   * Adds the path's nodes. Called once, while the definition is built, which fails with an {@link
   * InvalidWorkflowException} if a node that was added to the path is not in what this returns.
   *
   * @param path the empty path; options of the whole workflow are refused on it
   * @return the path with all its nodes, made from the empty one
   */
  WorkflowBuilder<I, R> of(WorkflowBuilder<I, T> path);
}
