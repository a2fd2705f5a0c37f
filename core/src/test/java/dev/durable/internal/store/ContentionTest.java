package dev.durable.internal.store;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import dev.durable.Durable;
import dev.durable.execution.ExecutionHandle;
import dev.durable.execution.ExecutionStatus;
import dev.durable.internal.store.jdbc.Contention;
import dev.durable.testing.DatabaseExtension;
import dev.durable.testing.Gate;
import dev.durable.testing.Logs;
import dev.durable.testing.Proves;
import dev.durable.testing.TestDatabase;
import dev.durable.wait.Event;
import dev.durable.workflow.Workflow;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@Proves("F11.4")
@DisplayName("Locks held by other sessions")
@ExtendWith(DatabaseExtension.class)
class ContentionTest {

  private static final Event<String> GO = Event.of("go", String.class);
  private final TestDatabase db;

  ContentionTest(TestDatabase db) {
    this.db = db;
  }

  @Test
  @DisplayName("Deadlocks and lock timeouts are counted apart, and logged once a minute")
  void counted() {
    AtomicLong clock = new AtomicLong(Long.MAX_VALUE - 1);
    Contention contention = new Contention(clock::get);
    SQLException deadlock = new SQLException("deadlock detected", "40P01");
    SQLException timeout = new SQLException("canceling statement due to lock timeout", "55P03");
    try (Logs logs = Logs.of(Contention.class.getName(), Level.WARN)) {
      assertThat(contention.suspect(timeout)).isTrue();
      assertThat(contention.suspect(deadlock)).isFalse();
      assertThat(contention.suspect(timeout)).isFalse();
      assertThat(contention.suspect(new SQLException("no", "40001"))).isFalse();
      clock.addAndGet(Duration.ofMinutes(1).toNanos());
      assertThat(contention.suspect(deadlock)).isTrue();
      assertThat(logs.lines(Level.WARN, "deadlocks=0 lockTimeouts=1")).hasSize(1);
      assertThat(logs.lines(Level.WARN, "deadlocks=2 lockTimeouts=1")).hasSize(1);
    }
  }

  @Test
  @DisplayName("Locks taken by an application's foreign keys do not delay an operator")
  void foreignKeys() throws SQLException {
    Workflow<String, String> flow =
        Workflow.define("referred", String.class)
            .await("go", GO, (text, go) -> text)
            .step(
                "fail",
                text -> {
                  throw new IllegalStateException(text);
                })
            .build();
    db.script(
        "create table orders (execution uuid references durable.workflow_executions (id)"
            + " on delete cascade)");
    try (Durable durable = Durable.on(db.dataSource()).register(flow).startWorker();
        Connection application = db.newConnection()) {
      ExecutionHandle<String> handle = durable.start(flow, "x");
      ExecutionHandle<String> other = durable.start(flow, "y");
      Gate.until(() -> !durable.waits(handle.id()).isEmpty());
      Gate.until(() -> !durable.waits(other.id()).isEmpty());
      application.setAutoCommit(false);
      refer(application, handle);
      refer(application, other);
      durable.send(handle.id(), GO, "now");
      Gate.until(() -> handle.status() == ExecutionStatus.FAILED);
      durable.retry(handle.id());
      durable.cancel(other.id(), "no more");
      assertThat(other.status()).isEqualTo(ExecutionStatus.CANCELLED);
      Gate.until(() -> handle.status() == ExecutionStatus.FAILED);
      application.commit();
    }
  }

  private static void refer(Connection application, ExecutionHandle<?> to) throws SQLException {
    try (PreparedStatement insert = application.prepareStatement("insert into orders values (?)")) {
      insert.setObject(1, to.id());
      insert.executeUpdate();
    }
  }
}
