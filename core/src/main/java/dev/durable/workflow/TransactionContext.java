package dev.durable.workflow;

import java.sql.Connection;

/**
 * The context of a {@code transaction} step: everything a step knows, and the open transaction.
 *
 * @param <I> the workflow's input
 */
public interface TransactionContext<I> extends StepContext<I> {

  /**
   * The connection on which the step's result will be committed. Read committed, auto-commit off.
   * The engine ends the transaction: {@code commit}, {@code rollback}, {@code close}, {@code abort}
   * and {@code setAutoCommit} are refused with an {@link java.sql.SQLException}; savepoints are
   * allowed. Not thread-safe.
   */
  Connection connection();
}
