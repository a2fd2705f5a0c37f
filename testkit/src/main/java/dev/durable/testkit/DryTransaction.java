package dev.durable.testkit;

import dev.durable.workflow.TransactionContext;
import java.sql.Connection;
import java.util.function.Supplier;

/** What a transaction sees. */
final class DryTransaction extends DryView implements TransactionContext<Object> {

  private final Supplier<Connection> connection;

  DryTransaction(DryContext context, Supplier<Connection> connection) {
    super(context);
    this.connection = connection;
  }

  @Override
  public Connection connection() {
    try {
      return connection.get();
    } catch (DryStop stop) {
      throw context().current().stops(stop);
    }
  }
}
