package dev.durable.acceptance;

import static dev.durable.testing.DurableFixture.SOON;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.durable.DatabaseUnavailableException;
import dev.durable.Durable;
import dev.durable.DurableException;
import dev.durable.execution.ExecutionHandle;
import dev.durable.testing.DatabaseExtension;
import dev.durable.testing.Gate;
import dev.durable.testing.Proves;
import dev.durable.testing.Proxies;
import dev.durable.testing.TestDatabase;
import dev.durable.workflow.Workflow;
import java.sql.SQLException;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;
import java.util.stream.Stream;
import javax.sql.DataSource;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

@ExtendWith(DatabaseExtension.class)
@Proves("G2")
@DisplayName("A start while the database is away")
class StartInOutageTest {

  private static final Workflow<String, String> ECHO =
      Workflow.define("echo", String.class).step("say", text -> text).build();

  private final TestDatabase db;
  private final AtomicBoolean away = new AtomicBoolean();
  private final AtomicInteger refused = new AtomicInteger();
  private Durable worker;
  private Durable client;

  StartInOutageTest(TestDatabase db) {
    this.db = db;
  }

  @BeforeEach
  void open() {
    worker =
        Durable.on(db.dataSource())
            .register(ECHO)
            .worker(w -> w.queue("other", q -> {}))
            .startWorker();
    client = Durable.on(leaving()).build();
    away.set(true);
  }

  @AfterEach
  void close() {
    client.close();
    worker.close();
  }

  private DataSource leaving() {
    return Proxies.of(
        DataSource.class,
        (method, arguments) -> {
          if (away.get() && method.getName().equals("getConnection")) {
            refused.incrementAndGet();
            throw new SQLException("The server is away.", "08001");
          }
          return Proxies.call(db.dataSource(), method, arguments);
        });
  }

  static Stream<Named<Function<Durable, ExecutionHandle<?>>>> starts() {
    return Stream.of(
        Named.of("by name", d -> d.start("echo", "\"x\"", with -> {})),
        Named.of("of a workflow that is not registered here", d -> d.start(ECHO, "x")),
        Named.of("in a queue", d -> d.start("echo", "\"x\"", with -> with.queue("other"))),
        Named.of("with a limit key", d -> d.start(ECHO, "x", with -> with.limitKey("k"))),
        Named.of("of many", d -> d.startAll(ECHO, List.of("x"), (input, with) -> {}).getFirst()));
  }

  @ParameterizedTest
  @MethodSource("starts")
  @DisplayName("waits for it, whatever it has to look up first")
  void waits(Function<Durable, ExecutionHandle<?>> start) {
    CompletableFuture<ExecutionHandle<?>> started =
        CompletableFuture.supplyAsync(() -> start.apply(client));
    Gate.until(() -> refused.get() >= 3);
    assertThat(started).isNotDone();
    away.set(false);
    assertThat((Object) started.orTimeout(SOON.toSeconds(), TimeUnit.SECONDS).join().result(SOON))
        .isIn("x", "\"x\"");
  }

  @Test
  @DisplayName("ends with an interrupt, which its thread keeps")
  void interrupted() throws InterruptedException {
    AtomicReference<Throwable> failure = new AtomicReference<>();
    AtomicBoolean kept = new AtomicBoolean();
    Thread starting =
        Thread.ofVirtual()
            .start(
                () -> {
                  try {
                    client.start("echo", "\"x\"", with -> {});
                  } catch (RuntimeException thrown) {
                    failure.set(thrown);
                    kept.set(Thread.currentThread().isInterrupted());
                  }
                });
    Gate.until(() -> refused.get() >= 2);
    starting.interrupt();
    starting.join(SOON);
    assertThat(failure.get())
        .isInstanceOf(DurableException.class)
        .hasMessageContaining("nothing has been started");
    assertThat(kept).isTrue();
    assertThat(
            db.number(
                "select count(*) from durable.workflow_executions where workflow_name = 'echo' and status <> 'completed'"))
        .isZero();
  }

  @Test
  @DisplayName("ends with the close of its instance")
  void closed() {
    CompletableFuture<ExecutionHandle<?>> started =
        CompletableFuture.supplyAsync(() -> client.start("echo", "\"x\"", with -> {}));
    Gate.until(() -> refused.get() >= 2);
    client.close();
    assertThatThrownBy(() -> started.orTimeout(SOON.toSeconds(), TimeUnit.SECONDS).join())
        .hasRootCauseInstanceOf(IllegalStateException.class)
        .hasMessageContaining("is closed");
  }

  @Test
  @DisplayName("does not wait in the transaction of a caller")
  void inTransaction() throws SQLException {
    try (var connection = db.newConnection()) {
      connection.setAutoCommit(false);
      assertThatThrownBy(() -> client.using(connection).start("echo", "\"x\"", with -> {}))
          .isInstanceOf(DatabaseUnavailableException.class);
      assertThat(refused).hasValue(1);
    }
  }
}
