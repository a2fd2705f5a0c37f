package dev.durable.people;

import static dev.durable.testing.DurableFixture.SOON;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import dev.durable.Durable;
import dev.durable.DurableException;
import dev.durable.execution.ExecutionHandle;
import dev.durable.execution.ExecutionNotFoundException;
import dev.durable.testing.DatabaseExtension;
import dev.durable.testing.Proves;
import dev.durable.testing.TestDatabase;
import dev.durable.wait.Event;
import dev.durable.workflow.Workflow;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Savepoint;
import java.sql.Statement;
import java.util.List;
import java.util.Locale;
import java.util.UUID;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@ExtendWith(DatabaseExtension.class)
@DisplayName("using(connection)")
class CallersTransactionTest {

  private final TestDatabase db;
  private final Workflow<String, String> flow =
      Workflow.define("theirs", String.class).step("one", text -> text + "!").build();

  CallersTransactionTest(TestDatabase db) {
    this.db = db;
  }

  private Durable durable() {
    return db.start(flow);
  }

  private Connection transaction() throws SQLException {
    Connection connection = db.newConnection();
    connection.setAutoCommit(false);
    return connection;
  }

  @Test
  @Proves("F3.4")
  @DisplayName("An auto-commit connection is refused, saying why and what to do")
  void autoCommit() throws SQLException {
    try (Durable durable = durable();
        Connection connection = db.newConnection()) {
      assertThatThrownBy(() -> durable.using(connection))
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContainingAll("auto-commit", "setAutoCommit(false)");
      connection.setAutoCommit(false);
      UUID id = durable.using(connection).start(flow, "a").id();
      connection.commit();
      assertThat(durable.handle(id, flow).result(SOON)).isEqualTo("a!");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"repeatable read", "serializable"})
  @Proves("F3.4")
  @DisplayName("A transaction that does not see what others commit meanwhile is refused")
  void isolation(String level) throws SQLException {
    try (Durable durable = durable();
        Connection connection = transaction();
        Statement statement = connection.createStatement()) {
      statement.execute("set transaction isolation level " + level);
      assertThatThrownBy(() -> durable.using(connection))
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContainingAll(level.toUpperCase(Locale.ROOT), "READ COMMITTED");
      connection.rollback();
      statement.execute("set transaction isolation level read uncommitted");
      UUID id = durable.using(connection).start(flow, "a").id();
      connection.commit();
      assertThat(durable.handle(id, flow).result(SOON)).isEqualTo("a!");
      statement.execute("set default_transaction_isolation = '" + level + "'");
      connection.commit();
      assertThatThrownBy(() -> durable.using(connection).start(flow, "a"))
          .isInstanceOf(IllegalStateException.class);
    }
  }

  @Test
  @Proves("F3.8")
  @DisplayName("A read-only transaction is reported as read-only")
  void readOnly() throws SQLException {
    try (Durable durable = durable();
        Connection connection = transaction();
        Statement statement = connection.createStatement()) {
      statement.execute("set transaction read only");
      assertThatThrownBy(() -> durable.using(connection).start(flow, "a"))
          .hasMessageContaining("read-only")
          .hasMessageNotContaining("pool is large enough");
      connection.rollback();
      connection.setReadOnly(true);
      assertThatThrownBy(() -> durable.using(connection).cancel(UUID.randomUUID(), "x"))
          .hasMessageContaining("read-only")
          .hasMessageNotContaining("pool is large enough");
    }
  }

  @Test
  @Proves("F3.8")
  @DisplayName("A transaction that becomes read-only later is reported, too")
  void readOnlyLater() throws SQLException {
    try (Durable durable = durable();
        Connection connection = transaction();
        Statement statement = connection.createStatement()) {
      var scope = durable.using(connection);
      statement.execute("set transaction read only");
      assertThatThrownBy(() -> scope.start(flow, "a"))
          .isInstanceOf(DurableException.class)
          .hasMessageContaining("read-only")
          .hasMessageNotContaining("pool is large enough")
          .hasMessageNotContaining("cannot be reached");
    }
  }

  @Test
  @DisplayName("A transaction that has already failed is reported")
  void aborted() throws SQLException {
    try (Durable durable = durable();
        Connection connection = transaction();
        Statement statement = connection.createStatement()) {
      assertThatThrownBy(() -> statement.execute("select 1/0")).isInstanceOf(SQLException.class);
      assertThatThrownBy(() -> durable.using(connection).start(flow, "a"))
          .isInstanceOf(DurableException.class)
          .hasMessageContaining("aborted");
    }
  }

