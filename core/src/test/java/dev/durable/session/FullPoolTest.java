package dev.durable.session;

import static java.time.Duration.ofSeconds;
import static org.assertj.core.api.Assertions.assertThat;

import com.zaxxer.hikari.HikariDataSource;
import dev.durable.Durable;
import dev.durable.execution.ExecutionHandle;
import dev.durable.testing.Gate;
import dev.durable.testing.Proves;
import dev.durable.testing.TestDatabase;
import dev.durable.workflow.Workflow;
import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Transaction steps that hold all connections of the pool at one time. */
@Timeout(value = 90, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class FullPoolTest {

  private static final String NAME = "full pool";
  private static final int EXECUTIONS = 3 * Pool.SIZE;

  private static final Duration SHOWN = ofSeconds(1);

  private final Gate gate = new Gate();
  private final Workflow<String, String> flow =
      Workflow.define("flow", String.class)
          .transaction(
              "one",
              (text, tx) -> {
                gate.pass();
                return text + "1";
              })
          .step("two", text -> text + "2")
          .build();

  @Test
  @Proves({"F3.2", "F11"})
  @DisplayName(
      "Transaction steps that hold the whole pool end, and do not wait for threads that "
          + "wait for it")
  void aFullPoolIsNoStandstill() throws Exception {
    try (TestDatabase db = TestDatabase.migrated();
        Pool.Open pool = Pool.HIKARI.open(named(db), Pool.Defaults.NONE);
        Durable client = Durable.on(db.dataSource()).register(flow).build();
        Durable worker =
            Durable.on(pool.dataSource())
                .register(flow)
                .worker(
                    w ->
                        w.queue("default", queue -> queue.concurrency(EXECUTIONS))
                            .lease(ofSeconds(60))
                            .showRunningAfter(SHOWN))
                .startWorker()) {
      List<ExecutionHandle<String>> handles =
          client.startAll(
              flow,
              IntStream.range(0, EXECUTIONS).mapToObj(i -> "" + i).toList(),
              (input, with) -> {});
      HikariDataSource hikari = (HikariDataSource) pool.dataSource();
      // The steps take what the journal had kept.
      Gate.until(
          () -> {
            endIdleSessions(db);
            return inTransaction(db) == Pool.SIZE;
          });
      long full = System.nanoTime();
      Gate.until(() -> System.nanoTime() - full > 3 * SHOWN.toNanos());
      assertThat(hikari.getHikariPoolMXBean().getThreadsAwaitingConnection()).isPositive();
      gate.open();
      for (int i = 0; i < EXECUTIONS; i++) {
        assertThat(handles.get(i).result(ofSeconds(20))).isEqualTo(i + "12");
      }
      assertThat(db.violations()).isEmpty();
    }
  }

  private static Sessions named(TestDatabase db) {
    Sessions sessions = Sessions.of(db);
    sessions.setApplicationName(NAME);
    return sessions;
  }

  /** Those that are kept: one that a step has just been given is idle until it begins. */
  private static void endIdleSessions(TestDatabase db) {
    db.rows(
        "select pg_terminate_backend(pid) from pg_stat_activity where application_name = ?"
            + " and state = 'idle' and state_change < clock_timestamp() - interval '0.3 s'",
        NAME);
  }

  private static long inTransaction(TestDatabase db) {
    return db.number(
        "select count(*) from pg_stat_activity"
            + " where application_name = ? and state = 'idle in transaction'",
        NAME);
  }
}
