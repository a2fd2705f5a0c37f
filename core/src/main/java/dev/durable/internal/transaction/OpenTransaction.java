package dev.durable.internal.transaction;

import dev.durable.workflow.AttemptContext;
import dev.durable.workflow.TransactionContext;
import java.sql.Connection;

/** An attempt's context with its open transaction. */
final class OpenTransaction<I> extends AttemptView<I> implements TransactionContext<I> {

  private final Connection connection;

  OpenTransaction(AttemptContext<I> attempt, Connection connection) {
    super(attempt);
    this.connection = connection;
  }

  @Override
  public Connection connection() {
    return connection;
  }
}
