package dev.durable.session;

import static java.time.Duration.ofMillis;
import static java.time.Duration.ofSeconds;
import static org.assertj.core.api.Assertions.assertThat;

import dev.durable.Durable;
import dev.durable.execution.ExecutionHandle;
import dev.durable.session.Pool.Defaults;
import dev.durable.session.Pool.Isolation;
import dev.durable.session.Setting.Way;
import dev.durable.testing.Gate;
import dev.durable.testing.Proves;
import dev.durable.testing.TestDatabase;
import dev.durable.wait.Event;
import dev.durable.workflow.Workflow;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** An isolation level that is not the engine's shows under load only. */
@Timeout(value = 90, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class IsolationTest {

  private static final int EXECUTIONS = 500;
  private static final int AT_ONCE = 100;
  private static final int SENDERS = 8;
  private static final Event<String> GO = Event.of("go", String.class);

  private final Workflow<String, String> child =
      Workflow.define("child", String.class).step("inner", text -> text + "c").build();
  private final Workflow<String, String> flow =
      Workflow.define("flow", String.class)
          .step("one", text -> text + "1")
          .await("go", GO, (text, go) -> text + go)
          .transaction("two", (text, tx) -> text + "2")
          .await("on", GO, (text, go) -> text + go)
          .call("child", child, text -> text, (text, result) -> result)
          .build();

  /** Who chooses the level. */
  @SuppressWarnings("ImmutableEnumChecker")
  enum Chosen {
    REPEATABLE_READ_BY_SESSION("repeatable read", Way.OPTIONS, null),
    REPEATABLE_READ_BY_ROLE("repeatable read", Way.ROLE, null),
    REPEATABLE_READ_BY_POOL("", Way.SET, Isolation.TRANSACTION_REPEATABLE_READ),
    SERIALIZABLE_BY_SESSION("serializable", Way.OPTIONS, null),
    SERIALIZABLE_BY_POOL("", Way.SET, Isolation.TRANSACTION_SERIALIZABLE),
    READ_UNCOMMITTED_BY_SESSION("read uncommitted", Way.OPTIONS, null);

    private final String level;
    private final Way way;
    private final @Nullable Isolation isolation;

    Chosen(String level, Way way, @Nullable Isolation isolation) {
      this.level = level;
      this.way = way;
      this.isolation = isolation;
    }

    List<Setting> settings() {
      return level.isEmpty()
          ? List.of()
          : List.of(new Setting("default_transaction_isolation", level));
    }

    Defaults defaults() {
      return new Defaults(null, null, isolation);
    }
  }

  @ParameterizedTest
  @EnumSource
  @Proves("F3.1")
  @DisplayName(
      "Under load, whatever isolation level a session has, nothing is lost and nothing fails")
  void nothingIsLostUnderLoad(Chosen chosen) throws Exception {
    try (TestDatabase db = TestDatabase.migrated()) {
      Sessions sessions = Sessions.of(db, chosen.settings(), chosen.way, "role_" + chosen);
      try (Pool.Open one = Pool.HIKARI.open(sessions, chosen.defaults());
          Pool.Open other = Pool.HIKARI.open(sessions, chosen.defaults());
          Durable a = worker(one);
          Durable b = worker(other)) {
        List<ExecutionHandle<String>> handles =
            a.startAll(
                flow,
                IntStream.range(0, EXECUTIONS).mapToObj(i -> "" + i).toList(),
                (input, with) -> with.key(input));
        sendAll(a, b, handles);
        Gate.until(
            () ->
                db.number(
                        "select count(*) from durable.workflow_executions"
                            + " where status not in ('completed', 'failed', 'parked')")
                    == 0);
        assertThat(
                db.rows(
                    "select workflow_name, status, count(*) from durable.workflow_executions"
                        + " group by 1, 2 order by 1"))
            .containsExactly("child|completed|" + EXECUTIONS, "flow|completed|" + EXECUTIONS);
        for (int i = 0; i < EXECUTIONS; i++) {
          assertThat(handles.get(i).result(ofSeconds(1))).isEqualTo(i + "1g2oc");
        }
      } finally {
        assertThat(db.violations()).isEmpty();
      }
    }
  }

  private Durable worker(Pool.Open pool) {
    return Durable.on(pool.dataSource())
        .register(flow, child)
        .worker(
            w ->
                w.queue("default", queue -> queue.concurrency(AT_ONCE / 2))
                    .pollInterval(ofMillis(500)))
        .startWorker();
  }

  /** Sends two events to each while it runs, at any moment of its life. */
  private static void sendAll(Durable a, Durable b, List<ExecutionHandle<String>> handles) {
    try (ExecutorService threads = Executors.newFixedThreadPool(SENDERS)) {
      List<CompletableFuture<Void>> sent = new ArrayList<>();
      for (ExecutionHandle<String> handle : handles) {
        sent.add(
            CompletableFuture.runAsync(
                () -> {
                  a.send(handle.id(), GO, "g");
                  b.send(handle.id(), GO, "o");
                },
                threads));
      }
      sent.forEach(CompletableFuture::join);
    }
  }
}
