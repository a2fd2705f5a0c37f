package dev.durable.acceptance;

import static dev.durable.testing.DurableFixture.SOON;
import static dev.durable.testing.DurableFixture.untilStatus;
import static dev.durable.testing.DurableFixture.untilWaiting;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.durable.Durable;
import dev.durable.execution.ErrorInfo;
import dev.durable.execution.Execution;
import dev.durable.execution.ExecutionFailedException;
import dev.durable.execution.ExecutionHandle;
import dev.durable.execution.ExecutionNotFoundException;
import dev.durable.execution.ExecutionStateException;
import dev.durable.execution.ExecutionStatus;
import dev.durable.retry.RetryPolicy;
import dev.durable.testing.DatabaseExtension;
import dev.durable.testing.TestDatabase;
import dev.durable.wait.Event;
import dev.durable.workflow.ChildFailedException;
import dev.durable.workflow.Workflow;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(DatabaseExtension.class)
@DisplayName("A parked execution is given up")
class GiveUpTest {

  private static final Event<String> GO = Event.of("go", String.class);

  private final TestDatabase db;
  private final Notes ran = new Notes();
  private final AtomicBoolean mended = new AtomicBoolean();

  GiveUpTest(TestDatabase db) {
    this.db = db;
  }

  private String broken(String text) {
    if (!mended.get()) {
      throw new IllegalStateException("no lorry");
    }
    return text;
  }

  private Workflow<String, String> parking() {
    return Workflow.define("parking", String.class)
        .step("book", s -> s)
        .step("ship", this::broken, with -> with.retry(RetryPolicy.none().thenPark()))
        .build();
  }

  private Workflow<String, String> saga() {
    return Workflow.define("saga", String.class)
        .step("book", s -> s, with -> with.compensate("unbook", s -> ran.add("unbook " + s)))
        .step("ship", this::broken, with -> with.retry(RetryPolicy.none().thenPark()))
        .build();
  }

  private static void assertGivenUp(Durable durable, UUID id, ExecutionStatus status) {
    Execution execution = durable.find(id).orElseThrow();
    assertThat(execution.status()).isEqualTo(status);
    assertThat(execution.error().type()).isEqualTo(ErrorInfo.GIVEN_UP);
    assertThat(execution.error().message()).isEqualTo("the customer has left");
    assertThat(execution.completedAt()).isNotNull();
    assertThat(execution.wakeAt()).isNull();
  }

  private void wasBeingUndone(UUID id) {
    db.update(
        "update durable.workflow_executions set compensation_results ="
            + " '{\"cause\": {\"type\": \"x\", \"message\": \"y\"}, \"results\": [],"
            + " \"plan\": null}' where id = ?",
        id);
  }

  @Test
  @DisplayName("It fails with the reason; a retry is still possible")
  void fails() {
    Workflow<String, String> flow = parking();
    try (Durable durable = db.start(flow)) {
      ExecutionHandle<String> handle = durable.start(flow, "a");
      untilStatus(handle, ExecutionStatus.PARKED);
      durable.giveUp(handle.id(), "the customer has left");
      untilStatus(handle, ExecutionStatus.FAILED);
      assertGivenUp(durable, handle.id(), ExecutionStatus.FAILED);
      assertThatThrownBy(() -> handle.result(SOON))
          .isInstanceOf(ExecutionFailedException.class)
          .hasMessageContaining("the customer has left");
      mended.set(true);
      durable.retry(handle.id());
      assertThat(handle.result(SOON)).isEqualTo("a");
    }
  }

  @Test
  @DisplayName("It fails at once, without a worker, if it has done nothing")
  void failsWithoutAWorker() {
    Workflow<String, String> flow =
        Workflow.define("first", String.class)
            .step("ship", this::broken, with -> with.retry(RetryPolicy.none().thenPark()))
            .build();
    UUID id;
    try (Durable durable = db.start(flow)) {
      id = durable.start(flow, "a").id();
      untilStatus(durable, id, ExecutionStatus.PARKED);
    }
    try (Durable client = Durable.on(db.dataSource()).build()) {
      client.giveUp(id, "the customer has left");
      assertGivenUp(client, id, ExecutionStatus.FAILED);
    }
  }

  @Test
  @DisplayName("It is undone first, on a worker that has its definition")
  void isUndone() {
    Workflow<String, String> flow = saga();
    UUID id;
    try (Durable durable = db.start(flow)) {
      id = durable.start(flow, "a").id();
      untilStatus(durable, id, ExecutionStatus.PARKED);
    }
    try (Durable client = Durable.on(db.dataSource()).build()) {
      client.giveUp(id, "the customer has left");
      assertThat(client.find(id).orElseThrow().status()).isEqualTo(ExecutionStatus.COMPENSATING);
    }
    try (Durable durable = db.start(flow)) {
      untilStatus(durable, id, ExecutionStatus.COMPENSATED);
      assertGivenUp(durable, id, ExecutionStatus.COMPENSATED);
      assertThat(ran).containsExactly("unbook a");
    }
  }

