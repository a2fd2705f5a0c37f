package dev.durable.hints;

import static dev.durable.testing.DurableFixture.SOON;
import static dev.durable.testing.DurableFixture.untilItAwaitsAnEvent;
import static org.assertj.core.api.Assertions.assertThat;

import dev.durable.Durable;
import dev.durable.execution.ExecutionHandle;
import dev.durable.execution.ExecutionStatus;
import dev.durable.internal.store.journal.Hint;
import dev.durable.testing.DatabaseExtension;
import dev.durable.testing.Gate;
import dev.durable.testing.Proves;
import dev.durable.testing.Proxies;
import dev.durable.testing.TestDatabase;
import dev.durable.wait.Delivery;
import dev.durable.wait.Event;
import dev.durable.workflow.Workflow;
import java.lang.reflect.Method;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import javax.sql.DataSource;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.postgresql.util.PSQLException;
import org.postgresql.util.PSQLState;
import org.postgresql.util.ServerErrorMessage;

/** Hints are an optimisation: they come soon, and nothing depends on them. */
@ExtendWith(DatabaseExtension.class)
class HintsTest {

  private static final Duration NEVER = Duration.ofMinutes(30);
  private static final Event<String> GO = Event.of("go", String.class);

  private final TestDatabase db;
  private final Workflow<String, String> greet =
      Workflow.define("greet", String.class).step("hello", name -> "Hello " + name).build();
  private final Workflow<String, String> waits =
      Workflow.define("waits", String.class)
          .await("go", GO, (text, go) -> text)
          .step("end", text -> text)
          .build();

  HintsTest(TestDatabase db) {
    this.db = db;
  }

  @Test
  @Proves("F4.1")
  @DisplayName("Everything works while the server refuses notifications")
  void refused() {
    AtomicInteger refused = new AtomicInteger();
    DataSource full =
        notifying(
            db.dataSource(),
            () -> {
              refused.incrementAndGet();
              throw new PSQLException(
                  new ServerErrorMessage(
                      "SERROR\0C54000\0Mtoo many notifications in the NOTIFY queue\0"));
            });
    everything(full);
    assertThat(refused).as("notifications that were refused").hasPositiveValue();
  }

  @Test
  @Proves("F4.1")
  @DisplayName("Nothing waits for a notification that hangs")
  void hangs() {
    CountDownLatch released = new CountDownLatch(1);
    AtomicInteger hanging = new AtomicInteger();
    AtomicInteger waitedFor = new AtomicInteger();
    everything(
        notifying(
            db.dataSource(),
            () -> {
              hanging.incrementAndGet();
              try {
                if (!released.await(SOON.toSeconds(), TimeUnit.SECONDS)) {
                  waitedFor.incrementAndGet();
                }
              } catch (InterruptedException stop) {
                throw new PSQLException("interrupted", PSQLState.CONNECTION_FAILURE);
              }
            }));
    assertThat(hanging).as("notifications that were sent").hasPositiveValue();
    assertThat(waitedFor).as("notifications that were waited for").hasValue(0);
    released.countDown();
  }

  /** Starts, sends, answers, cancels and retries, and ends in good order. */
  private void everything(DataSource dataSource) {
    try (Durable durable =
        Durable.on(dataSource)
            .worker(w -> w.pollInterval(Duration.ofMillis(200)))
            .register(greet, waits)
            .startWorker()) {
      assertThat(durable.start(greet, "Ada").result(SOON)).isEqualTo("Hello Ada");
      ExecutionHandle<String> waiting = durable.start(waits, "x");
      untilItAwaitsAnEvent(durable, waiting.id());
      assertThat(durable.send(waiting.id(), GO, "now")).isEqualTo(Delivery.DELIVERED);
      assertThat(waiting.result(SOON)).isEqualTo("x");
      ExecutionHandle<String> cancelled = durable.start(waits, "y");
      untilItAwaitsAnEvent(durable, cancelled.id());
      durable.cancel(cancelled.id(), "no more");
      assertThat(cancelled.status()).isEqualTo(ExecutionStatus.CANCELLED);
    }
  }

  @Test
  @Proves("F4.2")
  @DisplayName("A client that does not listen still notifies workers")
  void clientWithoutNotificationsTells() throws Exception {
    // Makes the queue known.
    db.start(greet).close();
    try (Heard heard = new Heard(db);
        Durable client =
            Durable.on(db.dataSource())
                .worker(w -> w.notifications(false))
                .register(greet)
                .build()) {
      ExecutionHandle<String> handle = client.start(greet, "Ada");
      Gate.until(() -> heard.hears("qdefault"));
      client.cancel(handle.id(), "no worker");
    }
  }

