package dev.durable.acceptance;

import static dev.durable.testing.DurableFixture.SOON;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.durable.Durable;
import dev.durable.execution.Execution;
import dev.durable.execution.ExecutionFailedException;
import dev.durable.execution.ExecutionHandle;
import dev.durable.execution.ExecutionStatus;
import dev.durable.execution.StepExecution;
import dev.durable.retry.RetryPolicy;
import dev.durable.testing.DatabaseExtension;
import dev.durable.testing.TestDatabase;
import dev.durable.workflow.StepRef;
import dev.durable.workflow.Workflow;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(DatabaseExtension.class)
@Tag("newest")
class LinearWorkflowTest {

  private final TestDatabase db;

  LinearWorkflowTest(TestDatabase db) {
    this.db = db;
  }

  record Order(String id, int cents) {}

  record Priced(String id, int cents, int tax) {}

  private static final Workflow<Order, String> ORDER =
      Workflow.define("order", Order.class)
          .step("price", Priced.class, o -> new Priced(o.id(), o.cents(), o.cents() / 5))
          .step(
              "describe",
              String.class,
              (priced, step) ->
                  step.input().id()
                      + ":"
                      + step.result(StepRef.of("price", Priced.class)).tax()
                      + ":"
                      + priced.cents())
          .step("shout", text -> text + "!")
          .build();

  @Test
  void runsItsStepsInOrderAndReturnsTheLastResult() {
    try (Durable durable = db.start(ORDER)) {
      ExecutionHandle<String> handle = durable.start(ORDER, new Order("a", 500));

      assertThat(handle.result(SOON)).isEqualTo("a:100:500!");
      assertThat(handle.status()).isEqualTo(ExecutionStatus.COMPLETED);
      assertThat(durable.steps(handle.id()))
          .extracting(StepExecution::path)
          .containsExactly("price", "describe", "shout");
      Execution found = durable.find(handle.id()).orElseThrow();
      assertThat(found.startedAt()).isNotNull();
      assertThat(found.lockToken()).isEqualTo(1);
    }
  }

  @Test
  void aFailedAttemptIsRetriedFromTheDatabase() {
    AtomicInteger calls = new AtomicInteger();
    Workflow<String, String> flaky =
        Workflow.define("flaky", String.class)
            .step(
                "try",
                text -> {
                  if (calls.incrementAndGet() < 3) {
                    throw new IllegalStateException("not yet");
                  }
                  return text + calls.get();
                },
                with -> with.retry(RetryPolicy.constant(Duration.ofMillis(20))))
            .build();
    try (Durable durable = db.start(flaky)) {
      ExecutionHandle<String> handle = durable.start(flaky, "x");

      assertThat(handle.result(SOON)).isEqualTo("x3");
      assertThat(durable.steps(handle.id()))
          .extracting(s -> s.attempt() + s.status().text())
          .containsExactly("1failed", "2failed", "3completed");
    }
  }

  @Test
  void aFailureIsReportedWithItsStep() {
    Workflow<String, String> broken =
        Workflow.define("broken", String.class)
            .step(
                "explode",
                text -> {
                  throw new IllegalArgumentException("boom " + text);
                })
            .build();
    try (Durable durable = db.start(broken)) {
      ExecutionHandle<String> handle = durable.start(broken, "x");

      assertThatThrownBy(() -> handle.result(SOON))
          .isInstanceOf(ExecutionFailedException.class)
          .hasMessageContaining("explode")
          .hasMessageContaining("boom x");
    }
  }

  @Test
  void manyExecutionsAllComplete() {
    try (Durable durable = db.start(ORDER)) {
      List<Order> orders =
          java.util.stream.IntStream.range(0, 5_000).mapToObj(i -> new Order("o" + i, i)).toList();
      List<ExecutionHandle<String>> handles = durable.startAll(ORDER, orders, (o, with) -> {});
      for (int i = 0; i < handles.size(); i++) {
        assertThat(handles.get(i).result(SOON)).isEqualTo("o" + i + ":" + i / 5 + ":" + i + "!");
      }
    }
  }
}
