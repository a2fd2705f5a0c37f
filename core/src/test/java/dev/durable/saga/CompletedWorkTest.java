package dev.durable.saga;

import static org.assertj.core.api.Assertions.assertThat;

import dev.durable.Durable;
import dev.durable.DurableBuilder;
import dev.durable.execution.ExecutionHandle;
import dev.durable.execution.ExecutionStatus;
import dev.durable.execution.StepExecution;
import dev.durable.execution.StepStatus;
import dev.durable.json.JsonCodec;
import dev.durable.json.TypeRef;
import dev.durable.testing.DatabaseExtension;
import dev.durable.testing.Gate;
import dev.durable.testing.HeldAnswers;
import dev.durable.testing.Proves;
import dev.durable.testing.TestDatabase;
import dev.durable.workflow.CompensationTrigger;
import dev.durable.workflow.Workflow;
import java.time.Duration;
import java.util.UUID;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(DatabaseExtension.class)
@Proves("F9.1")
@DisplayName("Completed work is undone")
class CompletedWorkTest {

  private final TestDatabase db;
  private final ConcurrentLinkedQueue<String> undone = new ConcurrentLinkedQueue<>();
  private final Gate gate = new Gate();

  CompletedWorkTest(TestDatabase db) {
    this.db = db;
  }

  /** Stands at the gate when it is to write what the step has returned. */
  private final JsonCodec slow =
      new JsonCodec() {
        private final JsonCodec plain = JsonCodec.jackson();

        @Override
        public String encode(@Nullable Object value) {
          if ("paid".equals(value)) {
            gate.passUninterrupted();
          }
          return plain.encode(value);
        }

        @Override
        public <T> @Nullable T decode(String json, TypeRef<T> type) {
          return plain.decode(json, type);
        }
      };

  private void untilOverdue(UUID id) {
    Gate.until(
        () ->
            db.number(
                    "select count(*) from durable.workflow_executions where id = ?"
                        + " and deadline_at < now() - interval '500 milliseconds'",
                    id)
                == 1);
  }

  private static void untilUndone(ExecutionHandle<?> handle) {
    Gate.until(() -> handle.status().isFinal());
    assertThat(handle.status()).isEqualTo(ExecutionStatus.COMPENSATED);
  }

  /** The timeout strikes while the gate keeps the result of the only step from its commit. */
  private void isUndoneWhenOverdue(DurableBuilder builder, Workflow<String, String> flow) {
    try (Durable durable = builder.register(flow).startWorker()) {
      ExecutionHandle<String> handle = durable.start(flow, "a");
      gate.awaitReached();
      untilOverdue(handle.id());
      gate.open();
      untilUndone(handle);
      assertThat(undone).containsExactly("paid");
    } finally {
      gate.open();
    }
  }

  @Test
  @Proves("F9.1")
  @DisplayName("The timeout strikes while the commit of a transaction step is under way")
  void aTimeoutDuringACommit() {
    Workflow<String, String> flow =
        Workflow.define(
                "commits_late",
                String.class,
                with ->
                    with.timeout(Duration.ofSeconds(1)).compensateOn(CompensationTrigger.TIMEOUT))
            .transaction(
                "pay", (s, tx) -> "paid", with -> with.compensate("refund", s -> undone.add(s)))
            .build();
    HeldAnswers held = new HeldAnswers("durable.search_path", gate);
    isUndoneWhenOverdue(Durable.on(held.on(db.dataSource())), flow);
  }

  @Test
  @Proves("F9.1")
  @DisplayName("The timeout strikes between the end of a body and its commit")
  void aTimeoutAfterTheBody() {
    Workflow<String, String> flow =
        Workflow.define(
                "writes_late",
                String.class,
                with ->
                    with.timeout(Duration.ofSeconds(1)).compensateOn(CompensationTrigger.TIMEOUT))
            .step(
                "pay", (String s) -> "paid", with -> with.compensate("refund", s -> undone.add(s)))
            .build();
    isUndoneWhenOverdue(Durable.on(db.dataSource()).codec(slow), flow);
  }

  @Test
  @Proves("F9.1")
  @DisplayName("failFast stops a branch between the end of its body and its offer")
  void failFastAfterTheBody() throws InterruptedException {
    CountDownLatch failing = new CountDownLatch(1);
    Workflow<String, String> flow =
        Workflow.define("fork", String.class)
            .parallel(
                "both",
                par -> {
                  par.path(
                      "one",
                      String.class,
                      path ->
                          path.step(
                              "pay",
                              (String s) -> "paid",
                              with -> with.compensate("refund", s -> undone.add(s))));
                  par.path(
                      "two",
                      String.class,
                      path ->
                          path.step(
                              "fail",
                              (String s) -> {
                                gate.awaitReached();
                                failing.countDown();
                                throw new IllegalStateException("no");
                              }));
                  return par.join((s, results) -> s);
                })
            .build();
    try (Durable durable = Durable.on(db.dataSource()).codec(slow).register(flow).startWorker()) {
      ExecutionHandle<String> handle = durable.start(flow, "a");
      failing.await();
      // The director has all the time that it needs to stop the other branch.
      Thread.sleep(500);
      gate.open();
      untilUndone(handle);
      assertThat(undone).containsExactly("paid");
      assertThat(durable.steps(handle.id()))
          .filteredOn(row -> row.path().equals("both/one/pay"))
          .extracting(StepExecution::status)
          .containsExactly(StepStatus.COMPLETED);
    } finally {
      gate.open();
    }
  }
}
