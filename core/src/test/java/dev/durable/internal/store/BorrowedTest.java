package dev.durable.internal.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.durable.internal.store.jdbc.BorrowedConnection;
import dev.durable.internal.store.jdbc.Pooler;
import dev.durable.testing.Proves;
import dev.durable.testing.Proxies;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.postgresql.util.PSQLException;
import org.postgresql.util.ServerErrorMessage;

@DisplayName("Borrowed connections")
class BorrowedTest {

  private final List<String> calls = new ArrayList<>();
  private final Map<String, Object> state =
      new HashMap<>(Map.of("AutoCommit", true, "NetworkTimeout", 0));

  private final Connection connection =
      Proxies.of(
          Connection.class,
          (method, arguments) -> {
            String name = method.getName();
            calls.add(name);
            if (name.startsWith("set")) {
              state.put(name.substring(3), arguments[arguments.length - 1]);
            }
            return name.startsWith("get")
                ? state.get(name.substring(3))
                : method.getReturnType() == boolean.class ? (Object) false : null;
          });

  @ParameterizedTest
  @MethodSource
  @Proves("F1.6")
  @DisplayName("A connection that is no longer usable is closed instead of returned")
  void isEnded(Throwable failure) throws Exception {
    try (BorrowedConnection borrowed = BorrowedConnection.of(connection, true, 0, new Pooler())) {
      borrowed.failed(failure);
    }
    assertThat(calls).contains("abort");
  }

  static Stream<Throwable> isEnded() {
    return Stream.of(
        refused("25006"),
        refused("57P01"),
        refused("26000"),
        new SQLException("lost", "08006"),
        new IllegalStateException("of the driver"),
        new StackOverflowError("of the driver"),
        new OutOfMemoryError("of the driver"));
  }

  @ParameterizedTest
  @MethodSource
  @DisplayName("A connection returns to the pool when the server has only refused a statement")
  void goesBack(Throwable failure) throws Exception {
    try (BorrowedConnection borrowed = BorrowedConnection.of(connection, true, 0, new Pooler())) {
      borrowed.failed(failure);
    }
    assertThat(calls).doesNotContain("abort").endsWith("close");
  }

  static Stream<Throwable> goesBack() {
    return Stream.of(refused("55P03"), refused("40P01"), refused("40001"), refused("22001"));
  }

  @Test
  @Proves("F3.2")
  @DisplayName("A returned connection has its former auto-commit mode and time limit")
  void comesBackAsItWas() throws Exception {
    state.put("AutoCommit", false);
    try (BorrowedConnection borrowed =
        BorrowedConnection.of(connection, true, 5_000, new Pooler())) {
      assertThat(borrowed.jdbc().getAutoCommit()).isTrue();
      assertThat(state).containsEntry("NetworkTimeout", 5_000);
    }
    assertThat(state).containsEntry("AutoCommit", false).containsEntry("NetworkTimeout", 0);
    assertThat(calls).doesNotContain("setReadOnly", "setTransactionIsolation", "abort");
  }

  @Test
  @Proves("F1.6")
  @DisplayName("A connection that breaks while it is set up is closed, not leaked")
  void isEndedWhenItCannotBeTakenOver() {
    Connection broken =
        Proxies.of(
            Connection.class,
            (method, arguments) -> {
              calls.add(method.getName());
              if (method.getName().equals("getAutoCommit")) {
                throw new StackOverflowError("of the driver");
              }
              return null;
            });
    assertThatThrownBy(() -> BorrowedConnection.of(broken, true, 0, new Pooler()))
        .isInstanceOf(StackOverflowError.class);
    assertThat(calls).endsWith("abort", "close");
  }

  private static PSQLException refused(String state) {
    return new PSQLException(new ServerErrorMessage("SERROR\0C" + state + "\0Mrefused\0"));
  }
}
