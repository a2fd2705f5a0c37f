package dev.durable.workflow;

/**
 * SQL without a result.
 *
 * @param <I> the workflow's input
 * @param <T> what the node gets
 */
@FunctionalInterface
public interface TransactionAction<I, T> {

  /**
   * Does the work on {@link TransactionContext#connection()}.
   *
   * @param data what the node before handed on, or the workflow's input in the first node
   * @param tx the open transaction and what this attempt knows about itself
   * @throws Exception anything: the transaction is rolled back and the retry policy decides
   */
  void run(T data, TransactionContext<I> tx) throws Exception;
}
