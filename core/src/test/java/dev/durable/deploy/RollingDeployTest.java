package dev.durable.deploy;

import static dev.durable.testing.DurableFixture.SOON;
import static dev.durable.testing.DurableFixture.untilStatus;
import static org.assertj.core.api.Assertions.assertThat;

import dev.durable.DeployedWorkflow;
import dev.durable.Durable;
import dev.durable.execution.Execution;
import dev.durable.execution.ExecutionStatus;
import dev.durable.testing.DatabaseExtension;
import dev.durable.testing.Gate;
import dev.durable.testing.Proves;
import dev.durable.testing.TestDatabase;
import dev.durable.wait.Event;
import dev.durable.workflow.Workflow;
import dev.durable.workflow.WorkflowBuilder;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@Proves("F10.2")
@DisplayName("An execution stays with its definition as long as a worker has that one")
@ExtendWith(DatabaseExtension.class)
class RollingDeployTest {

  private static final int MANY = 30;
  private static final Event<String> GO = Event.of("go", String.class);

  private final TestDatabase db;
  private final List<String> did = new CopyOnWriteArrayList<>();

  RollingDeployTest(TestDatabase db) {
    this.db = db;
  }

  private WorkflowBuilder<String, String> begun() {
    return Workflow.define("order", String.class).await("go", GO, (data, come) -> data);
  }

  private WorkflowBuilder<String, String> step(WorkflowBuilder<String, String> path, String name) {
    return path.step(
        name,
        data -> {
          did.add(name);
          return data + name;
        });
  }

  private Workflow<String, String> old() {
    return step(begun(), "a").build();
  }

  private Workflow<String, String> fresh() {
    return step(step(begun(), "a"), "b").build();
  }

  private Workflow<String, String> misfit() {
    return step(Workflow.define("order", String.class), "z").build();
  }

  private Durable with(Workflow<String, String> definition) {
    return db.start(definition);
  }

  private List<UUID> waiting(Durable durable, Workflow<String, String> definition) {
    List<UUID> ids = new ArrayList<>();
    for (int i = 0; i < MANY; i++) {
      ids.add(durable.start(definition, "").id());
    }
    ids.forEach(id -> untilStatus(durable, id, ExecutionStatus.WAITING));
    return ids;
  }

  @Test
  @Proves("F10.2")
  @DisplayName("Old and new workers side by side each continue their own executions")
  void eachGoesOnWithItsOwn() {
    try (Durable before = with(old());
        Durable after = with(fresh())) {
      List<UUID> olds = waiting(before, old());
      List<UUID> news = waiting(after, fresh());
      // Each asks the other worker to look.
      olds.forEach(id -> after.send(id, GO, "come"));
      news.forEach(id -> before.send(id, GO, "come"));
      olds.forEach(id -> assertThat(after.handle(id).result(SOON)).isEqualTo("\"a\""));
      news.forEach(id -> assertThat(before.handle(id).result(SOON)).isEqualTo("\"ab\""));
      for (UUID id : olds) {
        assertThat(after.find(id).orElseThrow().fingerprint()).isEqualTo(old().fingerprint());
      }
    }
  }

  @Test
  @Proves("F10.2")
  @DisplayName("A worker that starts a workflow only another has leaves it to that worker")
  void startsForAnother() {
    Workflow<String, String> old = step(Workflow.define("order", String.class), "a").build();
    Workflow<String, String> fresh =
        step(step(Workflow.define("order", String.class), "a"), "b").build();
    try (Durable before = with(old);
        Durable after = with(fresh)) {
      assertThat(after.workflows()).isNotEmpty();
      for (int i = 0; i < MANY; i++) {
        assertThat(before.start(fresh, "").result(SOON)).isEqualTo("ab");
      }
    }
  }

  @Test
  @Proves("F10.2")
  @DisplayName("A definition that does not fit adopts nothing while a worker has the other")
  void aMisfitParksNothing() {
    try (Durable before = with(old());
        Durable after = with(misfit())) {
      List<UUID> ids = waiting(before, old());
      ids.forEach(id -> after.send(id, GO, "come"));
      ids.forEach(id -> assertThat(after.handle(id).result(SOON)).isEqualTo("\"a\""));
    }
  }

  @Test
  @Proves("F10.2")
  @DisplayName("When no worker has the definition of an execution any more, another one adopts it")
  void theLastOneGone() {
    UUID id;
    try (Durable after = with(fresh())) {
      try (Durable before = with(old())) {
        id = waiting(before, old()).getFirst();
      }
      after.send(id, GO, "come");
      assertThat(after.handle(id).result(SOON)).isEqualTo("\"ab\"");
      assertThat(after.find(id).orElseThrow().fingerprint()).isEqualTo(fresh().fingerprint());
    }
  }

