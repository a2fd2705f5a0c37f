package dev.durable.internal.transaction;

import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.sql.Array;
import java.sql.Blob;
import java.sql.CallableStatement;
import java.sql.Clob;
import java.sql.Connection;
import java.sql.DatabaseMetaData;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A connection whose transaction only the engine can end. The objects it returns are guarded too,
 * and lead back to the guard.
 */
final class GuardedConnection {

  private static final Set<String> REFUSED =
      Set.of(
          "commit",
          "close",
          "abort",
          "setAutoCommit",
          "setNetworkTimeout",
          "setTransactionIsolation",
          "setReadOnly",
          "beginRequest",
          "endRequest",
          "setShardingKey",
          "setShardingKeyIfValid");

  /** Changes that outlive the transaction and that no driver takes back. */
  private static final Set<String> CHANGING =
      Set.of("setSchema", "setCatalog", "setClientInfo", "setHoldability", "setTypeMap");

  /** The most special first. */
  private static final List<Class<?>> GUARDED =
      List.of(
          CallableStatement.class,
          PreparedStatement.class,
          Statement.class,
          ResultSet.class,
          DatabaseMetaData.class,
          Array.class,
          Blob.class,
          Clob.class);

  private final ConnectionUse use;
  private final Connection self;

  private GuardedConnection(Connection connection, ConnectionUse use) {
    this.use = use;
    this.self = (Connection) guarded(Connection.class, connection);
  }

  /** Guards a connection while a body uses it. */
  static Connection of(Connection connection, ConnectionUse use) {
    return new GuardedConnection(connection, use).self;
  }

  private Object guarded(Class<?> type, Object target) {
    return Proxy.newProxyInstance(
        GuardedConnection.class.getClassLoader(), new Class<?>[] {type}, new Guard(target));
  }

  /** Guards by the object, not by the declared type: an object of a row may be a result set. */
  private @Nullable Object guarded(@Nullable Object result) {
    if (result instanceof Connection) {
      return self;
    }
    for (Class<?> type : GUARDED) {
      if (type.isInstance(result)) {
        return guarded(type, result);
      }
    }
    return result;
  }

  private final class Guard implements InvocationHandler {

    private final Object target;

    Guard(Object target) {
      this.target = target;
    }

    @Override
    @SuppressWarnings("ReferenceEquality") // A proxy equals itself only.
    public @Nullable Object invoke(Object proxy, Method method, Object @Nullable [] arguments)
        throws Throwable {
      if (method.getDeclaringClass() == Object.class) {
        return switch (method.getName()) {
          case "equals" -> arguments != null && proxy == arguments[0];
          case "hashCode" -> System.identityHashCode(proxy);
          default -> target.toString();
        };
      }
      return switch (method.getName()) {
        case "isWrapperFor" -> false;
        case "unwrap" -> throw refusal("unwrap");
        case "isClosed" -> !use.mayClose() || isClosed();
        case "close" -> {
          if (target instanceof Connection) {
            throw refusal("close");
          }
          // Too late: it was closed with its transaction.
          yield use.mayClose() ? send(method, arguments) : null;
        }
        default -> call(method, arguments);
      };
    }

    private boolean isClosed() throws SQLException {
      return switch (target) {
        case Connection connection -> connection.isClosed();
        case Statement statement -> statement.isClosed();
        case ResultSet rows -> rows.isClosed();
        default -> false;
      };
    }

    private @Nullable Object call(Method method, Object @Nullable [] arguments) throws Throwable {
      use.enter(target);
      Throwable failure = null;
      try {
        look(method.getName(), arguments);
        return guarded(send(method, arguments));
      } catch (Refusal refused) {
        throw refused;
      } catch (Throwable thrown) {
        failure = thrown;
        throw thrown;
      } finally {
        use.leave(target, failure);
      }
    }

    private @Nullable Object send(Method method, Object @Nullable [] arguments) throws Throwable {
      try {
        return method.invoke(target, bare(arguments));
      } catch (InvocationTargetException failure) {
        throw failure.getCause();
      }
    }

    private void look(String method, Object @Nullable [] arguments) throws SQLException {
      if (target instanceof Connection) {
        if (REFUSED.contains(method) || (method.equals("rollback") && arguments == null)) {
          throw refusal(method);
        }
        if (CHANGING.contains(method)) {
          use.changesSession();
        }
        if (method.equals("rollback")) {
          use.undone();
        }
      }
      if (arguments != null
          && arguments.length > 0
          && arguments[0] instanceof String sql
          && (method.startsWith("execute")
              || method.startsWith("prepare")
              || method.equals("addBatch"))) {
        String ending = TransactionEnd.in(sql, use.escapesByBackslash());
        if (ending != null) {
          throw refusal("SQL '" + ending + "'");
        }
        use.sees(sql);
      }
    }
  }

  /** Unwraps arguments: the driver must get its own objects back. */
  private static Object @Nullable [] bare(Object @Nullable [] arguments) {
    if (arguments == null) {
      return null;
    }
    Object[] bare = arguments.clone();
    for (int i = 0; i < bare.length; i++) {
      if (bare[i] != null
          && Proxy.isProxyClass(bare[i].getClass())
          && Proxy.getInvocationHandler(bare[i]) instanceof Guard guard) {
        bare[i] = guard.target;
      }
    }
    return bare;
  }

  /** A refusal of the engine; the database has not seen the call. */
  private static final class Refusal extends SQLException {
    private static final long serialVersionUID = 1L;

    Refusal(String reason) {
      super(reason, "0A000");
    }
  }

  private static SQLException refusal(String what) {
    return new Refusal(
        what
            + " is not allowed in a transaction step: the engine commits when the body returns and"
            + " rolls back when it throws.");
  }
}
