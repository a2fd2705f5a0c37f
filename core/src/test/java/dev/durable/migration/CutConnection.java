package dev.durable.migration;

import dev.durable.testing.Proxies;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;

/** A connection that fails just before the n-th statement, counted from 0. */
final class CutConnection {

  private final Connection connection;
  private final Disaster disaster;
  private int left;

  CutConnection(Connection connection, int statements, Disaster disaster) {
    this.connection = connection;
    this.left = statements;
    this.disaster = disaster;
  }

  interface Disaster {
    void strike() throws SQLException;
  }

  boolean isCut() {
    return left < 0;
  }

  Connection proxy() {
    return proxy(
        Connection.class,
        (method, arguments) -> {
          Object result = Proxies.call(connection, method, arguments);
          return result instanceof Statement statement
              ? proxy(
                  Statement.class,
                  (inner, values) -> Proxies.call(counted(inner, statement), inner, values))
              : result;
        });
  }

  private Statement counted(Method method, Statement statement) throws SQLException {
    if (method.getName().startsWith("execute") && left-- == 0) {
      disaster.strike();
    }
    return statement;
  }

  private static <T> T proxy(Class<T> type, Call call) {
    return type.cast(
        Proxy.newProxyInstance(
            type.getClassLoader(),
            new Class<?>[] {type},
            (self, method, arguments) -> call.invoke(method, arguments)));
  }

  private interface Call {
    Object invoke(Method method, Object[] arguments) throws Throwable;
  }
}
