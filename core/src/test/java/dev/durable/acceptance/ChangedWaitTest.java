package dev.durable.acceptance;

import static dev.durable.acceptance.Waits.PAID;
import static dev.durable.acceptance.Waits.SHIPPED;
import static dev.durable.acceptance.Waits.body;
import static dev.durable.testing.DurableFixture.SOON;
import static dev.durable.testing.DurableFixture.untilStatus;
import static dev.durable.testing.DurableFixture.untilWaiting;
import static org.assertj.core.api.Assertions.assertThat;

import dev.durable.Durable;
import dev.durable.execution.ExecutionStatus;
import dev.durable.testing.DatabaseExtension;
import dev.durable.testing.Gate;
import dev.durable.testing.Proves;
import dev.durable.testing.TestDatabase;
import dev.durable.wait.Delivery;
import dev.durable.workflow.Workflow;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(DatabaseExtension.class)
@DisplayName("A wait whose code has changed")
class ChangedWaitTest {

  private final TestDatabase db;

  ChangedWaitTest(TestDatabase db) {
    this.db = db;
  }

  @Test
  @DisplayName("A body that has come to wait for another event gets that one")
  void waitsForAnother() {
    Workflow<String, String> before =
        body("changed_event", (data, step) -> "received " + step.await("word", PAID));
    Workflow<String, String> after =
        body("changed_event", (data, step) -> "received " + step.await("word", SHIPPED));
    UUID id;
    try (Durable durable = db.start(before)) {
      id = durable.start(before, "").id();
      untilWaiting(durable, id);
    }
    try (Durable durable = db.start(after)) {
      durable.send(id, PAID, "the old one wakes it");
      Gate.until(() -> durable.waits(id).getFirst().signals().equals(List.of("event:shipped")));
      untilWaiting(durable, id);
      assertThat(durable.send(id, SHIPPED, "s")).isEqualTo(Delivery.DELIVERED);
      assertThat(durable.handle(id, after).result(SOON)).isEqualTo("received s");
    }
  }

  @Test
  @Proves("B-12")
  @DisplayName("An execution whose wait is no longer in the definition is parked, and says so")
  void aWaitThatIsGone() {
    Workflow<String, String> before =
        Workflow.define("gone_wait", String.class).await("payment", PAID).build();
    Workflow<String, String> after =
        Workflow.define("gone_wait", String.class).step("other", s -> s).build();
    UUID id;
    try (Durable durable = db.start(before)) {
      id = durable.start(before, "").id();
      untilWaiting(durable, id);
    }
    try (Durable durable = db.start(after)) {
      durable.send(id, PAID, "1");
      untilStatus(durable, id, ExecutionStatus.PARKED);
      assertThat(durable.find(id).orElseThrow().error().message())
          .contains("step 'payment' waits, but is not in it");
      durable.cancel(id);
    }
  }
}
