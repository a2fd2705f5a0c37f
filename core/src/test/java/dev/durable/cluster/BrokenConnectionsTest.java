package dev.durable.cluster;

import static dev.durable.testing.DurableFixture.EVENTUALLY;
import static org.assertj.core.api.Assertions.assertThat;

import com.zaxxer.hikari.HikariDataSource;
import dev.durable.Durable;
import dev.durable.execution.ExecutionHandle;
import dev.durable.execution.ExecutionStatus;
import dev.durable.testing.DatabaseExtension;
import dev.durable.testing.Gate;
import dev.durable.testing.Proves;
import dev.durable.testing.TestDatabase;
import dev.durable.workflow.Workflow;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Connections that break under a worker, again and again. */
@ExtendWith(DatabaseExtension.class)
class BrokenConnectionsTest {

  private final TestDatabase db;

  BrokenConnectionsTest(TestDatabase db) {
    this.db = db;
  }

  @Test
  @Proves({"B-42", "G3"})
  @DisplayName("Workers whose connections are cut again and again finish by themselves")
  void workersWhoseConnectionsAreCutAgainAndAgainFinishByThemselves() {
    int many = 200;
    try (HikariDataSource pool = db.newPool(10);
        Durable durable = outageWorker(pool)) {
      List<ExecutionHandle<String>> handles =
          durable.startAll(
              fiveSteps(), IntStream.range(0, many).mapToObj(i -> "o" + i).toList(), (i, w) -> {});
      for (int cut = 0; cut < 15; cut++) {
        long done = doneSteps();
        db.endOtherSessions();
        // It works again before it is cut again.
        Gate.until(() -> doneSteps() > done || doneSteps() == 5L * many);
      }
      for (int i = 0; i < many; i++) {
        assertThat(handles.get(i).result(EVENTUALLY)).isEqualTo("o" + i + "12345");
      }
      assertThat(durable.countByStatus(q -> q.workflow("five")))
          .isEqualTo(Map.of(ExecutionStatus.COMPLETED, (long) many));
      assertThat(doneSteps()).isEqualTo(5L * many);
    }
  }

  private Durable outageWorker(HikariDataSource pool) {
    return Durable.on(pool)
        .register(fiveSteps())
        .worker(
            w ->
                w.lease(Duration.ofSeconds(3))
                    .heartbeat(Duration.ofMillis(300))
                    .pollInterval(Duration.ofMillis(300)))
        .startWorker();
  }

  private long doneSteps() {
    while (true) {
      try {
        return db.number(
            "select count(*) from durable.step_executions s join durable.workflow_executions e"
                + " on e.id = s.workflow_id"
                + " where e.workflow_name = 'five' and s.status = 'completed'");
      } catch (IllegalStateException alsoCut) {
        // The next connection of the pool is a new one.
      }
    }
  }

  static Workflow<String, String> fiveSteps() {
    return Workflow.define("five", String.class)
        .step("s1", text -> moment(text + "1"))
        .step("s2", text -> moment(text + "2"))
        .step("s3", text -> moment(text + "3"))
        .step("s4", text -> moment(text + "4"))
        .step("s5", text -> moment(text + "5"))
        .build();
  }

  private static String moment(String text) throws InterruptedException {
    Thread.sleep(150);
    return text;
  }
}
