package dev.durable.acceptance;

import static dev.durable.testing.DurableFixture.SOON;
import static dev.durable.testing.DurableFixture.untilStatus;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.durable.Durable;
import dev.durable.Worker;
import dev.durable.execution.ExecutionHandle;
import dev.durable.execution.ExecutionStatus;
import dev.durable.testing.DatabaseExtension;
import dev.durable.testing.Gate;
import dev.durable.testing.TestDatabase;
import dev.durable.workflow.Workflow;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** The worker of an instance: started, paused and closed while the instance stays. */
@ExtendWith(DatabaseExtension.class)
class WorkerTest {

  private static final Workflow<String, String> ECHO =
      Workflow.define("echo", String.class).step("echo", text -> text).build();
  private static final Workflow<String, String> LATER =
      Workflow.define("later", String.class, with -> with.queue("side"))
          .step("later", text -> text)
          .build();

  private final TestDatabase db;

  WorkerTest(TestDatabase db) {
    this.db = db;
  }

  private Durable client(Workflow<?, ?>... workflows) {
    return Durable.on(db.dataSource()).register(workflows).build();
  }

  private List<String> workers() {
    return db.rows("select id from durable.workers where dead_at is null");
  }

  @Test
  @DisplayName("A client becomes a worker, a client again, and a worker under another id")
  void startsAndStops() {
    try (Durable durable = client(ECHO)) {
      assertThat(durable.worker()).isEmpty();
      ExecutionHandle<String> before = durable.start(ECHO, "before");
      Worker first = durable.startWorker();
      assertThat(before.result(SOON)).isEqualTo("before");
      assertThat(durable.worker()).containsSame(first);
      assertThat(durable.startWorker()).isSameAs(first);
      assertThat(first.isAlive()).isTrue();
      assertThat(workers()).containsExactly(first.id().toString());

      first.close();
      first.close();
      assertThat(first.isAlive()).isFalse();
      assertThat(durable.worker()).isEmpty();
      assertThat(workers()).isEmpty();
      assertThat(durable.health().reasons()).isEmpty();
      ExecutionHandle<String> between = durable.start(ECHO, "between");
      assertThat(between.status()).isEqualTo(ExecutionStatus.PENDING);

      Worker second = durable.startWorker();
      assertThat(second.id()).isNotEqualTo(first.id());
      assertThat(between.result(SOON)).isEqualTo("between");
      assertThat(durable.start(ECHO, "after").result(SOON)).isEqualTo("after");
      durable.close();
      assertThat(second.isAlive()).isFalse();
      assertThat(durable.worker()).isEmpty();
      assertThatThrownBy(durable::startWorker)
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("closed");
      assertThatThrownBy(() -> durable.register(LATER))
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("closed");
      assertThatThrownBy(second::pause)
          .isInstanceOf(IllegalStateException.class)
          .hasMessage("This worker is closed.");
    }
    assertThat(workers()).isEmpty();
  }

  @Test
  @DisplayName("A running worker takes new definitions up, with their queues")
  void registersLater() {
    try (Durable durable = db.start(ECHO);
        Durable client = client(LATER)) {
      assertThat(durable.register(LATER).register(LATER)).isSameAs(durable);
      assertThat(client.start(LATER, "x").result(SOON)).isEqualTo("x");
      assertThat(durable.start(LATER, "y").result(SOON)).isEqualTo("y");
      UUID id = durable.worker().orElseThrow().id();
      assertThat(
              db.rows(
                  "select queues, definitions, cardinality(editions) from durable.workers"
                      + " where id = ?",
                  id))
          .containsExactly("[\"default\", \"side\"]|[\"echo@1\", \"later@1\"]|2");
    }
  }

  @Test
  @DisplayName("What a client registers, its worker runs")
  void registersBeforeTheWorker() {
    try (Durable durable = Durable.on(db.dataSource()).build()) {
      assertThatThrownBy(durable::startWorker)
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining(".register(workflow)");
      assertThat(durable.worker()).isEmpty();
      durable.register(ECHO, LATER);
      durable.startWorker();
      assertThat(durable.start(LATER, "x").result(SOON)).isEqualTo("x");
    }
  }

  @Test
  @DisplayName(
      "Another definition of the same name and version is refused, and nothing is registered")
  void refusesATwin() {
    Workflow<String, String> twin =
        Workflow.define("echo", String.class).step("twin", text -> text).build();
    try (Durable durable = db.start(ECHO)) {
      assertThatThrownBy(() -> durable.register(LATER, twin))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("Two definitions of 'echo'");
      assertThatThrownBy(() -> durable.register((Workflow<?, ?>) null))
          .isInstanceOf(NullPointerException.class)
          .hasMessage("workflow");
      assertThat(db.rows("select name from durable.workflow_definitions")).containsExactly("echo");
    }
  }

