package dev.durable.torture;

import static dev.durable.testing.DurableFixture.EVENTUALLY;
import static org.assertj.core.api.Assertions.assertThat;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import dev.durable.Durable;
import dev.durable.embedded.EmbeddedPostgres;
import dev.durable.execution.ExecutionHandle;
import dev.durable.execution.ExecutionStatus;
import dev.durable.retry.RetryPolicy;
import dev.durable.testing.Gate;
import dev.durable.testing.Proves;
import dev.durable.testing.TestDatabase;
import dev.durable.workflow.AttemptContext;
import dev.durable.workflow.Workflow;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * A server that stops, throws sessions out, or refuses for a while, and a pool that somebody else
 * has emptied: in the middle of the work. Afterwards it goes on by itself.
 */
@Tag("newest")
class ServerTest {

  private static final int MANY = 60;
  private static final int REFUSALS = 5;
  private static final int POOL_SIZE = 10;

  private static EmbeddedPostgres server;
  private static TestDatabase db;

  private final Queue<String> bodies = new ConcurrentLinkedQueue<>();
  private final Queue<String> repeated = new ConcurrentLinkedQueue<>();
  private final Gate gate = new Gate();
  private HikariDataSource pool;

  private final Workflow<String, String> work =
      Workflow.define("work", String.class)
          .step("before", (text, step) -> ran(step))
          .step(
              "held",
              (text, step) -> {
                gate.pass();
                return ran(step);
              })
          .transaction(
              "book",
              (text, tx) -> {
                book(tx.connection(), tx.execution().id().toString());
                return ran(tx);
              },
              with -> with.retry(RetryPolicy.constant(Duration.ofMillis(100)).maxAttempts(1_000)))
          .step("after", (text, step) -> ran(step))
          .build();

  @BeforeAll
  static void startServer() {
    server =
        EmbeddedPostgres.builder()
            .durable(false)
            // What a crash of the server needs; the machine stays.
            .setting("synchronous_commit", "on")
            .setting("full_page_writes", "on")
            .startTemporary();
    db = TestDatabase.migratedOn(server);
    db.script(
        "create table booked (item text);"
            + " create role victim login superuser password 'victim'");
  }

  @AfterAll
  static void stopServer() {
    db.close();
    server.close();
  }

  @BeforeEach
  void openPool() {
    db.script("truncate booked, durable.workflow_executions, durable.step_executions cascade");
    HikariConfig config = new HikariConfig();
    config.setJdbcUrl(db.url());
    config.setUsername("victim");
    config.setPassword("victim");
    config.setMaximumPoolSize(POOL_SIZE);
    config.setMinimumIdle(0);
    pool = new HikariDataSource(config);
  }

  @AfterEach
  void theInvariantsHold() {
    pool.close();
    db.script("alter role victim reset all");
    assertThat(db.violations()).as("violated invariants").isEmpty();
  }

  /** What happens to the work; it is over when {@link #happen} returns. */
  enum Trouble {
    A_FAST_RESTART {
      @Override
      void happen(ServerTest test) {
        test.gate.open();
        server.restart();
      }
    },
    AN_IMMEDIATE_RESTART {
      @Override
      void happen(ServerTest test) throws Exception {
        test.gate.open();
        crash();
      }
    },
    TERMINATED_BACKENDS {
      @Override
      void happen(ServerTest test) {
        test.gate.open();
        for (int i = 0; i < 15; i++) {
          long done = committed();
          terminate("random() < 0.5");
          Gate.until(() -> committed() > done || unfinished() == 0);
        }
      }
    },
    A_STATEMENT_TIMEOUT {
      @Override
      void happen(ServerTest test) {
        test.refuses("statement_timeout = '1ms'");
      }
    },
    READ_ONLY_SESSIONS {
      @Override
      void happen(ServerTest test) {
        // The engine's own transactions say what they are; those of the bodies as well.
        db.script("alter role victim set default_transaction_read_only = on");
        terminate("true");
        test.gate.open();
        Gate.until(() -> unfinished() == 0);
        db.script("alter role victim reset all");
      }
    },
    A_LOCK_TIMEOUT {
      @Override
      void happen(ServerTest test) throws Exception {
        try (Connection application = db.newConnection()) {
          lockAll(application);
          test.refuses("lock_timeout = '1ms'");
        }
      }
    },
    AN_EMPTY_POOL {
      @Override
      void happen(ServerTest test) throws Exception {
        List<Connection> taken = test.takeAllConnections();
        test.gate.open();
        Gate.until(() -> test.count("held") == MANY);
        for (Connection connection : taken) {
          connection.close();
        }
      }
    };

