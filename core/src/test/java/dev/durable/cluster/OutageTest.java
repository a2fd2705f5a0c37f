package dev.durable.cluster;

import static dev.durable.testing.DurableFixture.EVENTUALLY;
import static org.assertj.core.api.Assertions.assertThat;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import dev.durable.Durable;
import dev.durable.embedded.EmbeddedPostgres;
import dev.durable.execution.ExecutionHandle;
import dev.durable.execution.ExecutionStatus;
import dev.durable.testing.Gate;
import dev.durable.testing.Proves;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import javax.sql.DataSource;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** A database server that goes away for all. */
class OutageTest {

  @Test
  @Proves({"B-42", "G2"})
  @DisplayName("A worker that lost its lease in an outage continues under a new id")
  void aWorkerThatLostItsLeaseInAnOutageGoesOnUnderANewId() throws Exception {
    try (EmbeddedPostgres server = EmbeddedPostgres.builder().durable(false).startTemporary();
        HikariDataSource pool = pool(server.dataSource());
        Durable durable =
            Durable.on(pool)
                .migrate(true)
                .register(BrokenConnectionsTest.fiveSteps())
                // Shorter than a restart takes.
                .worker(
                    w ->
                        w.lease(Duration.ofMillis(300))
                            .heartbeat(Duration.ofMillis(100))
                            .pollInterval(Duration.ofMillis(200)))
                .startWorker()) {
      List<ExecutionHandle<String>> handles =
          durable.startAll(
              BrokenConnectionsTest.fiveSteps(),
              IntStream.range(0, 100).mapToObj(i -> "r" + i).toList(),
              (input, with) -> {});
      Gate.until(() -> number(pool, "select count(*) from durable.step_executions") > 0);
      long firstId = number(pool, "select max(hashtext(id::text)) from durable.workers");

      server.restart();

      for (int i = 0; i < handles.size(); i++) {
        assertThat(handles.get(i).result(EVENTUALLY)).isEqualTo("r" + i + "12345");
      }
      assertThat(durable.countByStatus(q -> {}))
          .isEqualTo(Map.of(ExecutionStatus.COMPLETED, (long) handles.size()));
      assertThat(
              number(
                  pool, "select count(*) from durable.step_executions where status = 'completed'"))
          .isEqualTo(5L * handles.size());
      assertThat(
              number(
                  pool,
                  "select count(*) from durable.workers where dead_at is null and hashtext(id::text) = "
                      + firstId))
          .isZero();
    }
  }

  private static HikariDataSource pool(DataSource server) {
    HikariConfig config = new HikariConfig();
    config.setDataSource(server);
    config.setMaximumPoolSize(10);
    config.setMinimumIdle(0);
    return new HikariDataSource(config);
  }

  private static long number(DataSource data, String sql) {
    try (Connection connection = data.getConnection();
        Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(sql)) {
      row.next();
      return row.getLong(1);
    } catch (SQLException failure) {
      throw new IllegalStateException(failure);
    }
  }
}
