package dev.durable.workflow;

/** Undoes what a body has done. Called from any number of threads at once, at least once. */
@FunctionalInterface
public interface CompensationAction {

  /**
   * Undoes it.
   *
   * @param undo what this attempt knows about itself, and why the execution is undone
   * @throws Exception anything: the attempt fails and the compensation's retry policy decides
   */
  void undo(CompensationContext<?> undo) throws Exception;
}
