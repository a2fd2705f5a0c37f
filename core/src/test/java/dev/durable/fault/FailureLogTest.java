package dev.durable.fault;

import static dev.durable.testing.DurableFixture.SOON;
import static dev.durable.testing.DurableFixture.untilStatus;
import static java.time.Duration.ofMillis;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ch.qos.logback.classic.Level;
import dev.durable.Durable;
import dev.durable.execution.ExecutionFailedException;
import dev.durable.execution.ExecutionHandle;
import dev.durable.execution.ExecutionStatus;
import dev.durable.retry.RetryPolicy;
import dev.durable.testing.DatabaseExtension;
import dev.durable.testing.Gate;
import dev.durable.testing.Logs;
import dev.durable.testing.Proves;
import dev.durable.testing.TestDatabase;
import dev.durable.workflow.CompensationTrigger;
import dev.durable.workflow.Workflow;
import java.io.IOException;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(DatabaseExtension.class)
@Proves("F13.1")
@DisplayName("Failures are logged once, on one line that can be searched")
class FailureLogTest {

  private final TestDatabase db;

  FailureLogTest(TestDatabase db) {
    this.db = db;
  }

  private static String fail() {
    throw new IllegalStateException(
        "no money for " + "you\nor me", new IOException("connection refused by bank"));
  }

  @Test
  @Proves("F13.1")
  @DisplayName("A final failure is logged at WARN, each attempt at DEBUG with its next try")
  void aFailure() {
    Workflow<String, String> workflow =
        Workflow.define("pays", String.class)
            .step(
                "charge",
                text -> fail(),
                with -> with.retry(RetryPolicy.constant(ofMillis(7)).maxAttempts(3)))
            .build();
    try (Logs logs = Logs.of("dev.durable", Level.DEBUG);
        Durable durable = db.start(workflow)) {
      ExecutionHandle<String> handle = durable.start(workflow, "secret", o -> o.key("order 7"));
      assertThatThrownBy(() -> handle.result(SOON)).isInstanceOf(ExecutionFailedException.class);
      UUID id = handle.id();
      Gate.until(() -> !logs.lines(Level.WARN, id).isEmpty());
      assertThat(logs.lines(Level.WARN, id))
          .singleElement()
          .asString()
          .contains("workflow=pays", "key=\"order 7\"", "id=" + id, "step=charge")
          .contains("error=java.lang.IllegalStateException", "message=\"no money for you\\nor me\"")
          .contains("cause=\"java.io.IOException: connection refused by bank\"")
          .doesNotContain("\n", "secret");
      assertThat(logs.lines(Level.DEBUG, "Attempt failed"))
          .hasSize(3)
          .allMatch(line -> line.contains("id=" + id) && line.contains("step=charge"))
          .satisfiesExactly(
              one -> assertThat(one).contains("attempt=1", "next=PT0.007S"),
              two -> assertThat(two).contains("attempt=2", "next=PT0.007S"),
              last -> assertThat(last).contains("attempt=3", "next=none"));
      assertThat(logs.lines(Level.ERROR, id)).isEmpty();
    }
  }

  @Test
  @Proves("F13.1")
  @DisplayName("A compensated workflow is logged once, at WARN")
  void aCompensatedFailure() {
    Workflow<String, String> workflow =
        Workflow.define("undoes", String.class)
            .step("reserve", text -> text, with -> with.compensate("release", text -> {}))
            .step("charge", text -> fail())
            .build();
    try (Logs logs = Logs.of("dev.durable", Level.INFO);
        Durable durable = db.start(workflow)) {
      ExecutionHandle<String> handle = durable.start(workflow, "x");
      untilStatus(handle, ExecutionStatus.COMPENSATED);
      Gate.until(() -> !logs.lines(Level.WARN, handle.id()).isEmpty());
      assertThat(logs.lines(Level.WARN, handle.id()))
          .singleElement()
          .asString()
          .contains("workflow=undoes", "step=charge", "connection refused by bank");
    }
  }

  @Test
  @Proves("F13.1")
  @DisplayName("A failed compensation is logged once, at ERROR, and nothing at WARN")
  void aFailedCompensation() {
    Workflow<String, String> workflow =
        Workflow.define("cannot_undo", String.class)
            .step(
                "reserve",
                text -> text,
                with ->
                    with.compensate("release", text -> fail(), c -> c.retry(RetryPolicy.none())))
            .step("charge", text -> fail())
            .build();
    try (Logs logs = Logs.of("dev.durable", Level.INFO);
        Durable durable = db.start(workflow)) {
      ExecutionHandle<String> handle = durable.start(workflow, "x");
      untilStatus(handle, ExecutionStatus.COMPENSATION_FAILED);
      Gate.until(() -> !logs.lines(Level.ERROR, handle.id()).isEmpty());
      assertThat(logs.lines(Level.ERROR, handle.id()))
          .singleElement()
          .asString()
          .contains("workflow=cannot_undo", "step=charge", "compensation=release", "of=reserve");
      assertThat(logs.lines(Level.WARN, handle.id())).isEmpty();
    }
  }

  @Test
  @Proves("F13.1")
  @DisplayName("A timeout is logged at WARN with the step that it ended; a cancel is no failure")
  void aTimeoutAndACancel() {
    Workflow<String, String> late =
        Workflow.define("late", String.class, with -> with.timeout(ofMillis(100)))
            .step("hang", text -> hang(text))
            .build();
    Gate gate = new Gate();
    Workflow<String, String> cancelled =
        Workflow.define(
                "cancelled", String.class, with -> with.compensateOn(CompensationTrigger.CANCEL))
            .step("reserve", text -> text, with -> with.compensate("release", text -> {}))
            .step("hang", gate::hold)
            .build();
    try (Logs logs = Logs.of("dev.durable", Level.INFO);
        Durable durable = db.start(late, cancelled)) {
      ExecutionHandle<String> first = durable.start(late, "x");
      Gate.until(() -> !logs.lines(Level.WARN, first.id()).isEmpty());
      assertThat(logs.lines(Level.WARN, first.id()))
          .singleElement()
          .asString()
          .contains("workflow=late", "step=hang", "error=workflow_timeout");
      ExecutionHandle<String> second = durable.start(cancelled, "x");
      gate.awaitReached();
      durable.cancel(second.id(), "not wanted");
      untilStatus(second, ExecutionStatus.COMPENSATED);
      assertThat(logs.lines(Level.WARN, second.id())).isEmpty();
      assertThat(logs.lines(Level.ERROR, second.id())).isEmpty();
    }
  }

  private static String hang(String text) throws InterruptedException {
    new CountDownLatch(1).await();
    return text;
  }
}
