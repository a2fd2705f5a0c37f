package dev.durable.plans;

import static org.assertj.core.api.Assertions.assertThat;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import dev.durable.Durable;
import dev.durable.execution.ExecutionHandle;
import dev.durable.execution.ExecutionStatus;
import dev.durable.question.Question;
import dev.durable.testing.Gate;
import dev.durable.testing.TestDatabase;
import dev.durable.wait.Event;
import dev.durable.workflow.Workflow;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.postgresql.ds.PGSimpleDataSource;

/**
 * Statements that are sent together are one transaction only as long as the driver sends nothing
 * between them. pgjdbc sends a Sync before a statement of whose result it knows that a row may be
 * of any length; it knows that once the statement has been described.
 */
class PipelineTest {

  private static final Duration PATIENCE = Duration.ofSeconds(20);
  private static final Event<String> GO = Event.of("go", String.class);

  private final Workflow<String, String> child =
      Workflow.define("child", String.class).step("own", s -> s).build();

  private final Workflow<String, String> flow =
      Workflow.define("flow", String.class)
          .await(
              "go",
              GO,
              (data, got) -> data,
              w -> w.timeout(Duration.ofMinutes(1)).onCancel(data -> data))
          .ask("ok", data -> Question.text("OK?"), (data, answer) -> data + answer)
          .call("child", child, data -> data, (data, result) -> result)
          .sleep("nap", Duration.ofMillis(1))
          .step("done", s -> s)
          .build();

  private final Workflow<String, String> failing =
      Workflow.define("failing", String.class)
          .step(
              "fails",
              s -> {
                throw new IllegalStateException(s);
              })
          .build();

  @ParameterizedTest
  @ValueSource(strings = {"prepareThreshold=5", "prepareThreshold=1", "stringtype=unspecified"})
  @DisplayName("Statements sent together form one transaction, also once the driver prepares them")
  void oneTransaction(String parameters) {
    Spy spy = new Spy();
    try (TestDatabase database = TestDatabase.migrated();
        HikariDataSource pool = pool(database, parameters);
        Durable durable =
            Durable.on(pool).register(flow).register(child).register(failing).startWorker()) {
      spy.listen();
      for (int i = 0; i < 12; i++) {
        finish(durable);
        interfere(durable);
      }
      assertThat(database.violations()).isEmpty();
    } finally {
      spy.close();
    }
    assertThat(spy.syncs).as("what the driver logs").hasPositiveValue();
    if (!parameters.contains("unspecified")) {
      // There the driver asks for types, and waits in between; it is one transaction all the same.
      assertThat(spy.cuts).isEmpty();
    }
  }

  private void finish(Durable durable) {
    ExecutionHandle<String> handle = durable.start(flow, "x");
    Gate.until(() -> !durable.waits(handle.id()).isEmpty());
    durable.send(handle.id(), GO, "go");
    Gate.until(() -> !durable.questions().open(handle.id()).isEmpty());
    durable.questions().answer(handle.id(), "ok", "!", "somebody");
    assertThat(handle.result(PATIENCE)).isEqualTo("x!");
  }

  private void interfere(Durable durable) {
    ExecutionHandle<String> handle = durable.start(flow, "y");
    Gate.until(() -> !durable.waits(handle.id()).isEmpty());
    durable.cancelWait(handle.id(), "go/go");
    Gate.until(() -> !durable.questions().open(handle.id()).isEmpty());
    durable.cancel(handle.id());
    assertThat(durable.waits(handle.id())).isEmpty();
    ExecutionHandle<String> broken = durable.start(failing, "z");
    for (int i = 0; i < 2; i++) {
      Gate.until(() -> broken.status() == ExecutionStatus.FAILED);
      durable.retry(broken.id());
    }
  }

  private static HikariDataSource pool(TestDatabase database, String parameters) {
    PGSimpleDataSource source = new PGSimpleDataSource();
    source.setUrl(database.url() + (database.url().contains("?") ? "&" : "?") + parameters);
    source.setUser(database.user());
    source.setPassword(database.password());
    HikariConfig config = new HikariConfig();
    config.setDataSource(source);
    config.setMaximumPoolSize(6);
    return new HikariDataSource(config);
  }

  /** Hears what the driver does; it logs on the thread that does it. */
  private static final class Spy extends Handler {

    private static final Logger DRIVER = Logger.getLogger("org.postgresql.core.v3");
    private final AtomicInteger syncs = new AtomicInteger();
    private final List<String> cuts = new CopyOnWriteArrayList<>();

    void listen() {
      DRIVER.setLevel(Level.FINEST);
      DRIVER.setUseParentHandlers(false);
      DRIVER.addHandler(this);
    }

    @Override
    public void publish(LogRecord record) {
      String message = record.getMessage();
      if (message.contains("FE=> Sync")) {
        syncs.incrementAndGet();
      }
      if (message.contains("Forcing Sync")) {
        String who = ours();
        // Reading twice needs no transaction.
        if (!who.contains("HistoryStore")) {
          cuts.add(who);
        }
      }
    }

    private static String ours() {
      return StackWalker.getInstance()
          .walk(
              frames ->
                  frames
                      .map(Object::toString)
                      .filter(frame -> frame.contains("Store."))
                      .findFirst()
                      .orElse("?"));
    }

    @Override
    public void flush() {}

    @Override
    public void close() {
      DRIVER.removeHandler(this);
      DRIVER.setLevel(null);
      DRIVER.setUseParentHandlers(true);
    }
  }
}
