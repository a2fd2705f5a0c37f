package dev.durable.acceptance;

import static dev.durable.testing.DurableFixture.SOON;
import static dev.durable.testing.DurableFixture.status;
import static dev.durable.testing.DurableFixture.untilEnded;
import static dev.durable.testing.DurableFixture.untilItAwaitsAnEvent;
import static java.time.Duration.ofMillis;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.durable.Durable;
import dev.durable.UnknownQueueException;
import dev.durable.execution.Execution;
import dev.durable.execution.ExecutionHandle;
import dev.durable.execution.ExecutionStatus;
import dev.durable.queue.QueueState;
import dev.durable.queue.Queues;
import dev.durable.testing.DatabaseExtension;
import dev.durable.testing.Gate;
import dev.durable.testing.TestDatabase;
import dev.durable.wait.Event;
import dev.durable.workflow.Workflow;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(DatabaseExtension.class)
@Tag("newest")
@DisplayName("A queue that is paused")
class QueuePauseTest {

  private static final Event<String> GO = Event.of("go", String.class);

  private static final Workflow<String, String> ECHO =
      Workflow.define("echo", String.class).step("echo", text -> text).build();

  private static final Workflow<String, String> WAITS =
      Workflow.define("waits", String.class).await("go", GO, (s, got) -> s + got).build();

  private final TestDatabase db;
  private final Gate gate = new Gate();

  private final Workflow<String, String> held =
      Workflow.define("held", String.class).step("hold", gate::hold).build();

  QueuePauseTest(TestDatabase db) {
    this.db = db;
  }

  private Durable worker(String queue) {
    return Durable.on(db.dataSource())
        .register(ECHO, WAITS, held)
        .worker(w -> w.queue(queue, q -> {}))
        .startWorker();
  }

  @Test
  @DisplayName("begins nothing and lets nothing go on, on any worker, until it is resumed")
  void rests() {
    try (Durable one = worker("rests");
        Durable two = worker("rests")) {
      ExecutionHandle<String> waiting = one.start(WAITS, "a", o -> o.queue("rests"));
      untilItAwaitsAnEvent(one, waiting.id());
      two.queues().pause("rests", "bank is down");
      ExecutionHandle<String> first = one.start(ECHO, "1", o -> o.queue("rests"));
      ExecutionHandle<String> second = two.start(ECHO, "2", o -> o.queue("rests"));
      one.send(waiting.id(), GO, "!");
      // What is due in another queue is found by a later look at both.
      assertThat(one.start(ECHO, "x", o -> o.delay(ofMillis(1))).result(SOON)).isEqualTo("x");
      assertThat(two.start(ECHO, "y", o -> o.delay(ofMillis(1))).result(SOON)).isEqualTo("y");
      assertThat(status(one, first.id())).isEqualTo(ExecutionStatus.PENDING);
      assertThat(status(one, second.id())).isEqualTo(ExecutionStatus.PENDING);
      assertThat(status(one, waiting.id())).isEqualTo(ExecutionStatus.WAITING);
      one.queues().resume("rests");
      assertThat(first.result(SOON)).isEqualTo("1");
      assertThat(second.result(SOON)).isEqualTo("2");
      assertThat(waiting.result(SOON)).isEqualTo("a!");
    }
  }

  @Test
  @DisplayName("and drained has what still runs, until nothing does")
  void drains() throws Exception {
    try (Durable durable = worker("drained")) {
      Queues queues = durable.queues();
      ExecutionHandle<String> running = durable.start(held, "x", o -> o.queue("drained"));
      gate.awaitReached();
      queues.pause("drained", "the bank moves", "jane");
      assertThat(queues.drain("drained", Duration.ZERO))
          .extracting(Execution::id)
          .containsExactly(running.id());
      assertThat(queues.find("drained").orElseThrow().paused().reason())
          .isEqualTo("the bank moves");
      CompletableFuture<List<Execution>> rest =
          CompletableFuture.supplyAsync(() -> queues.drain("drained", SOON));
      gate.open();
      assertThat(rest.get()).isEmpty();
      assertThat(running.result(SOON)).isEqualTo("x");
    }
  }

  @Test
  @DisplayName("is drained only once no claim is under way that has not seen the pause")
  void drainsBesideAClaim() throws Exception {
    try (Durable durable = worker("busy");
        Durable client = Durable.on(db.dataSource()).build();
        Connection holder = db.newConnection()) {
      holder.setAutoCommit(false);
      try (PreparedStatement lock =
          holder.prepareStatement("select 1 from durable.workers where id = ? for update")) {
        lock.setObject(1, durable.worker().orElseThrow().id());
        lock.execute();
      }
      UUID id = client.start("echo", "\"x\"", o -> o.queue("busy")).id();
      Gate.until(() -> waitsForALock("with recursive"));
      CompletableFuture<List<Execution>> drained =
          CompletableFuture.supplyAsync(() -> client.queues().drain("busy", SOON));
      Gate.until(() -> drained.isDone() || waitsForALock("set limit_epoch"));
      assertThat(drained).isNotDone();
      holder.rollback();
      assertThat(drained.get()).isEmpty();
      assertThat(status(client, id)).isIn(ExecutionStatus.PENDING, ExecutionStatus.COMPLETED);
      client.queues().resume("busy");
      untilEnded(client, id);
    }
  }

  private boolean waitsForALock(String statement) {
    return db.number(
            "select count(*) from pg_stat_activity where datname = current_database()"
                + " and wait_event_type = 'Lock' and query like ?",
            "%" + statement + "%")
        > 0;
  }

  @Test
  @DisplayName(
      "keeps what PostgreSQL can store of a reason and a name; a queue of such a name is none")
  void textsThatCannotBeStored() {
    try (Durable durable = worker("strange?")) {
      Queues queues = durable.queues();
      queues.pause("strange?", "a\0b\uD800", "j\uDC00");
      queues.limits("strange?", "k\0", l -> l.globalConcurrency(1));
      QueueState state = queues.find("strange?").orElseThrow();
      assertThat(state.paused().reason()).isEqualTo("a\uFFFDb\uFFFD");
      assertThat(state.paused().by()).isEqualTo("j\uFFFD");
      assertThat(state.override().by()).isEqualTo("k\uFFFD");
      for (String name : List.of("strange\uD800", "strange?\0")) {
        assertThat(queues.find(name)).isEmpty();
        for (Consumer<String> change : changes(queues)) {
          assertThatThrownBy(() -> change.accept(name)).isInstanceOf(UnknownQueueException.class);
        }
      }
      assertThat(queues.find("strange?")).get().matches(QueueState::isPaused);
    }
  }

  private static List<Consumer<String>> changes(Queues queues) {
    return List.of(
        queues::resume,
        queues::clearOverrides,
        name -> queues.pause(name, "why"),
        name -> queues.limits(name, l -> l.globalConcurrency(2)),
        name -> queues.drain(name, Duration.ZERO));
  }
}
