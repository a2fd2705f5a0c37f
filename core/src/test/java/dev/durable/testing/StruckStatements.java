package dev.durable.testing;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;
import javax.sql.DataSource;

/** Counts the executions of some statements, and runs code before each of them. */
public final class StruckStatements {

  private final Predicate<String> struck;
  private final Strike strike;
  private final AtomicInteger begun = new AtomicInteger();

  /** Code that runs before a statement is sent. */
  @FunctionalInterface
  public interface Strike {
    /**
     * May throw, or wait.
     *
     * @param number the number of the execution; the first is 1
     */
    void before(int number) throws Throwable;
  }

  /**
   * @param struck selects statements by their text
   */
  public StruckStatements(Predicate<String> struck, Strike strike) {
    this.struck = struck;
    this.strike = strike;
  }

  /** Counts only. */
  public static StruckStatements counted(Predicate<String> struck) {
    return new StruckStatements(struck, number -> {});
  }

  /** The number of executions that have begun. */
  public int count() {
    return begun.get();
  }

  /** A DataSource that strikes the statements of another one. */
  public DataSource on(DataSource pool) {
    return proxy(DataSource.class, pool, false);
  }

  private <T> T proxy(Class<T> type, T target, boolean strikes) {
    return type.cast(
        Proxy.newProxyInstance(
            StruckStatements.class.getClassLoader(),
            new Class<?>[] {type},
            (self, method, arguments) -> {
              if (strikes && method.getName().startsWith("execute")) {
                strike.before(begun.incrementAndGet());
              }
              Object answer;
              try {
                answer = method.invoke(target, arguments);
              } catch (InvocationTargetException failure) {
                throw failure.getCause();
              }
              return switch (answer) {
                case Connection connection when type == DataSource.class ->
                    proxy(Connection.class, connection, false);
                case PreparedStatement statement when struck.test(String.valueOf(arguments[0])) ->
                    proxy(PreparedStatement.class, statement, true);
                case null, default -> answer;
              };
            }));
  }
}
