package dev.durable.internal.journal;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.sql.CallableStatement;
import java.sql.Connection;
import java.sql.DatabaseMetaData;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A connection whose transaction only the engine ends, whichever way it is tried: what it hands out
 * is guarded too, and leads back to it.
 */
final class GuardedConnection {

  private static final Set<String> REFUSED =
      Set.of("commit", "close", "abort", "setAutoCommit", "unwrap");
  private static final Set<Class<?>> GUARDED =
      Set.of(
          Statement.class,
          PreparedStatement.class,
          CallableStatement.class,
          ResultSet.class,
          DatabaseMetaData.class);

  private final Connection self;

  private GuardedConnection(Connection connection) {
    this.self = proxy(Connection.class, connection);
  }

  static Connection of(Connection connection) {
    return new GuardedConnection(connection).self;
  }

  @SuppressWarnings("ReferenceEquality") // A proxy equals itself only.
  private <T> T proxy(Class<T> type, Object target) {
    return type.cast(
        Proxy.newProxyInstance(
            GuardedConnection.class.getClassLoader(),
            new Class<?>[] {type},
            (proxy, method, arguments) ->
                method.getName().equals("equals")
                    ? (Object) (proxy == arguments[0])
                    : call(target, method, arguments)));
  }

  private @Nullable Object call(Object target, Method method, Object @Nullable [] arguments)
      throws Throwable {
    refuse(target, method.getName(), arguments);
    Object result;
    try {
      result = method.invoke(target, arguments);
    } catch (InvocationTargetException failure) {
      throw failure.getCause();
    }
    if (result instanceof Connection) {
      return self;
    }
    Class<?> type = method.getReturnType();
    return result != null && GUARDED.contains(type) ? proxy(type, result) : result;
  }

  private static void refuse(Object target, String method, Object @Nullable [] arguments)
      throws SQLException {
    boolean onConnection = target instanceof Connection;
    if (method.equals("unwrap")
        || (onConnection && REFUSED.contains(method))
        || (onConnection && method.equals("rollback") && arguments == null)) {
      throw refusal(method);
    }
    if (arguments != null
        && arguments.length > 0
        && arguments[0] instanceof String sql
        && (method.startsWith("execute")
            || method.startsWith("prepare")
            || method.equals("addBatch"))) {
      String ending = TransactionEnd.in(sql);
      if (ending != null) {
        throw refusal("SQL '" + ending + "'");
      }
    }
  }

  private static SQLException refusal(String what) {
    return new SQLException(
        what
            + " is not allowed in a transaction step: the engine commits when the body returns and"
            + " rolls back when it throws.",
        "0A000");
  }
}
