package dev.durable.people;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import javax.sql.DataSource;

/** Data sources and connections that answer some calls themselves. */
final class Proxies {

  private Proxies() {}

  /** The call that was made, on another target. */
  interface Call {
    Object on(Object target) throws Exception;
  }

  /** The answers of a proxy. */
  interface Answer {
    Object to(String name, Object[] args, Call call) throws Exception;
  }

  static <T> T of(Class<T> type, Answer answer) {
    return type.cast(
        Proxy.newProxyInstance(
            type.getClassLoader(),
            new Class<?>[] {type},
            (proxy, method, args) -> {
              try {
                return answer.to(method.getName(), args, target -> method.invoke(target, args));
              } catch (InvocationTargetException failure) {
                throw failure.getCause();
              }
            }));
  }

  /** A connection whose close() does nothing. */
  static Connection unclosed(Connection connection) {
    return of(
        Connection.class, (name, args, call) -> name.equals("close") ? null : call.on(connection));
  }

  /** A data source with this connection only. */
  static DataSource source(Connection connection) {
    return of(
        DataSource.class, (name, args, call) -> name.equals("getConnection") ? connection : null);
  }
}