  @Test
  @Proves("F3.8")
  @DisplayName("A handle of a start that is not committed yet says so")
  void notCommittedYet() throws SQLException {
    try (Durable durable = durable();
        Connection connection = transaction()) {
      UUID id = durable.using(connection).start(flow, "a").id();
      ExecutionHandle<String> handle = durable.handle(id, flow);
      assertThatThrownBy(handle::status)
          .isInstanceOf(ExecutionNotFoundException.class)
          .hasMessageContainingAll(id.toString(), "not committed");
      assertThatThrownBy(() -> handle.result(SOON))
          .isInstanceOf(ExecutionNotFoundException.class)
          .hasMessageContaining("not committed");
      assertThatThrownBy(() -> durable.cancel(id, "x")).hasMessageContaining("not committed");
      connection.commit();
      assertThat(handle.result(SOON)).isEqualTo("a!");
    }
  }

  @Test
  @Proves("F3.4")
  @DisplayName("A thread does not wait for a key in its own open transaction, but learns of it")
  void ownKey() {
    assertTimeoutPreemptively(
        SOON,
        () -> {
          try (Durable durable = durable();
              Connection connection = transaction()) {
            UUID id = durable.using(connection).start(flow, "a", with -> with.key("own")).id();
            assertThatThrownBy(() -> durable.start(flow, "b", with -> with.key("own")))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContainingAll("own", id.toString(), "Commit", "this thread");
            assertThat(durable.start(flow, "b", with -> with.key("other")).result(SOON))
                .isEqualTo("b!");
            connection.commit();
            ExecutionHandle<String> same = durable.start(flow, "b", with -> with.key("own"));
            assertThat(same.id()).isEqualTo(id);
            assertThat(same.isNew()).isFalse();
          }
        });
  }

  @Test
  @Proves("F3.4")
  @DisplayName("After a rollback, whole or to a savepoint, the key is free")
  void rolledBack() throws SQLException {
    try (Durable durable = durable();
        Connection connection = transaction()) {
      Savepoint before = connection.setSavepoint();
      durable.using(connection).start(flow, "a", with -> with.key("back"));
      connection.rollback(before);
      durable.using(connection).start(flow, "a", with -> with.key("whole"));
      assertThat(durable.start(flow, "b", with -> with.key("back")).isNew()).isTrue();
      connection.rollback();
      assertThat(durable.start(flow, "b", with -> with.key("whole")).isNew()).isTrue();
      durable.using(connection).start(flow, "a", with -> with.key("closed"));
      connection.close();
      assertThat(durable.start(flow, "b", with -> with.key("closed")).isNew()).isTrue();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"on", "off"})
  @Proves("F12.1")
  @DisplayName("The caller's settings for planning stay as they were")
  void settings(String value) throws SQLException {
    try (Durable durable = durable();
        Connection connection = transaction();
        Statement statement = connection.createStatement()) {
      statement.execute("set local enable_seqscan = " + value);
      UUID id = durable.using(connection).start(flow, "a").id();
      durable.using(connection).send(id, Event.of("later", String.class), "b");
      try (ResultSet row = statement.executeQuery("show enable_seqscan")) {
        row.next();
        assertThat(row.getString(1)).isEqualTo(value);
      }
      connection.commit();
      assertThat(durable.handle(id, flow).result(SOON)).isEqualTo("a!");
    }
  }

  @Test
  @Proves("F3.4")
  @DisplayName("The same for startAll, startAndSend and starts by name")
  void otherStarts() {
    assertTimeoutPreemptively(
        SOON,
        () -> {
          try (Durable durable = durable();
              Connection connection = transaction()) {
            durable.using(connection).start(flow, "a", with -> with.key("k"));
            assertThatThrownBy(
                    () -> durable.startAll(flow, List.of("b"), (input, with) -> with.key("k")))
                .isInstanceOf(IllegalStateException.class);
            assertThatThrownBy(() -> durable.start("theirs", "\"b\"", with -> with.key("k")))
                .isInstanceOf(IllegalStateException.class);
            assertThatThrownBy(
                    () ->
                        durable.startAndSend(
                            flow, "b", Event.of("e", String.class), "x", with -> with.key("k")))
                .isInstanceOf(IllegalStateException.class);
          }
        });
  }
}