  @Test
  @Proves("F10.2")
  @DisplayName("A draining worker lets others adopt before its last body has ended")
  void aDrainingWorkerHoldsNothingBack() throws Exception {
    Gate gate = new Gate();
    Workflow<String, String> slow =
        Workflow.define("slow", String.class)
            .step(
                "s",
                data -> {
                  gate.passUninterrupted();
                  return data;
                })
            .build();
    Durable before =
        Durable.on(db.dataSource())
            .worker(w -> w.drainTime(SOON))
            .register(old(), slow)
            .startWorker();
    try (Durable after = with(fresh())) {
      UUID id = waiting(before, old()).getFirst();
      before.start(slow, "x");
      gate.awaitReached();
      Thread closing = Thread.ofPlatform().start(before::close);
      after.send(id, GO, "come");
      assertThat(after.handle(id).result(SOON)).isEqualTo("\"ab\"");
      gate.open();
      closing.join();
    } finally {
      gate.open();
      before.close();
    }
  }

  @Test
  @Proves("F10.2")
  @DisplayName("workflows() lists which worker has which definition, and what is open on each")
  void workflowsAreListed() {
    db.deleteExecutions();
    try (Durable before =
            Durable.on(db.dataSource()).worker(w -> w.name("old")).register(old()).startWorker();
        Durable after =
            Durable.on(db.dataSource()).worker(w -> w.name("new")).register(fresh()).startWorker();
        Durable client = Durable.on(db.dataSource()).build()) {
      List<UUID> olds = waiting(before, old());
      waiting(after, fresh()).forEach(id -> client.cancel(id, "enough"));
      assertThat(client.workflows())
          .containsExactlyInAnyOrder(
              new DeployedWorkflow("order", 1, old().fingerprint(), List.of("old"), MANY),
              new DeployedWorkflow("order", 1, fresh().fingerprint(), List.of("new"), 0));
      before.close();
      assertThat(client.workflows())
          .contains(new DeployedWorkflow("order", 1, old().fingerprint(), List.of(), MANY));
      assertThat(olds).hasSize(MANY);
    }
  }

  @Test
  @Proves("F10.2")
  @DisplayName("A worker of another queue does not keep an execution from being adopted")
  void anotherQueueDoesNotCount() {
    try (Durable elsewhere = with(old());
        Durable after =
            Durable.on(db.dataSource())
                .worker(w -> w.queue("other", with -> {}))
                .register(fresh())
                .startWorker()) {
      UUID id = after.start(old(), "", with -> with.queue("other")).id();
      untilStatus(elsewhere, id, ExecutionStatus.WAITING);
      elsewhere.send(id, GO, "come");
      assertThat(elsewhere.handle(id).result(SOON)).isEqualTo("\"ab\"");
    }
  }

  @Test
  @Proves("F10.2")
  @DisplayName("Executions parked as definition_changed continue when a fitting worker registers")
  void parkedGoesOnByItself() {
    List<UUID> ids;
    try (Durable before = with(old())) {
      ids = waiting(before, old());
      db.wakeAll();
    }
    try (Durable wrong = with(misfit())) {
      ids.forEach(id -> untilStatus(wrong, id, ExecutionStatus.PARKED));
      try (Durable after = with(fresh())) {
        ids.forEach(id -> untilStatus(after, id, ExecutionStatus.WAITING));
        ids.forEach(id -> wrong.send(id, GO, "come"));
        ids.forEach(id -> assertThat(after.handle(id).result(SOON)).isEqualTo("\"ab\""));
        assertThat(after.steps(ids.getFirst()))
            .as("no operator's retry")
            .noneMatch(row -> row.name().equals("retry"));
      }
    }
  }

  @Test
  @Proves("F10.2")
  @DisplayName(
      "An execution that does not fit stays parked, without being released and parked again")
  void noLoop() {
    UUID id;
    try (Durable before = with(old())) {
      id = waiting(before, old()).getFirst();
      db.wakeAll();
    }
    try (Durable wrong = with(misfit())) {
      untilStatus(wrong, id, ExecutionStatus.PARKED);
    }
    Execution parked;
    try (Durable wrong = with(misfit())) {
      parked = wrong.find(id).orElseThrow();
      // It has looked by the time that another one has run.
      wrong.start(misfit(), "").result(SOON);
    }
    try (Durable client = Durable.on(db.dataSource()).build()) {
      Execution still = client.find(id).orElseThrow();
      assertThat(still.status()).isEqualTo(ExecutionStatus.PARKED);
      assertThat(still.lockToken()).isEqualTo(parked.lockToken());
    }
  }
}