    abstract void happen(ServerTest test) throws Exception;
  }

  @ParameterizedTest
  @EnumSource
  @Proves({"B-42", "G3", "G5", "G12"})
  @DisplayName("Work continues after trouble of the server; nothing is lost or done twice")
  void workGoesOn(Trouble trouble) throws Exception {
    try (Durable durable = worker()) {
      List<String> inputs = IntStream.range(0, MANY).mapToObj(i -> "w" + i).toList();
      List<ExecutionHandle<String>> handles = durable.startAll(work, inputs, (input, with) -> {});
      Gate.until(() -> count("before") == MANY);

      trouble.happen(this);

      for (ExecutionHandle<String> handle : handles) {
        assertThat(handle.result(EVENTUALLY)).isEqualTo("after");
      }
      assertThat(durable.start(work, "later").result(EVENTUALLY)).isEqualTo("after");
      assertThat(durable.countByStatus(q -> {}))
          .isEqualTo(Map.of(ExecutionStatus.COMPLETED, MANY + 1L));
    }
    assertThat(repeated).as("bodies that ran after their result was committed").isEmpty();
    assertThat(db.rows("select item from booked")).doesNotHaveDuplicates().hasSize(MANY + 1);
  }

  private Durable worker() {
    return Durable.on(pool)
        .worker(
            w ->
                w.name("worker")
                    .lease(Duration.ofSeconds(3))
                    .heartbeat(Duration.ofMillis(500))
                    .pollInterval(Duration.ofMillis(200)))
        .register(work)
        .startWorker();
  }

  /** All sessions of the worker have this setting, until the server has refused some statements. */
  private void refuses(String setting) {
    db.script("alter role victim set " + setting);
    terminate("true");
    long before = refusals();
    gate.open();
    Gate.until(() -> refusals() >= before + REFUSALS || unfinished() == 0);
    db.script("alter role victim reset all");
    terminate("true");
  }

  private List<Connection> takeAllConnections() throws SQLException {
    List<Connection> taken = new ArrayList<>();
    while (pool.getHikariPoolMXBean().getActiveConnections() < POOL_SIZE) {
      taken.add(pool.getConnection());
    }
    return taken;
  }

  private static void terminate(String which) {
    db.rows(
        "select pg_terminate_backend(pid) from pg_stat_activity where usename = 'victim' and "
            + which);
  }

  /** As {@code pg_ctl stop -m immediate} does: nothing is written down, nobody is told. */
  private static void crash() throws Exception {
    ProcessHandle postmaster = ProcessHandle.of(server.processId()).orElseThrow();
    new ProcessBuilder("kill", "-QUIT", Long.toString(postmaster.pid())).start().waitFor();
    postmaster.onExit().get();
    server.restart();
  }

  /** As an open transaction of the application does. */
  private static void lockAll(Connection application) throws SQLException {
    application.setAutoCommit(false);
    try (Statement lock = application.createStatement()) {
      lock.execute("select id from durable.workflow_executions order by id for no key update");
    }
  }

  private static void book(Connection connection, String item) throws SQLException {
    try (PreparedStatement insert = connection.prepareStatement("insert into booked values (?)")) {
      insert.setString(1, item);
      insert.executeUpdate();
    }
  }

  private long count(String step) {
    return bodies.stream().filter(step::equals).count();
  }

  private static long refusals() {
    return db.number(
        "select xact_rollback from pg_stat_database where datname = current_database()");
  }

  private static long unfinished() {
    return db.number(
        "select count(*) from durable.workflow_executions where status <> 'completed'");
  }

  private static long committed() {
    return db.number("select count(*) from durable.step_executions where status = 'completed'");
  }

  /** Notes that a body runs, and whether it should not: the truth is in the database. */
  private String ran(AttemptContext<String> step) {
    bodies.add(step.path());
    if (isCommitted(step)) {
      repeated.add(step.path() + " " + step.input());
    }
    return step.path();
  }

  private static boolean isCommitted(AttemptContext<String> step) {
    while (!Thread.currentThread().isInterrupted()) {
      try {
        return db.number(
                "select count(*) from durable.step_executions"
                    + " where workflow_id = ? and path = ? and status = 'completed'",
                step.execution().id(),
                step.path())
            > 0;
      } catch (IllegalStateException serverIsAway) {
        // It comes back.
      }
    }
    return false;
  }
}