  @Test
  @Proves("F4.3")
  @DisplayName("The listener survives anything that others send on the channel")
  void foreignPayloads() throws Exception {
    try (Heard heard = new Heard(db);
        Durable worker =
            Durable.on(db.dataSource())
                .worker(w -> w.pollInterval(NEVER))
                .register(greet)
                .startWorker();
        Durable client = Durable.on(db.dataSource()).register(greet).build()) {
      assertThat(worker.start(greet, "once").result(SOON)).isEqualTo("Hello once");
      Gate.until(() -> !listening().isEmpty());
      List<String> before = listening();
      for (String payload :
          List.of(
              "",
              "c",
              "e",
              "q",
              "x",
              "cx",
              "enot-a-uuid",
              "c:",
              "c1:2",
              "é😀",
              "null",
              "c" + UUID.randomUUID(),
              "c" + UUID.randomUUID() + ":",
              "qno such queue",
              "c" + UUID.randomUUID() + ":99999999999999999999")) {
        Heard.tell(db, payload);
      }
      assertThat(client.start(greet, "Ada").result(SOON)).isEqualTo("Hello Ada");
      assertThat(heard.now()).isNotEmpty();
      assertThat(listening()).as("listens since the same time").isEqualTo(before);
    }
  }

  private List<String> listening() {
    return db.rows(
        "select pid, query_start from pg_stat_activity"
            + " where datname = current_database() and query like 'listen%' and query like '%durable%'"
            + " and application_name not like 'psql' order by pid");
  }

  @Test
  @Proves("F4.3")
  @DisplayName("An event sent twice is notified once, and every hint can be read")
  void duplicates() throws Exception {
    Gate gate = new Gate();
    Workflow<String, String> busy =
        Workflow.define("busy", String.class).step("hold", gate::hold).build();
    try (Heard heard = new Heard(db);
        Durable durable = db.start(busy)) {
      ExecutionHandle<String> handle = durable.start(busy, "x");
      gate.awaitReached();
      durable.send(handle.id(), GO, "1", with -> with.idempotencyKey("k"));
      Gate.until(() -> heard.hears("e" + handle.id()));
      assertThat(durable.send(handle.id(), GO, "1", with -> with.idempotencyKey("k")))
          .isEqualTo(Delivery.DUPLICATE);
      durable.cancel(handle.id(), "enough");
      Gate.until(() -> heard.hears("c" + handle.id() + ":1"));
      assertThat(heard.now())
          .contains("e" + handle.id())
          .doesNotHaveDuplicates()
          .allSatisfy(payload -> assertThat(Hint.of(payload)).as(payload).isNotNull());
    } finally {
      gate.open();
    }
  }

  @Test
  @Proves("F4.1")
  @DisplayName("A caller's transaction notifies when it commits, and a quiet one never")
  void inTheCallersTransaction() throws Exception {
    try (Heard heard = new Heard(db);
        Durable client = Durable.on(db.dataSource()).register(greet, waits).build();
        Connection connection = db.newConnection()) {
      connection.setAutoCommit(false);
      client.using(connection).start(greet, "rolled back");
      assertThat(heard.now()).isEmpty();
      connection.rollback();
      assertThat(heard.now()).isEmpty();
      UUID quiet = client.using(connection).quietly().start(waits, "quiet").id();
      client.using(connection).quietly().send(quiet, GO, "now");
      client.using(connection).quietly().cancel(quiet, "again");
      connection.commit();
      assertThat(heard.now()).isEmpty();
      UUID loud = client.using(connection).start(greet, "loud").id();
      assertThat(heard.now()).isEmpty();
      connection.commit();
      assertThat(heard.now()).containsExactly("qdefault");
      client.cancel(loud, "done");
    }
  }

  private interface Notifying {
    void happens() throws SQLException;
  }

  /** Runs code before each statement that notifies. */
  private static DataSource notifying(DataSource pool, Notifying what) {
    return Proxies.of(
        DataSource.class,
        (method, arguments) -> {
          Object result = Proxies.call(pool, method, arguments);
          return result instanceof Connection connection ? noticing(connection, what) : result;
        });
  }

  private static Connection noticing(Connection connection, Notifying what) {
    return Proxies.of(
        Connection.class, (method, arguments) -> call(connection, method, arguments, what));
  }

  private static Object call(
      Connection connection, Method method, Object[] arguments, Notifying what) throws Throwable {
    if (method.getName().equals("prepareStatement")
        && ((String) arguments[0]).contains("pg_notify")) {
      what.happens();
    }
    return Proxies.call(connection, method, arguments);
  }
}
