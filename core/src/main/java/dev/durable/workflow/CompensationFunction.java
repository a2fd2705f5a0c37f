package dev.durable.workflow;

/**
 * A {@link CompensationBody} that needs nothing but the step's result.
 *
 * @param <R> what the step returned
 */
@FunctionalInterface
public interface CompensationFunction<R> {

  /**
   * Undoes the step.
   *
   * @param result what the step returned
   * @throws Exception anything: the attempt fails and the compensation's retry policy decides
   */
  void undo(R result) throws Exception;
}
