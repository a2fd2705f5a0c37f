package dev.durable.workflow;

import java.sql.Connection;

/**
 * The context of a transaction: what an attempt knows, and the open transaction. It cannot wait,
 * nor start children: the transaction would stay open.
 *
 * @param <I> the workflow's input
 */
public interface TransactionContext<I> extends AttemptContext<I> {

  /**
   * The connection on which the step's result will be committed. Read committed, auto-commit off.
   * The engine ends the transaction: {@code commit}, {@code rollback}, {@code close}, {@code
   * abort}, {@code setAutoCommit}, {@code setReadOnly}, {@code setTransactionIsolation}, {@code
   * setNetworkTimeout} and {@code unwrap} are refused with an {@link java.sql.SQLException};
   * savepoints are allowed. It can be used until the body returns, by one thread at a time.
   *
   * <p>Change settings with {@code set local}: they end with the transaction. A connection whose
   * session a body has changed ({@code set}, {@code listen}, {@code prepare}, temporary tables,
   * session-level locks) is closed after the step instead of going back to its pool.
   *
   * <p>If the database rolls the transaction back, because it collides with another one or its
   * connection is lost, the body runs again without counting an attempt: after pauses that grow,
   * and not without end. A body that loses its connection by itself (idle or open for longer than
   * the server allows, or ended by its own SQL) has failed.
   */
  Connection connection();
}
