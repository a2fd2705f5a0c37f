package dev.durable.acceptance;

import static dev.durable.testing.DurableFixture.SOON;
import static dev.durable.testing.DurableFixture.status;
import static dev.durable.testing.DurableFixture.untilStatus;
import static dev.durable.testing.DurableFixture.untilWaiting;
import static java.time.Duration.ofDays;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.durable.Durable;
import dev.durable.DurableOperations;
import dev.durable.execution.ExecutionFailedException;
import dev.durable.execution.ExecutionHandle;
import dev.durable.execution.ExecutionNotFoundException;
import dev.durable.execution.ExecutionStateException;
import dev.durable.execution.ExecutionStatus;
import dev.durable.retry.RetryPolicy;
import dev.durable.testing.DatabaseExtension;
import dev.durable.testing.TestDatabase;
import dev.durable.wait.Delivery;
import dev.durable.wait.Event;
import dev.durable.workflow.Workflow;
import java.sql.Connection;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** What {@link DurableOperations} do inside the caller's transaction as they do outside. */
@ExtendWith(DatabaseExtension.class)
class OperationsInTransactionTest {

  private static final Event<String> GO = Event.of("go", String.class);
  private static final Workflow<String, String> WAITS =
      Workflow.define("waits", String.class).await("wait", GO, (text, got) -> got).build();

  private final TestDatabase db;

  OperationsInTransactionTest(TestDatabase db) {
    this.db = db;
  }

  private Connection transaction() throws Exception {
    Connection connection = db.dataSource().getConnection();
    connection.setAutoCommit(false);
    return connection;
  }

  @Test
  @DisplayName("A start gives a handle, which finds the execution once it is committed")
  void handles() throws Exception {
    try (Durable durable = db.start(WAITS);
        Connection connection = transaction()) {
      DurableOperations scope = durable.using(connection);
      ExecutionHandle<String> started =
          scope.startAndSend(WAITS, "x", GO, "sent", with -> with.key("one"));
      ExecutionHandle<String> same = scope.start(WAITS, "x", with -> with.key("one"));
      assertThat(started.isNew()).isTrue();
      assertThat(same.isNew()).isFalse();
      assertThat(same.id()).isEqualTo(started.id());
      assertThatThrownBy(() -> started.result(SOON))
          .isInstanceOf(ExecutionNotFoundException.class)
          .hasMessageContaining("its start is not committed yet");
      assertThatThrownBy(started::status).isInstanceOf(ExecutionNotFoundException.class);
      connection.commit();
      assertThat(started.result(SOON)).isEqualTo("sent");
      assertThat(same.result(SOON)).isEqualTo("sent");

      assertThatThrownBy(() -> scope.startAndSend(WAITS, "x", GO, "late", with -> with.key("one")))
          .isInstanceOf(ExecutionStateException.class)
          .hasMessageContaining("already completed");
      connection.rollback();
    }
  }

  @Test
  @DisplayName("Several starts are committed together, and the first of equal keys counts")
  void startAll() throws Exception {
    try (Durable durable = db.start(WAITS);
        Connection connection = transaction()) {
      DurableOperations scope = durable.using(connection);
      List<ExecutionHandle<String>> handles =
          scope.startAll(WAITS, List.of("a", "b", "a"), (input, with) -> with.key("all-" + input));
      assertThat(handles).extracting(ExecutionHandle::isNew).containsExactly(true, true, false);
      assertThat(handles.get(2).id()).isEqualTo(handles.get(0).id());
      assertThat(scope.sendByKey("waits", "all-b", "go", "\"by name\"", with -> {}))
          .isEqualTo(Delivery.BUFFERED);
      assertThat(scope.sendByKey("waits", "none", "go", "1", with -> {}))
          .isEqualTo(Delivery.NOT_FOUND);
      assertThat(scope.send(handles.get(0).id(), "go", "\"json\"", with -> {}))
          .isEqualTo(Delivery.BUFFERED);
      connection.commit();
      assertThat(handles.get(0).result(SOON)).isEqualTo("json");
      assertThat(handles.get(1).result(SOON)).isEqualTo("by name");
    }
  }

  @Test
  @DisplayName("A retry counts when the transaction commits, and not if it rolls back")
  void retry() throws Exception {
    AtomicInteger calls = new AtomicInteger();
    Workflow<String, String> flaky =
        Workflow.define("flaky", String.class)
            .step(
                "fail once",
                text -> {
                  if (calls.incrementAndGet() == 1) {
                    throw new IllegalStateException("once");
                  }
                  return text;
                },
                with -> with.retry(RetryPolicy.none()))
            .build();
    try (Durable durable = db.start(flaky);
        Connection connection = transaction()) {
      ExecutionHandle<String> handle = durable.start(flaky, "x");
      assertThatThrownBy(() -> handle.result(SOON)).isInstanceOf(ExecutionFailedException.class);
      durable.using(connection).retry(handle.id());
      connection.rollback();
      assertThat(status(durable, handle.id())).isEqualTo(ExecutionStatus.FAILED);
      durable.using(connection).retry(handle.id());
      assertThat(status(durable, handle.id())).isEqualTo(ExecutionStatus.FAILED);
      connection.commit();
      untilStatus(handle, ExecutionStatus.COMPLETED);
      assertThatThrownBy(() -> durable.using(connection).retry(handle.id()))
          .isInstanceOf(ExecutionStateException.class);
      connection.rollback();
    }
  }

