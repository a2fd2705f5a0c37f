package dev.durable.crash;

import static dev.durable.testing.DurableFixture.status;
import static dev.durable.testing.DurableFixture.steps;
import static dev.durable.testing.DurableFixture.untilEnded;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.zaxxer.hikari.HikariDataSource;
import dev.durable.Durable;
import dev.durable.execution.ExecutionHandle;
import dev.durable.execution.ExecutionStateException;
import dev.durable.execution.ExecutionStatus;
import dev.durable.testing.DatabaseExtension;
import dev.durable.testing.Gate;
import dev.durable.testing.Proves;
import dev.durable.testing.TestDatabase;
import dev.durable.workflow.CompensationTrigger;
import dev.durable.workflow.Workflow;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(DatabaseExtension.class)
@DisplayName("Compensation against takeover, cancel and failing siblings")
class SagaTakeoverTest {

  private final TestDatabase db;
  private final List<String> undone = new CopyOnWriteArrayList<>();
  private final Gate gate = new Gate();
  private final AtomicBoolean first = new AtomicBoolean(true);

  SagaTakeoverTest(TestDatabase db) {
    this.db = db;
  }

  private Workflow<String, String> trip(String name) {
    return Workflow.define(
            name, String.class, with -> with.compensateOn(CompensationTrigger.CANCEL))
        .step("flight", t -> t, with -> with.compensate("undo", t -> undone.add("flight")))
        .step("hotel", t -> t, with -> with.compensate("undo", t -> atTheGate()))
        .step("car", t -> t, with -> with.compensate("undo", t -> undone.add("car")))
        .step(
            "pay",
            t -> {
              throw new IllegalStateException("no money");
            })
        .build();
  }

  private void atTheGate() throws InterruptedException {
    if (first.getAndSet(false)) {
      gate.pass();
    }
    undone.add("hotel");
  }

  @Test
  @Proves({"G9", "B-04", "B-11"})
  @DisplayName("A worker that takes over a half-undone execution continues with the next handler")
  void aTakeoverGoesOnWithTheNext() {
    Workflow<String, String> trip = trip("half_undone");
    try (HikariDataSource pool = db.newPool(20);
        Durable client = Durable.on(db.dataSource()).build()) {
      FaultyDataSource data = new FaultyDataSource(pool);
      Durable doomed =
          Durable.on(data.dataSource())
              .register(trip)
              .worker(w -> w.name("doomed").drainTime(Duration.ofMillis(100)))
              .startWorker();
      ExecutionHandle<String> handle = doomed.start(trip, "x");
      gate.awaitReached();
      assertThat(status(client, handle.id())).isEqualTo(ExecutionStatus.COMPENSATING);
      data.die();
      db.expireLease("doomed");
      try (Durable other = db.start(trip)) {
        untilEnded(other, handle.id());
        assertThat(status(other, handle.id())).isEqualTo(ExecutionStatus.COMPENSATED);
        assertThat(undone).containsExactly("car", "hotel", "flight");
      }
      doomed.close();
    }
  }

  @Test
  @Proves({"G15", "B-04"})
  @DisplayName("A cancel comes too late for an execution that is being undone")
  void aCancelDoesNotDisturbTheUndoing() {
    Workflow<String, String> trip = trip("cancelled_late");
    try (Durable durable = db.start(trip)) {
      ExecutionHandle<String> handle = durable.start(trip, "x");
      gate.awaitReached();
      assertThatThrownBy(() -> durable.cancel(handle.id(), "late"))
          .isInstanceOf(ExecutionStateException.class)
          .hasMessageContaining("compensating");
      gate.open();
      untilEnded(durable, handle.id());
      assertThat(status(durable, handle.id())).isEqualTo(ExecutionStatus.COMPENSATED);
      assertThat(undone).containsExactly("car", "hotel", "flight");
    }
  }

  @Test
  @Proves("B-51")
  @DisplayName("An at-most-once step is closed as cancelled when its sibling fails")
  void atMostOnceInsideAParallel() {
    Workflow<Integer, Integer> both =
        Workflow.define("at_most_once_beside", Integer.class)
            .parallel(
                "both",
                par -> {
                  par.step(
                      "once", Integer.class, (n, step) -> gate.hold(n), with -> with.atMostOnce());
                  par.step(
                      "broken",
                      Integer.class,
                      (n, step) -> {
                        gate.awaitReached();
                        throw new IllegalStateException("broken");
                      });
                  return par.join((n, r) -> n);
                })
            .build();
    try (Durable durable = db.start(both)) {
      ExecutionHandle<Integer> handle = durable.start(both, 1);
      untilEnded(durable, handle.id());
      assertThat(steps(durable, handle.id()))
          .containsExactlyInAnyOrder("both/once cancelled", "both/broken failed");
    }
  }
}
