package dev.durable.plans;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import javax.sql.DataSource;

/** Remembers the text of every statement that is prepared. */
final class SqlRecorder {

  private final Set<String> texts = ConcurrentHashMap.newKeySet();

  DataSource on(DataSource pool) {
    return recording(DataSource.class, pool);
  }

  private <T> T recording(Class<T> type, T target) {
    return type.cast(
        Proxy.newProxyInstance(
            SqlRecorder.class.getClassLoader(),
            new Class<?>[] {type},
            (proxy, method, arguments) -> {
              if (method.getName().equals("prepareStatement")) {
                texts.add((String) arguments[0]);
              }
              try {
                Object result = method.invoke(target, arguments);
                return method.getName().equals("getConnection")
                        && result instanceof Connection connection
                    ? recording(Connection.class, connection)
                    : result;
              } catch (InvocationTargetException failure) {
                throw failure.getCause();
              }
            }));
  }

  /** The statements that contain a text; those that were sent together come one by one. */
  List<String> containing(String part) {
    return texts.stream()
        .flatMap(text -> Stream.of(text.split(";\n")))
        .filter(text -> text.contains(part))
        .distinct()
        .toList();
  }
}
