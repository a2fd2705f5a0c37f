package dev.durable.acceptance;

import static dev.durable.IfEnded.REJECT;
import static dev.durable.IfEnded.RESTART;
import static dev.durable.IfEnded.RETURN;
import static dev.durable.testing.DurableFixture.SOON;
import static dev.durable.testing.DurableFixture.status;
import static dev.durable.testing.DurableFixture.untilEnded;
import static java.time.Duration.ofHours;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.durable.Durable;
import dev.durable.IfEnded;
import dev.durable.execution.DuplicateExecutionException;
import dev.durable.execution.Execution;
import dev.durable.execution.ExecutionHandle;
import dev.durable.execution.ExecutionStateException;
import dev.durable.execution.ExecutionStatus;
import dev.durable.testing.DatabaseExtension;
import dev.durable.testing.Proxies;
import dev.durable.testing.TestDatabase;
import dev.durable.wait.Delivery;
import dev.durable.wait.Event;
import dev.durable.workflow.Workflow;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import javax.sql.DataSource;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.EnumSource.Mode;

@ExtendWith(DatabaseExtension.class)
@DisplayName("The key of an execution that has ended")
class RestartTest {

  private static final Event<String> GO = Event.of("go", String.class);

  private static final Workflow<String, String> ECHO =
      Workflow.define("echo", String.class).step("echo", text -> text).build();

  private static final Workflow<String, String> WAITS =
      Workflow.define("waits", String.class).await("go", GO, (s, got) -> s + got).build();

  private final TestDatabase db;

  RestartTest(TestDatabase db) {
    this.db = db;
  }

  private Durable worker() {
    return db.start(ECHO, WAITS);
  }

  private static ExecutionHandle<String> start(Durable durable, String key, IfEnded then) {
    return durable.start(WAITS, "x", o -> o.key(key).ifEnded(then));
  }

  /** An execution of that status with a key, which no worker touches. */
  private UUID stored(Durable durable, String key, ExecutionStatus status) {
    UUID id = durable.start(WAITS, "x", o -> o.key(key).delay(ofHours(1))).id();
    String time = status.isFinal() ? "now()" : "null";
    String due = status == ExecutionStatus.PENDING ? "wake_at" : "null";
    db.update(
        "update durable.workflow_executions set status = ?, error = '{\"type\": \"x\"}',"
            + " compensation_results = '{\"cause\": null, \"results\": [], \"plan\": null}',"
            + " completed_at = "
            + time
            + ", wake_at = "
            + due
            + " where id = ?",
        status.text(),
        id);
    return id;
  }

  private List<String> keys(UUID id) {
    return db.rows(
        "select workflow_key, former_key from durable.workflow_executions where id = ?", id);
  }

  @ParameterizedTest
  @EnumSource(names = {"COMPLETED", "FAILED", "CANCELLED", "COMPENSATED", "COMPENSATION_FAILED"})
  @DisplayName("is returned with it, passes to a new one, or is refused, as the start asks")
  void hasEnded(ExecutionStatus ended) {
    String key = "ended-" + ended;
    try (Durable durable = worker()) {
      UUID old = stored(durable, key, ended);
      assertThat(start(durable, key, RETURN).id()).isEqualTo(old);
      assertThatThrownBy(() -> start(durable, key, REJECT))
          .isInstanceOfSatisfying(
              DuplicateExecutionException.class,
              refused -> assertThat(refused.existing()).isEqualTo(old));
      ExecutionHandle<String> restarted = start(durable, key, RESTART);
      assertThat(restarted.isNew()).isTrue();
      assertThat(restarted.id()).isNotEqualTo(old);
      assertThat(keys(old)).containsExactly("null|" + key);
      assertThat(status(durable, old)).isEqualTo(ended);
      assertThat(start(durable, key, RESTART).id()).isEqualTo(restarted.id());
      durable.cancel(restarted.id());
      db.update("delete from durable.workflow_executions where id = ?", old);
    }
  }

  @ParameterizedTest
  @EnumSource(
      mode = Mode.EXCLUDE,
      names = {"COMPLETED", "FAILED", "CANCELLED", "COMPENSATED", "COMPENSATION_FAILED", "RUNNING"})
  @DisplayName("stays with an execution that has not ended, whatever the start asks")
  void hasNotEnded(ExecutionStatus open) {
    String key = "open-" + open;
    try (Durable durable = Durable.on(db.dataSource()).register(WAITS).build();
        Durable worker = worker()) {
      worker.close();
      UUID old = stored(durable, key, open);
      for (IfEnded then : IfEnded.values()) {
        ExecutionHandle<String> found = start(durable, key, then);
        assertThat(found.id()).isEqualTo(old);
        assertThat(found.isNew()).isFalse();
      }
      assertThatThrownBy(
              () -> durable.start(WAITS, "x", o -> o.key(key).ifEnded(RESTART).rejectDuplicate()))
          .isInstanceOf(DuplicateExecutionException.class);
      db.update("delete from durable.workflow_executions where id = ?", old);
    }
  }