  @Test
  @DisplayName("One that was parked while it was undone is compensation_failed; a retry goes on")
  void isNotUndone() {
    Workflow<String, String> flow = saga();
    try (Durable durable = db.start(flow)) {
      UUID id = durable.start(flow, "a").id();
      untilStatus(durable, id, ExecutionStatus.PARKED);
      wasBeingUndone(id);
      durable.giveUp(id, "the customer has left");
      assertGivenUp(durable, id, ExecutionStatus.COMPENSATION_FAILED);
      durable.retry(id);
      untilStatus(durable, id, ExecutionStatus.COMPENSATED);
      assertThat(ran).containsExactly("unbook a");
    }
  }

  private record Family(
      Workflow<String, String> parent,
      Workflow<String, String> child,
      Workflow<String, String> grandchild) {

    Durable start(TestDatabase db) {
      return db.start(grandchild, child, parent);
    }
  }

  /** A child that has started another one and parks, below a parent that tells why it failed. */
  private Family family() {
    Workflow<String, String> grandchild =
        Workflow.define("grandchild", String.class).await("go", GO, (text, got) -> text).build();
    Workflow<String, String> child =
        Workflow.define("child", String.class)
            .start("below", grandchild, s -> s, with -> {})
            .step("ship", this::broken, with -> with.retry(RetryPolicy.none().thenPark()))
            .build();
    Workflow<String, String> parent =
        Workflow.of(
            "parent",
            String.class,
            String.class,
            (s, step) -> {
              try {
                return step.call("child", child, s, with -> {});
              } catch (ChildFailedException failed) {
                return failed.getMessage();
              }
            });
    return new Family(parent, child, grandchild);
  }

  private static UUID parkedChild(Durable durable, ExecutionHandle<String> parent) {
    untilWaiting(durable, parent.id());
    UUID parked = durable.children(parent.id()).getFirst().id();
    untilStatus(durable, parked, ExecutionStatus.PARKED);
    return parked;
  }

  @Test
  @DisplayName("Its parent is told, and its children are cancelled")
  void endsAFamily() {
    Family family = family();
    try (Durable durable = family.start(db)) {
      ExecutionHandle<String> handle = durable.start(family.parent(), "a");
      UUID parked = parkedChild(durable, handle);
      UUID below = durable.children(parked).getFirst().id();
      durable.giveUp(parked, "the customer has left");
      assertThat(handle.result(SOON)).contains("the customer has left");
      assertThat(durable.find(below).orElseThrow().status()).isEqualTo(ExecutionStatus.CANCELLED);
    }
  }

  @Test
  @DisplayName("So are they at once, without a worker, if there is nothing more to undo")
  void endsAFamilyWithoutAWorker() {
    Family family = family();
    ExecutionHandle<String> handle;
    UUID parked;
    try (Durable durable = family.start(db)) {
      handle = durable.start(family.parent(), "a");
      parked = parkedChild(durable, handle);
    }
    wasBeingUndone(parked);
    try (Durable client = Durable.on(db.dataSource()).build()) {
      UUID below = client.children(parked).getFirst().id();
      client.giveUp(parked, "the customer has left");
      assertGivenUp(client, parked, ExecutionStatus.COMPENSATION_FAILED);
      assertThat(client.find(below).orElseThrow().status()).isEqualTo(ExecutionStatus.CANCELLED);
    }
    try (Durable durable = family.start(db)) {
      assertThat(durable.handle(handle.id(), family.parent()).result(SOON))
          .contains("the customer has left");
    }
  }

  @Test
  @DisplayName("Others are refused")
  void refusesOthers() {
    Workflow<String, String> flow =
        Workflow.define("waiting", String.class).await("go", GO, (text, got) -> text).build();
    try (Durable durable = db.start(flow)) {
      UUID id = durable.start(flow, "a").id();
      untilWaiting(durable, id);
      assertThatThrownBy(() -> durable.giveUp(id, "why"))
          .isInstanceOf(ExecutionStateException.class)
          .hasMessageContaining("Cannot give up execution " + id)
          .hasMessageContaining("waiting")
          .hasMessageContaining("Only parked executions");
      assertThatThrownBy(() -> durable.giveUp(UUID.randomUUID(), "why"))
          .isInstanceOf(ExecutionNotFoundException.class);
      assertThatThrownBy(() -> durable.giveUp(id, null)).isInstanceOf(NullPointerException.class);
    }
  }
}
