package dev.durable.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.durable.Durable;
import dev.durable.execution.ErrorInfo;
import dev.durable.execution.Execution;
import dev.durable.execution.ExecutionStatus;
import dev.durable.testing.DatabaseExtension;
import dev.durable.testing.Gate;
import dev.durable.testing.Proves;
import dev.durable.testing.TestDatabase;
import dev.durable.wait.Event;
import dev.durable.workflow.Workflow;
import dev.durable.workflow.WorkflowBuilder;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@Proves("F10.1")
@DisplayName("The definition check is skipped only for the definition that moved an execution last")
@ExtendWith(DatabaseExtension.class)
class LastMoverTest {

  private static final Event<String> FIRST = Event.of("first", String.class);
  private static final Event<String> SECOND = Event.of("second", String.class);

  private final TestDatabase db;
  private final List<String> ran = new CopyOnWriteArrayList<>();

  LastMoverTest(TestDatabase db) {
    this.db = db;
  }

  private WorkflowBuilder<String, String> begun() {
    return Workflow.define("order", String.class).await("first", FIRST, (data, come) -> data);
  }

  private WorkflowBuilder<String, String> step(WorkflowBuilder<String, String> path, String name) {
    return path.step(
        name,
        data -> {
          ran.add("charged by " + name);
          return data;
        });
  }

  private Workflow<String, String> before() {
    return step(begun(), "charge").build();
  }

  private Workflow<String, String> deployed() {
    return step(begun(), "bill").await("second", SECOND, (data, come) -> data).build();
  }

  private Durable with(Workflow<String, String> definition) {
    return db.start(definition);
  }

  private static void awaitStep(Durable durable, UUID id, String step) {
    Gate.until(
        () -> {
          Execution now = durable.find(id).orElseThrow();
          return now.status() == ExecutionStatus.WAITING && Objects.equals(now.currentStep(), step);
        });
  }

  /** Started by the old definition, moved by the new one. */
  private UUID moved() {
    UUID id;
    try (Durable old = with(before())) {
      id = old.start(before(), "x").id();
      awaitStep(old, id, "first");
    }
    try (Durable fresh = with(deployed())) {
      fresh.send(id, FIRST, "come");
      awaitStep(fresh, id, "second");
      assertThat(fresh.find(id).orElseThrow().fingerprint())
          .as("the definition that moved it last")
          .isEqualTo(deployed().fingerprint());
    }
    return id;
  }

  @Test
  @Proves("F10.1")
  @DisplayName("A deploy and its rollback park with the difference, and do not charge twice")
  void rollBackIsChecked() {
    UUID id = moved();
    try (Durable back = with(before())) {
      back.send(id, SECOND, "come");
      Gate.until(
          () ->
              back.handle(id).status() != ExecutionStatus.WAITING
                  && back.handle(id).status() != ExecutionStatus.RUNNING);
      Execution parked = back.find(id).orElseThrow();
      assertThat(ran).containsExactly("charged by bill");
      assertThat(parked.status()).isEqualTo(ExecutionStatus.PARKED);
      ErrorInfo error = Objects.requireNonNull(parked.error());
      assertThat(error.type()).isEqualTo(ErrorInfo.DEFINITION_CHANGED);
      assertThat(error.message()).contains("step 'bill' has completed, but is not in it");
      assertThat(parked.fingerprint()).as("it moved nothing").isEqualTo(deployed().fingerprint());
    }
  }

  @Test
  @Proves("F10.1")
  @DisplayName("An execution continues with the definition that moved it last")
  void theLastMoverGoesOn() {
    UUID id = moved();
    try (Durable fresh = with(deployed())) {
      fresh.send(id, SECOND, "come");
      assertThat(fresh.handle(id, deployed()).result(Duration.ofSeconds(20))).isEqualTo("x");
      assertThat(ran).containsExactly("charged by bill");
    }
  }
}
