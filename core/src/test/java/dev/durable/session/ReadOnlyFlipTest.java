package dev.durable.session;

import static java.time.Duration.ofMillis;
import static java.time.Duration.ofSeconds;
import static org.assertj.core.api.Assertions.assertThat;

import dev.durable.Durable;
import dev.durable.embedded.EmbeddedPostgres;
import dev.durable.execution.ExecutionHandle;
import dev.durable.testing.Gate;
import dev.durable.testing.Proves;
import dev.durable.testing.TestDatabase;
import dev.durable.wait.Event;
import dev.durable.workflow.Workflow;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.postgresql.ds.PGSimpleDataSource;

/**
 * For a while the database's name leads to a server that is in recovery, as after a switch of
 * roles: sessions of then stay alive, and are of no use for as long as they live.
 */
@Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class ReadOnlyFlipTest {

  private static final String NAME = "flipped";
  private static final int EXECUTIONS = 20;
  private static final Event<String> GO = Event.of("go", String.class);

  private final Workflow<String, String> flow =
      Workflow.define("flow", String.class)
          .step("one", text -> text + "1")
          .await("go", GO, (text, go) -> text + go)
          .transaction("two", (text, tx) -> text + "2")
          .step("three", text -> text + "3")
          .build();

  @TempDir private Path folder;

  @ParameterizedTest
  @EnumSource
  @Proves("F1.6")
  @DisplayName("A worker whose sessions have become read-only recovers by itself")
  void recoversFromReadOnlySessions(Pool kind) throws Exception {
    try (EmbeddedPostgres primary = server("primary");
        TestDatabase db = TestDatabase.migratedOn(primary);
        EmbeddedPostgres standby = copy(primary)) {
      Switch route = new Switch(db.url(), standby.jdbcUrl(databaseOf(db)), db);
      try (Pool.Open pool = kind.open(route, Pool.Defaults.NONE);
          Durable client = Durable.on(db.dataSource()).register(flow).build();
          Durable worker =
              Durable.on(pool.dataSource())
                  .register(flow)
                  .worker(
                      w ->
                          w.lease(ofSeconds(3))
                              .heartbeat(ofMillis(500))
                              .pollInterval(ofMillis(500)))
                  .startWorker()) {
        List<ExecutionHandle<String>> handles =
            client.startAll(
                flow,
                IntStream.range(0, EXECUTIONS).mapToObj(i -> "" + i).toList(),
                (input, with) -> {});
        Gate.until(() -> waiting(db) == EXECUTIONS);

        route.toStandby = true;
        // One that was being opened when the name changed is noticed only later.
        Gate.until(() -> endedSessions(db) == 0 && route.opened > 0);
        handles.forEach(handle -> client.send(handle.id(), GO, "g"));
        // The worker has tried to write there for a while.
        Gate.until(() -> endedSessions(db) == 0 && !isAlive(db));
        route.toStandby = false;

        for (int i = 0; i < EXECUTIONS; i++) {
          assertThat(handles.get(i).result(ofSeconds(30))).isEqualTo(i + "1g23");
        }
        Gate.until(() -> isAlive(db));
        ExecutionHandle<String> fresh = worker.start(flow, "new");
        client.send(fresh.id(), GO, "g");
        assertThat(fresh.result(ofSeconds(30))).isEqualTo("new1g23");
        assertThat(db.violations()).isEmpty();
        assertThat(
                db.number("select count(*) from durable.step_executions where status = 'failed'"))
            .as("attempts that the flip has cost")
            .isZero();
      }
    }
  }

  private static long waiting(TestDatabase db) {
    return db.number(
        "select count(*) from durable.workflow_executions where status = 'waiting'"
            + " and locked_by is null");
  }

  private static long endedSessions(TestDatabase db) {
    return db.number(
        "select count(*) filter (where pg_terminate_backend(pid)) from pg_stat_activity"
            + " where application_name = '"
            + NAME
            + "'");
  }

  private static boolean isAlive(TestDatabase db) {
    return db.number(
            "select count(*) from durable.workers"
                + " where dead_at is null and heartbeat_at > now() - interval '2 seconds'")
        > 0;
  }

  private EmbeddedPostgres server(String name) {
    return EmbeddedPostgres.builder().dataDir(folder.resolve(name)).durable(false).start();
  }

  /** A copy of its data that waits for what the first one will write, which never comes. */
  private EmbeddedPostgres copy(EmbeddedPostgres primary) throws IOException, InterruptedException {
    primary.stop();
    Path to = folder.resolve("standby");
    int copied =
        new ProcessBuilder("cp", "-a", primary.dataDir().toString(), to.toString())
            .inheritIO()
            .start()
            .waitFor();
    assertThat(copied).isZero();
    Files.deleteIfExists(to.resolve("owner"));
    Files.deleteIfExists(to.resolve("lock"));
    Files.createFile(to.resolve("pg").resolve("standby.signal"));
    primary.restart();
    return server("standby");
  }

  private static String databaseOf(TestDatabase db) {
    return db.url().substring(db.url().lastIndexOf('/') + 1);
  }

  /** Where the database's name leads to. */
  private static final class Switch extends PGSimpleDataSource {

    private static final long serialVersionUID = 1L;

    private final String primary;
    private final String standby;
    private volatile boolean toStandby;
    private volatile int opened;

    Switch(String primary, String standby, TestDatabase db) {
      this.primary = primary;
      this.standby = standby;
      setUser(db.user());
      setPassword(db.password());
    }

    @Override
    public Connection getConnection() throws SQLException {
      PGSimpleDataSource target = new PGSimpleDataSource();
      target.setUrl(toStandby ? standby : primary);
      target.setUser(getUser());
      target.setPassword(getPassword());
      target.setApplicationName(NAME);
      boolean there = toStandby;
      Connection connection = target.getConnection();
      opened = there ? 1 : opened;
      return connection;
    }
  }
}
