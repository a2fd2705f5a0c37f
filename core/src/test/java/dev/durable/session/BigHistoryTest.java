package dev.durable.session;

import static dev.durable.testing.DurableFixture.untilStatus;
import static java.time.Duration.ofMillis;
import static java.time.Duration.ofSeconds;
import static org.assertj.core.api.Assertions.assertThat;

import dev.durable.Durable;
import dev.durable.execution.ErrorInfo;
import dev.durable.execution.ExecutionHandle;
import dev.durable.execution.ExecutionStatus;
import dev.durable.testing.Gate;
import dev.durable.testing.Proves;
import dev.durable.testing.TestDatabase;
import dev.durable.wait.Event;
import dev.durable.workflow.Workflow;
import java.util.List;
import java.util.UUID;
import java.util.stream.IntStream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A history that the driver refuses to read. */
@Timeout(value = 90, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class BigHistoryTest {

  private static final Event<String> GO = Event.of("go", String.class);

  private final Workflow<Integer, Integer> flow =
      Workflow.define("flow", Integer.class)
          .step("fill", String.class, size -> "x".repeat(size))
          .await("go", Integer.class, GO, (text, go) -> text.length())
          .build();

  @Test
  @Proves({"F2.10", "G12"})
  @DisplayName("A history that cannot be read parks its own execution; the others run")
  void isParkedAlone() throws Exception {
    try (TestDatabase db = TestDatabase.migrated();
        Durable client = Durable.on(db.dataSource()).register(flow).build()) {
      ExecutionHandle<Integer> big;
      List<ExecutionHandle<Integer>> small;
      try (Durable first = db.start(flow)) {
        big = first.start(flow, 3_000_000);
        small = first.startAll(flow, IntStream.range(1, 20).boxed().toList(), (input, with) -> {});
        Gate.until(
            () ->
                db.number(
                        "select count(*) from durable.workflow_executions"
                            + " where status = 'waiting' and locked_by is null")
                    == 20);
      }
      UUID id = big.id();
      client.send(id, GO, "g");
      small.forEach(handle -> client.send(handle.id(), GO, "g"));
      Sessions sessions = Sessions.of(db);
      sessions.setProperty("maxResultBuffer", "1M");
      try (Pool.Open pool = Pool.HIKARI.open(sessions, Pool.Defaults.NONE);
          Durable second =
              Durable.on(pool.dataSource())
                  .register(flow)
                  .worker(
                      w ->
                          w.lease(ofSeconds(1))
                              .heartbeat(ofMillis(200))
                              .pollInterval(ofMillis(100)))
                  .startWorker()) {
        for (int i = 1; i < 20; i++) {
          assertThat(client.handle(small.get(i - 1).id(), flow).result(ofSeconds(20))).isEqualTo(i);
        }
        untilStatus(client, id, ExecutionStatus.PARKED);
        ErrorInfo error = client.find(id).orElseThrow().error();
        assertThat(error.type()).isEqualTo(ErrorInfo.UNREADABLE);
        assertThat(error.message()).contains("maxResultBuffer");
        assertThat(second.health().reasons()).isEmpty();
      }
    }
  }
}
