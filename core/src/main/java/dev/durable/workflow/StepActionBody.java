package dev.durable.workflow;

/**
 * Work without a result.
 *
 * @param <I> the workflow's input
 * @param <T> what the node gets
 */
@FunctionalInterface
public interface StepActionBody<I, T> {

  /**
   * Does the work. At least once by default: after a crash before it was committed it runs again.
   *
   * @param data what the node before handed on, or the workflow's input in the first node
   * @param step what this attempt knows about itself
   * @throws Exception anything: the attempt fails and the retry policy decides
   */
  void run(T data, StepContext<I> step) throws Exception;
}
