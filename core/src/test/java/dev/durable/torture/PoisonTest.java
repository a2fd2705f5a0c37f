package dev.durable.torture;

import static dev.durable.testing.DurableFixture.EVENTUALLY;
import static dev.durable.testing.DurableFixture.untilStatus;
import static org.assertj.core.api.Assertions.assertThat;

import dev.durable.Durable;
import dev.durable.execution.ErrorInfo;
import dev.durable.execution.ExecutionHandle;
import dev.durable.execution.ExecutionStatus;
import dev.durable.testing.DatabaseExtension;
import dev.durable.testing.Gate;
import dev.durable.testing.JavaProcess;
import dev.durable.testing.Proves;
import dev.durable.testing.TestDatabase;
import dev.durable.workflow.Workflow;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Bodies that take their process with them. The other poisons: what a body throws, in {@code
 * acceptance.FailingStepTest}; what cannot be stored or read, in {@code acceptance.PayloadTest};
 * ending the engine's transaction, in {@code acceptance.TransactionStepTest}.
 */
@Tag("newest")
@ExtendWith(DatabaseExtension.class)
class PoisonTest {

  private final TestDatabase db;

  private JavaProcess victim;

  PoisonTest(TestDatabase db) {
    this.db = db;
  }

  @AfterEach
  void end() throws Exception {
    victim.close();
  }

  @ParameterizedTest
  @ValueSource(strings = {"exit", "loop"})
  @Proves({"B-36", "G12"})
  @DisplayName(
      "System.exit and an endless loop cost their worker and are parked; other executions continue")
  void aBodyThatTakesItsProcessWithItIsParked(String poison) throws Exception {
    Workflow<String, String> workflow = PoisonWorker.poison();
    db.createDefaultQueue();
    try (Durable client = Durable.on(db.dataSource()).register(workflow).build()) {
      ExecutionHandle<String> swallowed = client.start(workflow, poison);
      victim = worker(poison);
      Gate.until(() -> owns(poison, swallowed));
      Gate.until(() -> poison.equals("loop") || !victim.isAlive());
      try (Durable survivor = PoisonWorker.builder(db.dataSource(), "survivor").startWorker()) {
        untilStatus(swallowed, ExecutionStatus.PARKED);
        assertThat(survivor.start(workflow, "later").result(EVENTUALLY)).isEqualTo("later");
        ErrorInfo error = survivor.find(swallowed.id()).orElseThrow().error();
        assertThat(error.type()).isEqualTo(ErrorInfo.TOO_MANY_RECOVERIES);
        assertThat(error.message()).contains("1 times");
      }
    }
  }

  private JavaProcess worker(String name) throws IOException {
    // One carrier: the loop has it all for itself.
    return JavaProcess.start(
        List.of("-Djdk.virtualThreadScheduler.parallelism=1"),
        PoisonWorker.class,
        db.url(),
        db.user(),
        db.password(),
        name);
  }

  private boolean owns(String worker, ExecutionHandle<?> handle) {
    return db.number(
            "select count(*) from durable.workflow_executions e"
                + " join durable.workers n on n.id = e.locked_by where e.id = ? and n.name = ?",
            handle.id(),
            worker)
        == 1;
  }
}
