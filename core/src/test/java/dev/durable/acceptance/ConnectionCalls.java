package dev.durable.acceptance;

import dev.durable.testing.TestDatabase;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.Statement;
import javax.sql.DataSource;

/** Code around the calls of a DataSource and its connections. */
final class ConnectionCalls {

  private ConnectionCalls() {}

  /** A DataSource whose calls, and those of its connections, go round by some code. */
  static DataSource on(DataSource pool, Around around) {
    return around(DataSource.class, pool, around);
  }

  /** A pool whose connections begin with these settings. */
  static DataSource with(TestDatabase db, String settings) {
    return on(
        db.dataSource(),
        (method, call) -> {
          Object answer = call.get();
          if (method.equals("getConnection") && isOfAStep()) {
            Connection fresh = db.newConnection();
            ((Connection) answer).close();
            try (Statement statement = fresh.createStatement()) {
              statement.execute(settings);
            }
            return fresh;
          }
          return answer;
        });
  }

  /** Steps run on virtual threads, all else of the engine on threads of its own. */
  static boolean isOfAStep() {
    return Thread.currentThread().isVirtual();
  }

  /** The call itself. */
  interface Call {
    Object get() throws Throwable;
  }

  /** Code around each call. */
  interface Around {
    Object call(String method, Call target) throws Throwable;
  }

  private static <T> T around(Class<T> type, T target, Around around) {
    return type.cast(
        Proxy.newProxyInstance(
            ConnectionCalls.class.getClassLoader(),
            new Class<?>[] {type},
            (self, method, arguments) -> {
              Object answer =
                  around.call(
                      method.getName(),
                      () -> {
                        try {
                          return method.invoke(target, arguments);
                        } catch (InvocationTargetException failure) {
                          throw failure.getCause();
                        }
                      });
              return answer instanceof Connection connection && type == DataSource.class
                  ? around(Connection.class, connection, around)
                  : answer;
            }));
  }
}
