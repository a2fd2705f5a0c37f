package dev.durable.workflow;

/**
 * A {@link TransactionEffect} that has no result.
 *
 * @param <I> the workflow's input
 */
@FunctionalInterface
public interface TransactionEffectAction<I> {

  /**
   * Does the effect's work on {@link TransactionContext#connection()}.
   *
   * @throws Exception anything: the transaction is rolled back, and the effect has failed
   */
  void run(TransactionContext<I> tx) throws Exception;
}
