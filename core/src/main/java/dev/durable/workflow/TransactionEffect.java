package dev.durable.workflow;

/**
 * An effect inside a body whose SQL commits together with its being remembered: exactly once.
 *
 * @param <I> the workflow's input
 * @param <R> the effect's result
 */
@FunctionalInterface
public interface TransactionEffect<I, R> {

  /**
   * Does the effect's work on {@link TransactionContext#connection()}.
   *
   * @return the result; never null unless the effect's type is {@code Void}
   * @throws Exception anything: the transaction is rolled back, and the effect has failed
   */
  R run(TransactionContext<I> tx) throws Exception;
}
