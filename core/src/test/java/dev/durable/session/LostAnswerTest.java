package dev.durable.session;

import static java.time.Duration.ofMillis;
import static java.time.Duration.ofSeconds;
import static org.assertj.core.api.Assertions.assertThat;

import dev.durable.Durable;
import dev.durable.execution.ExecutionHandle;
import dev.durable.testing.Proves;
import dev.durable.testing.Proxies;
import dev.durable.testing.TestDatabase;
import dev.durable.workflow.Workflow;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import javax.sql.DataSource;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is committed is reported as failed, by something between the engine and the server. */
@Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
@Tag("newest")
class LostAnswerTest {

  private static final int EXECUTIONS = 30;
  private static final int EVERY = 4;

  private final Workflow<String, String> flow =
      Workflow.define("flow", String.class)
          .step("one", text -> text + "1")
          .transaction(
              "two",
              (text, tx) -> {
                try (PreparedStatement insert =
                    tx.connection().prepareStatement("insert into bills values (?)")) {
                  insert.setString(1, text);
                  insert.executeUpdate();
                }
                return text + "2";
              })
          .parallel(
              "three",
              par -> {
                par.step("a", String.class, (text, step) -> "a");
                par.step("b", String.class, (text, step) -> "b");
                return par.join((text, results) -> text + "3");
              })
          .build();

  @ParameterizedTest
  @ValueSource(strings = {"40001", "23505", "57014", ""})
  @Proves({"F1.7", "G3", "G5"})
  @DisplayName("Whatever SQLState is thrown after a commit, the commit may have succeeded")
  void isAskedAfter(String state) throws Exception {
    loses(state);
  }

  @Tag("slow")
  @ParameterizedTest
  @ValueSource(
      strings = {
        "55P03", "22003", "25006", "XX000", "40P01", "53200", "53300", "0A000", "42501", "26000",
        "ZZ999", "08006"
      })
  @Proves({"F1.7", "G3", "G5"})
  @DisplayName("Other SQLStates")
  void isAskedAfterOthers(String state) throws Exception {
    loses(state);
  }

  private void loses(String state) throws Exception {
    try (TestDatabase db = TestDatabase.migrated()) {
      db.script("create table bills (item text)");
      AtomicInteger calls = new AtomicInteger();
      try (Durable client = Durable.on(db.dataSource()).register(flow).build();
          Durable worker =
              Durable.on(failing(db.dataSource(), state, calls))
                  .register(flow)
                  .worker(
                      w ->
                          w.lease(ofSeconds(3))
                              .heartbeat(ofMillis(500))
                              .pollInterval(ofMillis(200)))
                  .startWorker()) {
        List<ExecutionHandle<String>> handles =
            client.startAll(
                flow,
                IntStream.range(0, EXECUTIONS).mapToObj(i -> "" + i).toList(),
                (input, with) -> {});
        for (int i = 0; i < EXECUTIONS; i++) {
          assertThat(handles.get(i).result(ofSeconds(40))).isEqualTo(i + "123");
        }
      }
      assertThat(calls).hasValueGreaterThan(EVERY);
      assertThat(db.number("select count(*) from bills")).isEqualTo(EXECUTIONS);
      assertThat(db.number("select count(distinct item) from bills")).isEqualTo(EXECUTIONS);
      assertThat(db.violations()).isEmpty();
      // On a slow machine the lease may run out, of which an attempt is not to blame.
      assertThat(
              db.rows(
                  "select path, error from durable.step_executions where status = 'failed'"
                      + " and error->>'type' is distinct from 'worker_lost'"))
          .isEmpty();
    }
  }

  /** Each so many commits, of the engine or of a body's transaction, fail once they are done. */
  private static DataSource failing(DataSource pool, String state, AtomicInteger calls) {
    return Proxies.of(
        DataSource.class,
        (method, arguments) -> {
          Object result = Proxies.call(pool, method, arguments);
          return result instanceof Connection connection
              ? failing(connection, state, calls)
              : result;
        });
  }

  private static Connection failing(Connection connection, String state, AtomicInteger calls) {
    return Proxies.of(
        Connection.class,
        (method, arguments) -> {
          Object result = Proxies.call(connection, method, arguments);
          String sql = arguments.length > 0 ? String.valueOf(arguments[0]) : "";
          if (method.getName().equals("commit")) {
            strike(state, calls);
          }
          return result instanceof PreparedStatement statement && sql.contains("step_executions")
              ? failing(statement, state, calls)
              : result;
        });
  }

  private static PreparedStatement failing(
      PreparedStatement statement, String state, AtomicInteger calls) {
    return Proxies.of(
        PreparedStatement.class,
        (method, arguments) -> {
          Object result = Proxies.call(statement, method, arguments);
          if (method.getName().equals("execute")) {
            strike(state, calls);
          }
          return result;
        });
  }

  private static void strike(String state, AtomicInteger calls) throws SQLException {
    if (calls.incrementAndGet() % EVERY == 0) {
      throw new SQLException("of an interceptor", state.isEmpty() ? null : state);
    }
  }
}