  @Test
  @DisplayName("is needed to say what becomes of it")
  void needsAKey() {
    try (Durable durable = worker()) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> durable.start(ECHO, "x", o -> o.ifEnded(RESTART)))
          .withMessageContaining("ifEnded(…) needs a key");
    }
  }

  @Test
  @DisplayName("finds the newest execution; its history has all of them")
  void findsTheNewest() {
    try (Durable durable = worker()) {
      UUID first = durable.start(WAITS, "a", o -> o.key("news")).id();
      durable.cancel(first);
      UUID second = start(durable, "news", RESTART).id();
      durable.cancel(second);
      UUID third = start(durable, "news", RESTART).id();
      assertThat(durable.find("waits", "news").orElseThrow().id()).isEqualTo(third);
      assertThat(durable.executions(q -> q.workflow("waits").key("news")).items())
          .extracting(Execution::id)
          .containsExactly(third);
      assertThat(durable.executions(q -> q.workflow("waits").keyHistory("news")).items())
          .extracting(Execution::id)
          .containsExactly(third, second, first);
      assertThat(durable.find(first).orElseThrow())
          .returns(null, Execution::key)
          .returns("news", Execution::formerKey);
      assertThat(durable.sendByKey(WAITS, "news", GO, "!")).isNotEqualTo(Delivery.CLOSED);
      assertThat(durable.handle(third, WAITS).result(SOON)).isEqualTo("x!");
    }
  }

  @Test
  @DisplayName("lets no second execution of it go on: a failed one cannot be retried any more")
  void aFailedOneStaysFailed() throws SQLException {
    try (Durable durable = worker();
        Connection connection = db.newConnection()) {
      UUID failed = stored(durable, "failed", ExecutionStatus.FAILED);
      UUID newest = start(durable, "failed", RESTART).id();
      assertThatThrownBy(() -> durable.retry(failed))
          .isInstanceOf(ExecutionStateException.class)
          .hasMessageContaining(failed.toString())
          .hasMessageContaining("'failed'");
      assertThat(durable.steps(failed)).isEmpty();
      UUID halfUndone = stored(durable, "half", ExecutionStatus.COMPENSATION_FAILED);
      UUID other = start(durable, "half", RESTART).id();
      connection.setAutoCommit(false);
      durable.using(connection).retry(halfUndone);
      connection.rollback();
      assertThat(keys(halfUndone)).containsExactly("null|half");
      durable.cancel(newest);
      durable.cancel(other);
    }
  }

  @Test
  @DisplayName("passes on in the order of a list, each start as if it came alone")
  void inAList() {
    try (Durable durable = worker()) {
      UUID old = durable.start(ECHO, "old", o -> o.key("list")).id();
      untilEnded(durable, old);
      List<ExecutionHandle<String>> started =
          durable.startAll(
              ECHO,
              List.of("a", "b", "c"),
              (text, o) -> o.key("list").ifEnded(text.equals("b") ? RESTART : RETURN));
      assertThat(started).extracting(ExecutionHandle::isNew).containsExactly(false, true, false);
      assertThat(started.get(0).id()).isEqualTo(old);
      assertThat(started.get(2).id()).isEqualTo(started.get(1).id()).isNotEqualTo(old);
      assertThat(started.get(2).result(SOON)).isEqualTo("b");
      assertThatThrownBy(
              () ->
                  durable.startAll(
                      ECHO,
                      List.of("a", "b"),
                      (text, o) -> o.key("list").ifEnded(text.equals("b") ? REJECT : RETURN)))
          .isInstanceOf(DuplicateExecutionException.class);
    }
  }

  @Test
  @DisplayName("passes on with an event to the new one")
  void withAnEvent() {
    try (Durable durable = worker()) {
      UUID old = durable.startAndSend(WAITS, "a", GO, "1", o -> o.key("sent")).id();
      untilEnded(durable, old);
      assertThatThrownBy(() -> durable.startAndSend(WAITS, "b", GO, "2", o -> o.key("sent")))
          .isInstanceOf(ExecutionStateException.class)
          .hasMessageContaining("ifEnded(RESTART)");
      ExecutionHandle<String> restarted =
          durable.startAndSend(WAITS, "b", GO, "2", o -> o.key("sent").ifEnded(RESTART));
      assertThat(restarted.isNew()).isTrue();
      assertThat(restarted.result(SOON)).isEqualTo("b2");
    }
  }

  @Test
  @DisplayName("passes on with the caller's transaction, and not without it")
  void inTheCallersTransaction() throws SQLException {
    try (Durable durable = worker();
        Connection connection = db.newConnection()) {
      UUID old = durable.start(ECHO, "old", o -> o.key("tx")).id();
      untilEnded(durable, old);
      connection.setAutoCommit(false);
      durable.using(connection).start(ECHO, "no", o -> o.key("tx").ifEnded(RESTART));
      connection.rollback();
      assertThat(keys(old)).containsExactly("tx|null");
      ExecutionHandle<String> restarted =
          durable.using(connection).start(ECHO, "new", o -> o.key("tx").ifEnded(RESTART));
      assertThat(restarted.isNew()).isTrue();
      assertThat(durable.using(connection).start(ECHO, "x", o -> o.key("tx").ifEnded(RESTART)).id())
          .isEqualTo(restarted.id());
      assertThat(durable.find("echo", "tx").orElseThrow().id()).isEqualTo(old);
      assertThatThrownBy(() -> durable.start(ECHO, "x", o -> o.key("tx")))
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining(restarted.id().toString());
      connection.commit();
      assertThat(durable.find("echo", "tx").orElseThrow().id()).isEqualTo(restarted.id());
      assertThat(durable.handle(restarted.id(), ECHO).result(SOON)).isEqualTo("new");
    }
  }

  @Test
  @DisplayName("passes on once if the answer to the start is lost, whatever has happened since")
  void onceForALostAnswer() throws SQLException {
    try (Durable durable = worker()) {
      UUID old = durable.start(ECHO, "old", o -> o.key("lost")).id();
      untilEnded(durable, old);
      UUID[] meanwhile = new UUID[1];
      AtomicInteger losses = new AtomicInteger();
      DataSource losing =
          losingTheAnswer(
              losses,
              () -> {
                UUID committed = durable.find("echo", "lost").orElseThrow().id();
                untilEnded(durable, committed);
                meanwhile[0] =
                    durable.start(ECHO, "later", o -> o.key("lost").ifEnded(RESTART)).id();
                untilEnded(durable, meanwhile[0]);
              });
      try (Durable client = Durable.on(losing).register(ECHO).build()) {
        ExecutionHandle<String> restarted =
            client.start(ECHO, "new", o -> o.key("lost").ifEnded(RESTART));
        assertThat(losses).hasValue(1);
        assertThat(restarted.isNew()).isTrue();
        assertThat(restarted.result(SOON)).isEqualTo("new");
        assertThat(durable.executions(q -> q.workflow("echo").keyHistory("lost")).items())
            .extracting(Execution::id)
            .containsExactlyInAnyOrder(old, restarted.id(), meanwhile[0]);
        assertThat(durable.find("echo", "lost").orElseThrow().id()).isEqualTo(meanwhile[0]);
      }
    }
  }

  /** Loses the answer to the first restart, after something has happened. */
  private DataSource losingTheAnswer(AtomicInteger losses, Runnable meanwhile) {
    return Proxies.of(
        DataSource.class,
        (method, arguments) -> {
          Object result = Proxies.call(db.dataSource(), method, arguments);
          return result instanceof Connection connection
              ? losingTheAnswer(connection, losses, meanwhile)
              : result;
        });
  }

  private static Connection losingTheAnswer(
      Connection connection, AtomicInteger losses, Runnable meanwhile) {
    return Proxies.of(
        Connection.class,
        (method, arguments) -> {
          Object result = Proxies.call(connection, method, arguments);
          String sql = arguments.length > 0 ? String.valueOf(arguments[0]) : "";
          return result instanceof PreparedStatement statement && sql.contains("set former_key")
              ? losingTheAnswer(statement, losses, meanwhile)
              : result;
        });
  }

  private static PreparedStatement losingTheAnswer(
      PreparedStatement statement, AtomicInteger losses, Runnable meanwhile) {
    return Proxies.of(
        PreparedStatement.class,
        (method, arguments) -> {
          Object result = Proxies.call(statement, method, arguments);
          if (method.getName().startsWith("execute") && losses.compareAndSet(0, 1)) {
            meanwhile.run();
            throw new SQLException("The answer is lost.", "08006");
          }
          return result;
        });
  }
}
