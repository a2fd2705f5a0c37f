package dev.durable.workflow;

/**
 * Puts a result into the data: makes what a node hands on of what it got and of what came of it.
 * Has no effects of its own; those belong in a step.
 *
 * @param <T> what the node got
 * @param <R> what came of it: a body's result, an event, an answer, a child's result, the results
 *     of parallel work
 * @param <O> what the node hands on
 */
@FunctionalInterface
public interface Into<T, R, O> {

  /**
   * Joins the two.
   *
   * @param data what the node got
   * @param result what came of it
   * @return what the node hands on; never null unless its type is {@code Void}
   * @throws Exception anything: the node fails
   */
  O into(T data, R result) throws Exception;
}
