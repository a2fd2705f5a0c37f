package dev.durable.workflow;

/**
 * The body of a step whose SQL commits together with the step's result: exactly once.
 *
 * @param <I> the workflow's input
 * @param <T> what the previous step returned
 * @param <R> what the next step gets
 */
@FunctionalInterface
public interface TransactionBody<I, T, R> {

  /**
   * Does the step's work on {@link TransactionContext#connection()}.
   *
   * @param data the previous step's result, or the workflow's input in the first step
   * @param tx the open transaction and what this attempt knows about itself
   * @return the result; never null unless the step's type is {@code Void}
   * @throws Exception anything: the transaction is rolled back and the step's retry policy decides
   */
  R run(T data, TransactionContext<I> tx) throws Exception;
}
