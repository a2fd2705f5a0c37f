package dev.durable.worker;

import static dev.durable.testing.DurableFixture.EVENTUALLY;
import static org.assertj.core.api.Assertions.assertThat;

import dev.durable.Durable;
import dev.durable.testing.DatabaseExtension;
import dev.durable.testing.Gate;
import dev.durable.testing.JavaProcess;
import dev.durable.testing.Proves;
import dev.durable.testing.TestDatabase;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** A worker is a reason for its JVM to live, until it is closed. */
@ExtendWith(DatabaseExtension.class)
@Tag("newest")
class WorkerProcessTest {

  private final TestDatabase db;

  WorkerProcessTest(TestDatabase db) {
    this.db = db;
  }

  @Test
  @Proves("F13.9")
  @DisplayName("A process whose only work is a worker lives until the worker is closed")
  void livesUntilClosed() throws Exception {
    try (JavaProcess process =
            JavaProcess.start(OnlyAWorker.class, db.url(), db.user(), db.password());
        Durable client =
            Durable.on(db.dataSource()).register(OnlyAWorker.GREET, OnlyAWorker.CLOSE).build()) {
      Gate.until(() -> !client.workflows().isEmpty());
      // Its main method has ended when it claims the second one.
      for (String name : new String[] {"Ada", "Grace"}) {
        assertThat(client.start(OnlyAWorker.GREET, name).result(EVENTUALLY))
            .isEqualTo("Hello " + name);
      }
      assertThat(process.isAlive()).isTrue();
      client.start(OnlyAWorker.CLOSE, "now").result(EVENTUALLY);
      Gate.until(() -> !process.isAlive());
    }
  }
}
