package dev.durable.cluster;

import static dev.durable.testing.DurableFixture.EVENTUALLY;
import static org.assertj.core.api.Assertions.assertThat;

import com.zaxxer.hikari.HikariDataSource;
import dev.durable.Durable;
import dev.durable.execution.Execution;
import dev.durable.execution.ExecutionHandle;
import dev.durable.testing.DatabaseExtension;
import dev.durable.testing.Gate;
import dev.durable.testing.Proves;
import dev.durable.testing.TestDatabase;
import dev.durable.workflow.Workflow;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(DatabaseExtension.class)
class DrainTest {

  private final TestDatabase db;

  DrainTest(TestDatabase db) {
    this.db = db;
  }

  @Test
  @Proves("B-37")
  @DisplayName("A body that does not end in the drain time continues at once on another worker")
  void whatDoesNotEndInTheDrainTimeGoesOnAtOnceOnAnotherWorker() {
    CountDownLatch interrupted = new CountDownLatch(1);
    Gate stuck = new Gate();
    Gate quick = new Gate();
    Workflow<String, String> onFirst =
        Workflow.define("drained", String.class)
            .step(
                "one",
                text -> {
                  try {
                    (text.equals("stuck") ? stuck : quick).pass();
                  } catch (InterruptedException stopped) {
                    interrupted.countDown();
                    throw stopped;
                  }
                  return text + "1";
                })
            .step("two", text -> text + "-first")
            .build();
    Workflow<String, String> onSecond =
        Workflow.define("drained", String.class)
            .step("one", text -> text + "2")
            .step("two", text -> text + "-second")
            .build();
    try (HikariDataSource one = db.newPool(10);
        Durable client = Durable.on(db.dataSource()).build()) {
      Durable first =
          Durable.on(one)
              .register(onFirst)
              .worker(w -> w.lease(Duration.ofHours(1)).drainTime(Duration.ofSeconds(1)))
              .startWorker();
      ExecutionHandle<String> slow = first.start(onFirst, "stuck");
      ExecutionHandle<String> fast = first.start(onFirst, "quick");
      stuck.awaitReached();
      quick.awaitReached();
      Thread closing = Thread.startVirtualThread(first::close);
      Gate.until(() -> closing.getState() != Thread.State.NEW);
      quick.open();
      try (HikariDataSource two = db.newPool(10);
          Durable other =
              Durable.on(two)
                  .register(onSecond)
                  .worker(w -> w.lease(Duration.ofHours(1)))
                  .startWorker()) {
        assertThat(other.handle(slow.id()).result(EVENTUALLY)).isEqualTo("\"stuck2-second\"");
        assertThat(other.handle(fast.id()).result(EVENTUALLY)).startsWith("\"quick1-");
        Gate.until(() -> interrupted.getCount() == 0);
        assertThat(other.find(slow.id()).map(Execution::recoveries)).contains(0);
        Gate.until(() -> !closing.isAlive());
      }
      assertThat(client.steps(slow.id())).hasSizeBetween(2, 3);
    }
  }
}
