package dev.durable.worker;

import dev.durable.testing.Proxies;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.Statement;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import javax.sql.DataSource;

/** A DataSource that throws what a test likes at one thread of the engine, by its name. */
final class ThreadFaults {

  private final DataSource dataSource;
  private final Map<String, Fault> faults = new ConcurrentHashMap<>();

  private record Fault(String call, Supplier<Throwable> failure, AtomicInteger left) {}

  ThreadFaults(DataSource dataSource) {
    this.dataSource = dataSource;
  }

  /** The next calls of that JDBC method by the thread with that ending fail. */
  Supplier<Boolean> hit(String thread, String call, int times, Supplier<Throwable> failure) {
    Fault fault = new Fault(call, failure, new AtomicInteger(times));
    faults.put(thread, fault);
    return () -> fault.left.get() <= 0;
  }

  DataSource dataSource() {
    return wrap(DataSource.class, dataSource);
  }

  private <T> T wrap(Class<T> type, Object target) {
    InvocationHandler handler =
        (self, method, arguments) -> {
          // What fails as it is closed is closed all the same: pools see to that.
          boolean closes = method.getName().equals("close");
          if (!closes) {
            strike(method);
          }
          Object result = Proxies.call(target, method, arguments);
          if (closes) {
            strike(method);
          }
          if (result instanceof PreparedStatement) {
            return wrap(PreparedStatement.class, result);
          }
          if (result instanceof Statement) {
            return wrap(Statement.class, result);
          }
          return result instanceof Connection && !method.getName().equals("unwrap")
              ? wrap(Connection.class, result)
              : result;
        };
    return type.cast(Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] {type}, handler));
  }

  private void strike(Method method) throws Throwable {
    String thread = Thread.currentThread().getName();
    for (Map.Entry<String, Fault> entry : faults.entrySet()) {
      Fault fault = entry.getValue();
      if (thread.endsWith(entry.getKey())
          && method.getName().startsWith(fault.call)
          && fault.left.getAndDecrement() > 0) {
        throw fault.failure.get();
      }
    }
  }
}
