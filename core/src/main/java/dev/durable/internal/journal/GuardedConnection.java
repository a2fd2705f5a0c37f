package dev.durable.internal.journal;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Set;

/** A connection whose transaction only the engine ends. */
final class GuardedConnection {

  private static final Set<String> REFUSED =
      Set.of("commit", "close", "abort", "setAutoCommit", "unwrap");

  private GuardedConnection() {}

  static Connection of(Connection connection) {
    return (Connection)
        Proxy.newProxyInstance(
            GuardedConnection.class.getClassLoader(),
            new Class<?>[] {Connection.class},
            (proxy, method, arguments) -> {
              boolean rollsAllBack = method.getName().equals("rollback") && arguments == null;
              if (rollsAllBack || REFUSED.contains(method.getName())) {
                throw new SQLException(
                    method.getName()
                        + " is not allowed in a transaction step: the engine commits when the body"
                        + " returns and rolls back when it throws.",
                    "0A000");
              }
              try {
                return method.invoke(connection, arguments);
              } catch (InvocationTargetException failure) {
                throw failure.getCause();
              }
            });
  }
}