  @Test
  @DisplayName("A paused worker lets its bodies go on, and claims nothing until it resumes")
  void pauses() {
    Gate gate = new Gate();
    Workflow<String, String> held =
        Workflow.define("held", String.class).step("hold", gate::hold).build();
    try (Durable durable = db.start(held, ECHO)) {
      ExecutionHandle<String> running = durable.start(held, "running");
      gate.awaitReached();
      Worker worker = durable.worker().orElseThrow();
      worker.pause();
      worker.pause();
      assertThat(worker.isAlive()).isTrue();
      assertThat(db.rows("select count(*) from durable.workers where editions is null"))
          .containsExactly("1");
      ExecutionHandle<String> waiting = durable.start(ECHO, "waiting");
      durable.register(LATER);
      assertThat(db.rows("select count(*) from durable.workers where editions is null"))
          .containsExactly("1");
      gate.open();
      assertThat(running.result(SOON)).isEqualTo("running");
      assertThat(waiting.status()).isEqualTo(ExecutionStatus.PENDING);
      worker.resume();
      assertThat(waiting.result(SOON)).isEqualTo("waiting");
      assertThat(db.rows("select cardinality(editions) from durable.workers")).containsExactly("3");
    }
  }

  @Test
  @DisplayName("A body closes its worker and starts another, which continues the execution")
  void closedFromWithin() {
    AtomicReference<Durable> mine = new AtomicReference<>();
    AtomicReference<Worker> next = new AtomicReference<>();
    Workflow<String, String> moves =
        Workflow.define("moves", String.class)
            .step(
                "move",
                text -> {
                  Worker own = mine.get().worker().orElseThrow();
                  own.close();
                  next.set(mine.get().startWorker());
                  return text;
                })
            .step("after", text -> text + next.get().isAlive())
            .build();
    try (Durable durable = client(moves)) {
      mine.set(durable);
      Worker first = durable.startWorker();
      assertThat(durable.start(moves, "x").result(SOON)).isEqualTo("xtrue");
      first.close();
      assertThat(workers()).containsExactly(next.get().id().toString());
    }
    assertThat(workers()).isEmpty();
  }

  @Test
  @DisplayName("A worker that is closed with bodies frees what they run, and the client goes on")
  void frees() {
    Gate gate = new Gate();
    Workflow<String, String> held =
        Workflow.define("held", String.class).step("hold", gate::hold).build();
    try (Durable durable =
        Durable.on(db.dataSource())
            .register(held)
            .worker(w -> w.drainTime(Duration.ZERO))
            .startWorker()) {
      ExecutionHandle<String> handle = durable.start(held, "x");
      gate.awaitReached();
      durable.worker().orElseThrow().close();
      untilStatus(handle, ExecutionStatus.PENDING);
      gate.open();
      durable.startWorker();
      assertThat(handle.result(SOON)).isEqualTo("x");
    }
  }

  @Test
  @DisplayName("A client has no thread until it starts an execution")
  void aClientIsIdle() {
    try (Durable durable =
        Durable.on(db.dataSource()).register(ECHO).worker(w -> w.name("idle")).build()) {
      assertThat(durable.find(UUID.randomUUID())).isEmpty();
      assertThat(threads("idle")).isEmpty();
      durable.start(ECHO, "x");
      assertThat(threads("idle")).contains("idle-journal-1", "idle-journal-2");
    }
    Gate.until(() -> threads("idle").isEmpty());
  }

  private static List<String> threads(String worker) {
    return Thread.getAllStackTraces().keySet().stream()
        .map(Thread::getName)
        .filter(name -> name.startsWith(worker + "-"))
        .toList();
  }

  @Test
  @DisplayName("A close beside a start of the worker leaves no worker behind")
  void closeBesideAStart() throws Exception {
    for (int round = 0; round < 10; round++) {
      Durable durable = client(ECHO);
      AtomicReference<Throwable> refused = new AtomicReference<>();
      Thread starting =
          Thread.ofVirtual()
              .start(
                  () -> {
                    try {
                      durable.startWorker();
                      durable.register(LATER);
                    } catch (Throwable failure) {
                      refused.set(failure);
                    }
                  });
      if (round % 2 == 1) {
        Gate.until(() -> durable.worker().isPresent() || refused.get() != null);
      }
      durable.close();
      starting.join();
      assertThat(refused.get())
          .satisfiesAnyOf(
              none -> assertThat(none).isNull(),
              closed -> assertThat(closed).hasMessageContaining("closed"));
      assertThat(durable.worker()).isEmpty();
      assertThat(db.rows("select id from durable.workers")).isEmpty();
    }
  }

  @Test
  @DisplayName("A worker that could not start is not there, and another may start")
  void failsToStart() {
    try (Durable durable = client(ECHO)) {
      db.update("alter table durable.workers rename to gone");
      assertThatThrownBy(durable::startWorker).hasMessageContaining("register this worker");
      assertThat(durable.worker()).isEmpty();
      db.update("alter table durable.gone rename to workers");
      durable.startWorker();
      assertThat(durable.start(ECHO, "x").result(SOON)).isEqualTo("x");
    }
  }
}