  @Test
  @DisplayName("Waits are cancelled when the transaction commits, and not if it rolls back")
  void cancelWaits() throws Exception {
    try (Durable durable = db.start(WAITS);
        Connection connection = transaction()) {
      ExecutionHandle<String> handle = durable.start(WAITS, "x");
      untilWaiting(durable, handle.id());
      DurableOperations scope = durable.using(connection);
      assertThatThrownBy(() -> scope.cancelWait(handle.id(), "nowhere"))
          .isInstanceOf(ExecutionStateException.class)
          .hasMessageContaining("has no open wait 'nowhere'");
      scope.cancelWaits(handle.id());
      connection.rollback();
      assertThat(durable.waits(handle.id())).hasSize(1);
      scope.cancelWait(handle.id(), "wait/wait");
      assertThat(durable.waits(handle.id())).hasSize(1);
      connection.commit();
      untilStatus(handle, ExecutionStatus.FAILED);
      assertThat(durable.waits(handle.id())).isEmpty();
    }
  }

  @Test
  @DisplayName("A parked execution is given up when the transaction commits, not if it rolls back")
  void giveUp() throws Exception {
    Workflow<String, String> parking =
        Workflow.define("parking", String.class)
            .step(
                "fail",
                text -> {
                  throw new IllegalStateException("no");
                },
                with -> with.retry(RetryPolicy.none().thenPark()))
            .build();
    try (Durable durable = db.start(parking);
        Connection connection = transaction()) {
      ExecutionHandle<String> handle = durable.start(parking, "x");
      untilStatus(handle, ExecutionStatus.PARKED);
      DurableOperations scope = durable.using(connection);
      scope.giveUp(handle.id(), "the first reason");
      connection.rollback();
      assertThat(status(durable, handle.id())).isEqualTo(ExecutionStatus.PARKED);
      scope.giveUp(handle.id(), "the second reason");
      assertThat(status(durable, handle.id())).isEqualTo(ExecutionStatus.PARKED);
      connection.commit();
      assertThatThrownBy(() -> handle.result(SOON))
          .isInstanceOf(ExecutionFailedException.class)
          .hasMessageContaining("the second reason");
      assertThatThrownBy(() -> scope.giveUp(handle.id(), "late"))
          .isInstanceOf(ExecutionStateException.class);
      connection.rollback();
    }
  }

  @Test
  @DisplayName("A start is moved by a duration when the transaction commits, not if it rolls back")
  void reschedule() throws Exception {
    try (Durable durable = db.start(WAITS);
        Connection connection = transaction()) {
      UUID id = durable.start(WAITS, "x", with -> with.delay(ofDays(9))).id();
      Instant before = dueTime(durable, id);
      DurableOperations scope = durable.using(connection);
      scope.reschedule(id, ofDays(2));
      assertThat(dueTime(durable, id)).isEqualTo(before);
      connection.rollback();
      assertThat(dueTime(durable, id)).isEqualTo(before);
      scope.reschedule(id, ofDays(2));
      connection.commit();
      assertThat(Duration.between(dueTime(durable, id), before))
          .isBetween(ofDays(7).minusMinutes(5), ofDays(7));
      assertThatThrownBy(() -> scope.reschedule(id, ofDays(-1)))
          .isInstanceOf(IllegalArgumentException.class);
      scope.reschedule(id, Duration.ZERO);
      connection.commit();
      untilWaiting(durable, id);
    }
  }

  private static Instant dueTime(Durable durable, UUID id) {
    return durable.find(id).orElseThrow().wakeAt();
  }

  @Test
  @DisplayName("A blank reason to cancel or to give up is refused, in and outside a transaction")
  void blankReasons() throws Exception {
    try (Durable durable = db.start(WAITS);
        Connection connection = transaction()) {
      UUID id = durable.start(WAITS, "x").id();
      untilWaiting(durable, id);
      for (DurableOperations operations : List.of(durable, durable.using(connection))) {
        for (String blank : List.of("", " \t\n")) {
          assertThatThrownBy(() -> operations.cancel(id, blank))
              .isInstanceOf(IllegalArgumentException.class)
              .hasMessage("A reason must not be blank.");
          assertThatThrownBy(() -> operations.giveUp(id, blank))
              .isInstanceOf(IllegalArgumentException.class)
              .hasMessage("A reason must not be blank.");
        }
        assertThatThrownBy(() -> operations.cancel(id, null))
            .isInstanceOf(NullPointerException.class)
            .hasMessage("reason");
      }
      assertThat(status(durable, id)).isEqualTo(ExecutionStatus.WAITING);
      durable.cancel(id);
    }
  }
}
