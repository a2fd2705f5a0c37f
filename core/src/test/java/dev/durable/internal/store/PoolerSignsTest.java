package dev.durable.internal.store;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import dev.durable.Durable;
import dev.durable.execution.ExecutionHandle;
import dev.durable.internal.store.client.ExecutionStore;
import dev.durable.internal.store.jdbc.Database;
import dev.durable.internal.store.jdbc.Schema;
import dev.durable.testing.DatabaseExtension;
import dev.durable.testing.Logs;
import dev.durable.testing.Proves;
import dev.durable.testing.Proxies;
import dev.durable.testing.TestDatabase;
import dev.durable.workflow.Workflow;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import javax.sql.DataSource;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.postgresql.PGConnection;
import org.postgresql.ds.PGSimpleDataSource;

@Proves("F1.9")
@DisplayName("Poolers that give each transaction another session")
@Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
@ExtendWith(DatabaseExtension.class)
class PoolerSignsTest {

  /** As a pooler does, without the driver's knowledge. */
  private static final String FORGET =
      """
      do $$ declare each text; begin
        for each in select name from pg_prepared_statements loop
          execute pg_catalog.format('deallocate %I', each);
        end loop;
      end $$""";

  private final TestDatabase db;

  PoolerSignsTest(TestDatabase db) {
    this.db = db;
  }

  @Test
  @DisplayName("Lost prepared statements cost no work, and are logged once")
  void preparedStatementsGetLost() {
    Workflow<String, String> flow =
        Workflow.define("pooled", String.class)
            .step("one", text -> text + "1")
            .step("two", text -> text + "2")
            .build();
    AtomicInteger forgotten = new AtomicInteger();
    try (Logs logs = Logs.of("dev.durable", Level.WARN);
        HikariDataSource pool = pool("prepareThreshold=1", 8);
        Durable durable = Durable.on(forgetful(pool, forgotten)).register(flow).startWorker()) {
      // A text must be sent twice on one connection before its statement can be missed.
      int round = 0;
      do {
        completes(durable, flow, "r" + round++ + "-");
      } while (logs.lines(Level.WARN, "prepareThreshold=0").isEmpty());
      completes(durable, flow, "last");
      assertThat(logs.lines(Level.WARN, "prepareThreshold=0")).hasSize(1);
    }
    assertThat(forgotten).hasPositiveValue();
    assertThat(db.rows("select distinct status from durable.workflow_executions"))
        .containsExactly("completed");
  }

  private static void completes(Durable durable, Workflow<String, String> flow, String prefix) {
    List<ExecutionHandle<String>> handles =
        durable.startAll(
            flow, IntStream.range(0, 50).mapToObj(i -> prefix + i).toList(), (in, with) -> {});
    for (int i = 0; i < handles.size(); i++) {
      assertThat(handles.get(i).result(Duration.ofSeconds(60))).isEqualTo(prefix + i + "12");
    }
  }

  @Test
  @DisplayName("A changed session number is noticed, and ends the use of prepared statements")
  void anotherSession() throws SQLException {
    try (HikariDataSource pool = pool("prepareThreshold=1", 1)) {
      Database database = new Database(renumbered(pool));
      ExecutionStore executions = new ExecutionStore(database, new Schema("durable"));
      executions.find(new UUID(0, 0));
      prepared(pool);
      // What was sent before the session's number was known.
      long first = prepared(pool);
      for (int i = 0; i < 10; i++) {
        assertThat(executions.children(new UUID(0, i))).isEmpty();
      }
      assertThat(prepared(pool)).isLessThanOrEqualTo(first);
      assertThat(thresholds(pool)).isEqualTo(1);
    }
    try (HikariDataSource pool = pool("prepareThreshold=1", 1)) {
      ExecutionStore executions = new ExecutionStore(new Database(pool), new Schema("durable"));
      executions.find(new UUID(0, 0));
      prepared(pool);
      long first = prepared(pool);
      executions.children(new UUID(0, 0));
      assertThat(prepared(pool)).as("without a pooler").isGreaterThan(first);
    }
  }

  private static long prepared(DataSource pool) throws SQLException {
    try (Connection connection = pool.getConnection();
        Statement statement = connection.createStatement();
        var row =
            statement.executeQuery(
                "select count(*) from pg_prepared_statements"
                    + " where statement not like '%pg_prepared_statements%'")) {
      row.next();
      return row.getLong(1);
    }
  }

  private static int thresholds(DataSource pool) throws SQLException {
    try (Connection connection = pool.getConnection()) {
      return connection.unwrap(PGConnection.class).getPrepareThreshold();
    }
  }

  /** Each transaction finds a session that knows nothing of what was prepared. */
  private static DataSource forgetful(DataSource pool, AtomicInteger count) {
    return connections(
        pool,
        real ->
            Proxies.of(
                Connection.class,
                (method, arguments) -> {
                  if (method.getName().equals("prepareStatement") && real.getAutoCommit()) {
                    count.incrementAndGet();
                    try (Statement statement = real.createStatement()) {
                      statement.execute(FORGET);
                    }
                  }
                  return Proxies.call(real, method, arguments);
                }));
  }

  /** The driver has been told another number than the server's. */
  private static DataSource renumbered(DataSource pool) {
    return connections(
        pool,
        real ->
            Proxies.of(
                Connection.class,
                (method, arguments) -> {
                  Object result = Proxies.call(real, method, arguments);
                  return method.getName().equals("unwrap") && result instanceof PGConnection driver
                      ? Proxies.of(
                          PGConnection.class,
                          (call, with) ->
                              call.getName().equals("getBackendPID")
                                  ? (Object) 1
                                  : Proxies.call(driver, call, with))
                      : result;
                }));
  }

  private interface Wrapping {
    Connection around(Connection real);
  }

  private static DataSource connections(DataSource pool, Wrapping wrapping) {
    return Proxies.of(
        DataSource.class,
        (method, arguments) -> {
          Object result = Proxies.call(pool, method, arguments);
          return result instanceof Connection real ? wrapping.around(real) : result;
        });
  }

  private HikariDataSource pool(String parameters, int size) {
    PGSimpleDataSource source = new PGSimpleDataSource();
    source.setUrl(db.url() + (db.url().contains("?") ? "&" : "?") + parameters);
    source.setUser(db.user());
    source.setPassword(db.password());
    HikariConfig config = new HikariConfig();
    config.setDataSource(source);
    config.setMaximumPoolSize(size);
    return new HikariDataSource(config);
  }
}
