package dev.durable.worker;

import static dev.durable.testing.DurableFixture.SOON;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.durable.Durable;
import dev.durable.DurableException;
import dev.durable.execution.ExecutionHandle;
import dev.durable.execution.ResultTimeoutException;
import dev.durable.testing.DatabaseExtension;
import dev.durable.testing.Gate;
import dev.durable.testing.Proves;
import dev.durable.testing.TestDatabase;
import dev.durable.wait.Event;
import dev.durable.workflow.Workflow;
import java.lang.reflect.Field;
import java.time.Duration;
import java.util.Collection;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

@Proves("F2.8")
@DisplayName("Callbacks of callers hold up nothing of the engine")
@ExtendWith(DatabaseExtension.class)
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class FuturesTest {

  private static final Workflow<String, String> GREET =
      Workflow.define("greet", String.class).step("hello", name -> "Hello " + name).build();

  private final TestDatabase db;

  FuturesTest(TestDatabase db) {
    this.db = db;
  }

  @Test
  @DisplayName("A callback that waits holds up no other waiter, and not close()")
  void aCallbackThatWaitsHoldsUpNobody() throws Exception {
    Gate gate = new Gate();
    try (Durable worker = db.start(GREET)) {
      try (Durable client = Durable.on(db.dataSource()).register(GREET).build()) {
        CompletableFuture<String> slow =
            client
                .start(GREET, "Ada")
                .future()
                .thenApply(
                    text -> {
                      gate.passUninterrupted();
                      return text;
                    });
        gate.awaitReached();
        assertThat(client.start(GREET, "Alan").result(SOON)).isEqualTo("Hello Alan");
        assertThat(client.start(GREET, "Alan").future().get(20, TimeUnit.SECONDS))
            .isEqualTo("Hello Alan");
        client.close();
        gate.open();
        assertThat(slow.get(20, TimeUnit.SECONDS)).isEqualTo("Hello Ada");
      }
    }
  }

  @Test
  @DisplayName("A waiting callback on the closing of a client holds up nothing")
  void aCallbackOfClosingThatWaitsHoldsUpNothing() throws Exception {
    Gate gate = new Gate();
    Durable client = Durable.on(db.dataSource()).register(GREET).build();
    db.createDefaultQueue();
    CompletableFuture<String> never =
        client
            .start(GREET, "Ada", with -> with.delay(Duration.ofHours(1)))
            .future()
            .exceptionally(
                closed -> {
                  gate.passUninterrupted();
                  return "closed";
                });
    client.close();
    gate.open();
    assertThat(never.get(20, TimeUnit.SECONDS)).isEqualTo("closed");
  }

  @Test
  @DisplayName("A wait for a result that is interrupted says so, and not that time is up")
  void anInterruptedWait() {
    Gate gate = new Gate();
    Workflow<String, String> gated =
        Workflow.define("gated", String.class).step("gate", gate::hold).build();
    try (Durable worker = db.start(gated)) {
      ExecutionHandle<String> handle = worker.start(gated, "x");
      Thread.currentThread().interrupt();
      assertThatThrownBy(() -> handle.result(SOON))
          .isInstanceOf(DurableException.class)
          .isNotInstanceOf(ResultTimeoutException.class)
          .hasMessageContaining("Interrupted while waiting")
          .hasMessageContaining(handle.id().toString());
      assertThat(Thread.interrupted()).isTrue();
      gate.open();
      assertThat(handle.result(SOON)).isEqualTo("x");
    }
  }

  @Test
  @DisplayName("A result that did not come in time leaves nothing behind")
  void aTimedOutResultLeavesNothingBehind() throws Exception {
    Gate gate = new Gate();
    Workflow<String, String> gated =
        Workflow.define("gated", String.class).step("gate", gate::hold).build();
    try (Durable worker = db.start(gated)) {
      ExecutionHandle<String> handle = worker.start(gated, "x");
      gate.awaitReached();
      for (int i = 0; i < 200; i++) {
        assertThatThrownBy(() -> handle.result(Duration.ofNanos(1)))
            .isInstanceOf(ResultTimeoutException.class);
      }
      assertThat(dependents(handle)).isLessThan(5);
      gate.open();
      assertThat(handle.result(SOON)).isEqualTo("x");
    }
  }

  /** How many wait for the end of the stay, and in the handle. */
  private static int dependents(ExecutionHandle<?> handle) throws ReflectiveOperationException {
    int waiting = 0;
    for (Field field : handle.getClass().getDeclaredFields()) {
      field.setAccessible(true);
      Object value = field.get(handle);
      if (value instanceof CompletableFuture<?> local) {
        waiting += local.getNumberOfDependents();
      } else if (value instanceof Collection<?> collection) {
        waiting += collection.size();
      }
    }
    return waiting;
  }

  /** A payload with an accessor that throws. */
  public record Bad(String text) {
    /** Throws. */
    @Override
    public String text() {
      throw new AssertionError("of a test");
    }
  }

  @Test
  @DisplayName("An Error of a payload's accessor leaves no start behind")
  void anErrorOfAnAccessorLeavesNoStart() {
    Event<Bad> event = Event.of("bad", Bad.class);
    try (Durable worker = db.start(GREET)) {
      long before = db.number("select count(*) from durable.workflow_executions");
      assertThatThrownBy(() -> worker.startAndSend(GREET, "Ada", event, new Bad("x")))
          .isInstanceOf(Throwable.class);
      assertThat(db.number("select count(*) from durable.workflow_executions")).isEqualTo(before);
    }
  }
}
