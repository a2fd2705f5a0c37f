package dev.durable.torture;

import static dev.durable.testing.DurableFixture.untilItAwaitsAnEvent;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import dev.durable.Durable;
import dev.durable.execution.ExecutionHandle;
import dev.durable.testing.DatabaseExtension;
import dev.durable.testing.Gate;
import dev.durable.testing.TestDatabase;
import dev.durable.wait.Event;
import dev.durable.workflow.Workflow;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.stream.IntStream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/**
 * PgBouncer in transaction mode, when it is installed (Debian: {@code apt install pgbouncer}) or
 * named by {@code -Ddurable.test.pgbouncer}.
 */
@Tag("newest")
@ExtendWith(DatabaseExtension.class)
class PoolerTest {

  private static final Path PGBOUNCER =
      Path.of(System.getProperty("durable.test.pgbouncer", "/usr/sbin/pgbouncer"));

  private static final int SESSIONS = 6;
  private static final Event<String> GO = Event.of("go", String.class);

  private final TestDatabase db;
  private final Workflow<String, String> flow =
      Workflow.define("pooled", String.class)
          .step("one", text -> text + "1")
          .step("two", text -> text + "2")
          .await("go", GO, (text, go) -> text + go)
          .build();

  @TempDir private Path folder;

  PoolerTest(TestDatabase db) {
    this.db = db;
  }

  @Test
  @DisplayName("Workers run through a pooler in transaction mode, and leave no settings behind")
  void worksThroughAPoolerInTransactionMode() throws Exception {
    assumeTrue(Files.isExecutable(PGBOUNCER), PGBOUNCER + " is not there");
    int port = freePort();
    Process pooler = start(port);
    try (HikariDataSource pool = pool(port);
        Durable durable =
            Durable.on(pool)
                .worker(w -> w.notifications(false).pollInterval(Duration.ofMillis(200)))
                .register(flow)
                .startWorker()) {
      List<ExecutionHandle<String>> handles =
          durable.startAll(
              flow, IntStream.range(0, 100).mapToObj(i -> "p" + i).toList(), (input, with) -> {});
      for (int i = 0; i < handles.size(); i++) {
        UUID id = handles.get(i).id();
        untilItAwaitsAnEvent(durable, id);
        durable.send(id, GO, "!");
      }
      for (int i = 0; i < handles.size(); i++) {
        assertThat(handles.get(i).result(Duration.ofSeconds(60))).isEqualTo("p" + i + "12!");
      }
      assertThat(settings(pool)).containsOnly("on|auto|0");
    } finally {
      pooler.destroy();
      pooler.waitFor();
    }
    assertThat(db.violations()).isEmpty();
  }

  /** What other users of the pooler's sessions find. */
  private static Set<String> settings(HikariDataSource pool) throws SQLException {
    Set<String> settings = new HashSet<>();
    List<Connection> open = new ArrayList<>();
    try {
      for (int i = 0; i < SESSIONS; i++) {
        Connection connection = pool.getConnection();
        open.add(connection);
        connection.setAutoCommit(false);
        try (Statement statement = connection.createStatement();
            ResultSet row =
                statement.executeQuery(
                    "select concat_ws('|', current_setting('enable_seqscan'),"
                        + " current_setting('plan_cache_mode'), current_setting('lock_timeout'))")) {
          row.next();
          settings.add(row.getString(1));
        }
      }
    } finally {
      for (Connection connection : open) {
        connection.rollback();
        connection.setAutoCommit(true);
        connection.close();
      }
    }
    return settings;
  }

  private Process start(int port) throws IOException {
    URI server = URI.create(db.url().substring("jdbc:".length()));
    Path users = folder.resolve("users");
    Files.writeString(users, "\"%s\" \"%s\"%n".formatted(db.user(), db.password()));
    Path config = folder.resolve("pgbouncer.ini");
    Files.writeString(
        config,
        """
        [databases]
        * = host=127.0.0.1 port=%d
        [pgbouncer]
        listen_addr = 127.0.0.1
        listen_port = %d
        unix_socket_dir =
        auth_type = scram-sha-256
        auth_file = %s
        pool_mode = transaction
        default_pool_size = %d
        max_client_conn = 100
        ignore_startup_parameters = extra_float_digits
        """
            .formatted(server.getPort(), port, users, SESSIONS));
    Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
    boolean root = System.getProperty("user.name").equals("root");
    List<String> command =
        root
            ? List.of(PGBOUNCER.toString(), "-u", "nobody", config.toString())
            : List.of(PGBOUNCER.toString(), config.toString());
    Process process =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(folder.resolve("log").toFile())
            .start();
    Gate.until(() -> answers(port));
    return process;
  }

  private HikariDataSource pool(int port) {
    URI server = URI.create(db.url().substring("jdbc:".length()));
    HikariConfig config = new HikariConfig();
    // Prepared statements of one session would be looked for in another one.
    config.setJdbcUrl(
        "jdbc:postgresql://127.0.0.1:" + port + server.getPath() + "?prepareThreshold=0");
    config.setUsername(db.user());
    config.setPassword(db.password());
    return new HikariDataSource(config);
  }

  private static boolean answers(int port) {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
      return socket.isConnected();
    } catch (IOException notYet) {
      return false;
    }
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }
}
