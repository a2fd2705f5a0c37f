package dev.durable.workflow;

/**
 * Work without a result that needs no context.
 *
 * @param <T> what the node gets
 */
@FunctionalInterface
public interface StepAction<T> {

  /**
   * Does the work.
   *
   * @param data what the node before handed on, or the workflow's input in the first node
   * @throws Exception anything: the attempt fails and the retry policy decides
   */
  void run(T data) throws Exception;
}
