package dev.durable.testing;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.PreparedStatement;
import javax.sql.DataSource;

/**
 * Holds answers back: the sender of a statement with a certain text waits at a gate after the
 * server has executed it, and ignores interrupts.
 */
public final class HeldAnswers {

  private final String part;
  private final Gate gate;

  /**
   * @param part a part of the statement's text
   * @param gate the gate where its sender waits
   */
  public HeldAnswers(String part, Gate gate) {
    this.part = part;
    this.gate = gate;
  }

  /** A DataSource that holds the answers of another one. */
  public DataSource on(DataSource pool) {
    return holding(DataSource.class, pool, false);
  }

  private <T> T holding(Class<T> type, T target, boolean held) {
    return type.cast(
        Proxy.newProxyInstance(
            HeldAnswers.class.getClassLoader(),
            new Class<?>[] {type},
            (self, method, arguments) -> {
              Object answer;
              try {
                answer = method.invoke(target, arguments);
              } catch (InvocationTargetException failure) {
                throw failure.getCause();
              }
              if (held && method.getName().startsWith("execute")) {
                gate.passUninterrupted();
              }
              return switch (answer) {
                case Connection connection when type == DataSource.class ->
                    holding(Connection.class, connection, false);
                case PreparedStatement statement when String.valueOf(arguments[0]).contains(part) ->
                    holding(PreparedStatement.class, statement, true);
                case null, default -> answer;
              };
            }));
  }
}
