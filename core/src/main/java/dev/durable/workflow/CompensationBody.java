package dev.durable.workflow;

/**
 * Undoes what a step did. Called from any number of threads at once, at least once by default.
 *
 * @param <R> what the step returned
 */
@FunctionalInterface
public interface CompensationBody<R> {

  /**
   * Undoes the step.
   *
   * @param done what the step returned
   * @param undo what this attempt knows about itself, and why the execution is undone; its key
   *     differs from the step's own
   * @throws Exception anything: the attempt fails and the compensation's retry policy decides
   */
  void undo(R done, CompensationContext<?> undo) throws Exception;
}
