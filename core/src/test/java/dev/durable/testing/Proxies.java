package dev.durable.testing;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;

/** Stand-ins for JDBC's interfaces, which see each call before the driver does. */
public final class Proxies {

  private Proxies() {}

  /** Answers the calls of a proxy. */
  @FunctionalInterface
  public interface Handler {
    /** Answers one. */
    Object handle(Method method, Object[] arguments) throws Throwable;
  }

  /** A proxy of an interface. */
  public static <T> T of(Class<T> type, Handler handler) {
    return type.cast(
        Proxy.newProxyInstance(
            Proxies.class.getClassLoader(),
            new Class<?>[] {type},
            (self, method, arguments) ->
                handler.handle(method, arguments == null ? new Object[0] : arguments)));
  }

  /** Calls the method on the real object. */
  public static Object call(Object target, Method method, Object[] arguments) throws Throwable {
    try {
      return method.invoke(target, arguments);
    } catch (InvocationTargetException failure) {
      throw failure.getCause();
    }
  }
}
