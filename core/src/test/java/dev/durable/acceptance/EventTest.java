package dev.durable.acceptance;

import static dev.durable.acceptance.Waits.PAID;
import static dev.durable.acceptance.Waits.SHIPPED;
import static dev.durable.acceptance.Waits.body;
import static dev.durable.acceptance.Waits.text;
import static dev.durable.testing.DurableFixture.SOON;
import static dev.durable.testing.DurableFixture.untilWaiting;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.durable.Durable;
import dev.durable.StartOptions;
import dev.durable.execution.Execution;
import dev.durable.execution.ExecutionFailedException;
import dev.durable.execution.ExecutionHandle;
import dev.durable.execution.ExecutionStateException;
import dev.durable.execution.StepExecution;
import dev.durable.retry.RetryPolicy;
import dev.durable.testing.DatabaseExtension;
import dev.durable.testing.Gate;
import dev.durable.testing.Proves;
import dev.durable.testing.TestDatabase;
import dev.durable.wait.Delivery;
import dev.durable.wait.Event;
import dev.durable.workflow.StepContext;
import dev.durable.workflow.Workflow;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(DatabaseExtension.class)
@Proves({"R-163 to R-168", "R-190 to R-195", "R-202 to R-205", "R-213", "R-216"})
@DisplayName("Waiting for an event")
class EventTest {

  private final TestDatabase db;

  EventTest(TestDatabase db) {
    this.db = db;
  }

  private final Workflow<String, String> order =
      Workflow.define("order", String.class)
          .step("price", s -> s + ":priced")
          .await(
              "payment",
              PAID,
              (data, paid) -> data + ":received " + paid,
              with -> with.onCancel(data -> data + ":cancelled"))
          .step("ship", s -> s + ":shipped")
          .build();

  @Test
  @Proves({"R-163", "R-166", "R-190", "R-213", "G6"})
  @DisplayName("An execution waits, and the event resumes it with its payload")
  void anEventResumesIt() {
    try (Durable durable = db.start(order)) {
      ExecutionHandle<String> handle = durable.start(order, "o1");
      untilWaiting(durable, handle.id());
      assertThat(durable.waits(handle.id()))
          .singleElement()
          .satisfies(
              wait -> {
                assertThat(wait.signals()).containsExactly("event:payment.success");
                assertThat(wait.path()).isEqualTo("payment/payment");
                assertThat(wait.timeoutAt()).isNull();
              });
      assertThat(durable.find(handle.id()).orElseThrow().wakeAt()).isNull();
      assertThat(durable.send(handle.id(), PAID, "42")).isEqualTo(Delivery.DELIVERED);
      assertThat(handle.result(SOON)).isEqualTo("o1:priced:received 42:shipped");
      assertThat(
              db.rows(
                  "select status, received_by from durable.pending_events where workflow_id = ?",
                  handle.id()))
          .containsExactly("received|1");
    }
  }

  @Test
  @Proves({"R-193", "R-203", "B-07"})
  @DisplayName("An early event is kept, and a second one does not replace the first")
  void earlyEventsAreKept() {
    Gate gate = new Gate();
    Workflow<String, String> slow =
        Workflow.define("slow_order", String.class)
            .step("price", gate::hold)
            .await("payment", PAID, (data, paid) -> data + ":" + "received " + paid)
            .await("again", PAID, (data, paid) -> data + ":" + "received " + paid)
            .build();
    try (Durable durable = db.start(slow)) {
      ExecutionHandle<String> handle = durable.start(slow, "o");
      gate.awaitReached();
      assertThat(durable.send(handle.id(), PAID, "first")).isEqualTo(Delivery.BUFFERED);
      assertThat(durable.send(handle.id(), PAID, "second")).isEqualTo(Delivery.BUFFERED);
      gate.open();
      assertThat(handle.result(SOON)).isEqualTo("o:received first:received second");
    }
  }

  @Test
  @DisplayName("A second event to a wait that the first decides is kept, not delivered")
  void onlyOneIsDelivered() {
    try (Durable waiting = db.start(order)) {
      UUID id = waiting.start(order, "o2").id();
      untilWaiting(waiting, id);
      // Nobody claims it between the two.
      db.hideFromClaims(id);
      assertThat(waiting.send(id, PAID, "1")).isEqualTo(Delivery.DELIVERED);
      assertThat(waiting.send(id, PAID, "2")).isEqualTo(Delivery.BUFFERED);
      db.showToClaims(id);
      assertThat(waiting.handle(id, order).result(SOON)).contains("received 1");
    }
  }

  @Test
  @DisplayName("An idempotency key makes sending twice harmless, also after the event was received")
  void sendingTwiceIsHarmless() {
    try (Durable durable = db.start(order)) {
      UUID id = durable.start(order, "o3").id();
      untilWaiting(durable, id);
      Consumer<dev.durable.wait.SendOptions> once = m -> m.idempotencyKey("webhook-1");
      assertThat(durable.send(id, PAID, "1", once)).isEqualTo(Delivery.DELIVERED);
      assertThat(durable.handle(id).result(SOON)).contains("received 1");
      Workflow<?, ?> same = order;
      assertThat(same).isNotNull();
      assertThat(durable.send(id, PAID, "1", once)).isEqualTo(Delivery.DUPLICATE);
      assertThat(durable.send(id, PAID, "2")).isEqualTo(Delivery.CLOSED);
      assertThat(durable.send(UUID.randomUUID(), PAID, "2")).isEqualTo(Delivery.NOT_FOUND);
    }
  }

  @Test
  @Proves({"R-204", "R-205", "B-48"})
  @DisplayName("Any name will do, and none clashes with the engine's own")
  void anyNameWillDo() {
    Event<Integer> odd = Event.of("child:ü/[3]~\"' 端", Integer.class);
    Workflow<String, Integer> flow =
        Workflow.of("odd", String.class, Integer.class, (s, step) -> step.await(odd));
    try (Durable durable = db.start(flow)) {
      ExecutionHandle<Integer> handle = durable.start(flow, "");
      untilWaiting(durable, handle.id());
      durable.send(handle.id(), odd, 7);
      assertThat(handle.result(SOON)).isEqualTo(7);
    }
  }

  @Test
  @Proves({"R-165", "R-216", "B-17", "G8"})
  @DisplayName("Past its deadline it times out; an event after that is kept")
  void timesOut() {
    Workflow<String, String> flow =
        Workflow.define("impatient", String.class)
            .await(
                "payment",
                PAID,
                (data, paid) -> "received " + paid,
                with -> with.timeout(Duration.ofMillis(80)).onTimeout(data -> "timed out"))
            .await("late", PAID, (data, paid) -> data + ", then " + "received " + paid)
            .build();
    try (Durable durable = db.start(flow)) {
      ExecutionHandle<String> handle = durable.start(flow, "");
      Gate.until(
          () -> durable.waits(handle.id()).stream().anyMatch(w -> w.path().equals("late/late")));
      durable.send(handle.id(), PAID, "5");
      assertThat(handle.result(SOON)).isEqualTo("timed out, then received 5");
      StepExecution wait = durable.steps(handle.id()).getFirst();
      assertThat(wait.completedAt()).isAfterOrEqualTo(wait.wakeAt());
    }
  }

  @Test
  @Proves("R-165")
  @DisplayName("A timeout of an hour is an hour by the database's clock")
  void hasADeadline() {
    Workflow<String, String> flow =
        Workflow.define("hour", String.class)
            .await("payment", PAID, (data, paid) -> "", w -> w.timeout(Duration.ofHours(1)))
            .build();
    try (Durable durable = db.start(flow)) {
      UUID id = durable.start(flow, "").id();
      untilWaiting(durable, id);
      Execution execution = durable.find(id).orElseThrow();
      assertThat(Duration.between(execution.updatedAt(), execution.wakeAt()))
          .isEqualTo(Duration.ofHours(1));
      assertThat(durable.waits(id).getFirst().timeoutAt()).isEqualTo(execution.wakeAt());
      durable.cancel(id);
      assertThat(durable.waits(id)).isEmpty();
    }
  }

  @Test
  @Proves("R-202")
  @DisplayName("A timeout of zero looks once at the events that are there")
  void zeroLooksOnce() {
    Workflow<String, String> flow =
        Workflow.define("zero", String.class)
            .await(
                "look",
                PAID,
                (data, paid) -> "received " + paid,
                with -> with.timeout(Duration.ZERO).onTimeout(data -> "timed out"))
            .build();
    try (Durable durable = db.start(flow)) {
      assertThat(durable.start(flow, "").result(SOON)).isEqualTo("timed out");
      UUID sent = durable.startAndSend(flow, "", PAID, "there").id();
      assertThat(durable.handle(sent, flow).result(SOON)).isEqualTo("received there");
    }
  }

  @Test
  @Proves({"R-194", "R-195", "B-18"})
  @DisplayName("A cancelled wait ends as cancelled; without one it is refused")
  void cancelsAWait() {
    try (Durable durable = db.start(order)) {
      ExecutionHandle<String> handle = durable.start(order, "o4");
      untilWaiting(durable, handle.id());
      durable.cancelWaits(handle.id());
      assertThat(handle.result(SOON)).isEqualTo("o4:priced:cancelled:shipped");
      assertThatThrownBy(() -> durable.cancelWaits(handle.id()))
          .isInstanceOf(ExecutionStateException.class)
          .hasMessageContaining("cancelWait");
    }
  }

  @Test
  @Proves("R-161")
  @DisplayName("Nothing but its event wakes it")
  void nothingElseWakesIt() {
    try (Durable durable = db.start(order)) {
      UUID id = durable.start(order, "o5").id();
      untilWaiting(durable, id);
      long token = durable.find(id).orElseThrow().lockToken();
      assertThat(durable.send(id, SHIPPED, "no")).isEqualTo(Delivery.BUFFERED);
      assertThat(durable.find(id).orElseThrow())
          .satisfies(
              execution -> {
                assertThat(execution.wakeAt()).isNull();
                assertThat(execution.lockToken()).isEqualTo(token);
              });
      durable.cancel(id);
    }
  }

  @Test
  @DisplayName("It is sent by business key, by name as JSON, and in the caller's transaction")
  void otherWaysToSend() throws SQLException {
    try (Durable durable = db.start(order)) {
      ExecutionHandle<String> byKey = durable.start(order, "a", o -> o.key("key-1"));
      ExecutionHandle<String> byName = durable.start(order, "b");
      ExecutionHandle<String> inside = durable.start(order, "c");
      untilWaiting(durable, byKey.id());
      untilWaiting(durable, byName.id());
      untilWaiting(durable, inside.id());
      assertThat(durable.sendByKey(order, "key-1", PAID, "k")).isEqualTo(Delivery.DELIVERED);
      assertThat(durable.sendByKey(order, "key-2", PAID, "k")).isEqualTo(Delivery.NOT_FOUND);
      durable.send(byName.id(), PAID.name(), "\"n\"", m -> {});
      try (Connection connection = db.newConnection()) {
        connection.setAutoCommit(false);
        durable.using(connection).send(inside.id(), PAID, "rolled back");
        connection.rollback();
        durable.using(connection).send(inside.id(), PAID, "committed");
        connection.commit();
      }
      assertThat(byKey.result(SOON)).contains("received k");
      assertThat(byName.result(SOON)).contains("received n");
      assertThat(inside.result(SOON)).contains("received committed");
    }
  }

  @Test
  @DisplayName("startAndSend starts once for a key, and sends each time")
  void startsAndSends() {
    Workflow<String, String> two =
        Workflow.define("two_events", String.class)
            .await("one", PAID, (data, paid) -> data + "received " + paid)
            .await("two", PAID, (data, paid) -> data + "," + "received " + paid)
            .build();
    try (Durable durable = db.start(two)) {
      Consumer<? super StartOptions> key = o -> o.key("conversation-1");
      UUID first = durable.startAndSend(two, "", PAID, "1", key).id();
      UUID second = durable.startAndSend(two, "", PAID, "2", key).id();
      assertThat(second).isEqualTo(first);
      assertThat(durable.handle(first, two).result(SOON)).isEqualTo("received 1,received 2");
    }
  }

  @Test
  @DisplayName("Without hints it continues by polling")
  void worksWithoutHints() {
    try (Durable durable =
            Durable.on(db.dataSource())
                .register(order)
                .worker(w -> w.notifications(false).pollInterval(Duration.ofMillis(100)))
                .startWorker();
        Durable another = Durable.on(db.dataSource()).register(order).build()) {
      ExecutionHandle<String> handle = durable.start(order, "o6");
      untilWaiting(durable, handle.id());
      another.send(handle.id(), PAID, "1");
      assertThat(handle.result(SOON)).contains("received 1");
    }
  }

  @Test
  @Proves("B-53")
  @DisplayName("A body that catches everything still waits")
  void catchingEverythingChangesNothing() {
    Workflow<String, String> greedy =
        body(
            "greedy",
            (data, step) -> {
              try {
                return "received " + step.await(PAID);
              } catch (Throwable swallowed) {
                return "swallowed";
              }
            });
    try (Durable durable = db.start(greedy)) {
      ExecutionHandle<String> handle = durable.start(greedy, "");
      untilWaiting(durable, handle.id());
      durable.send(handle.id(), PAID, "1");
      assertThat(handle.result(SOON)).isEqualTo("received 1");
    }
  }

  @Test
  @Proves("B-49")
  @DisplayName("Using one name twice in a body is an error with the remedy")
  void oneNameTwice() {
    Workflow<String, String> twice =
        body(
            "twice",
            (data, step) ->
                text(step.await(PAID, Duration.ZERO)) + text(step.await(PAID, Duration.ZERO)));
    try (Durable durable = db.start(twice)) {
      assertThatThrownBy(() -> durable.start(twice, "").result(SOON))
          .isInstanceOf(ExecutionFailedException.class)
          .hasMessageContaining("asks twice for 'payment.success'")
          .hasMessageContaining("give each its own");
    }
  }

  @Test
  @DisplayName("A step that may begin only once cannot wait, and says so")
  void atMostOnceCannotWait() {
    Workflow<String, String> once =
        Workflow.define("once", String.class)
            .step(
                "charge",
                (String data, StepContext<String> step) -> "received " + step.await(PAID),
                with -> with.atMostOnce())
            .build();
    try (Durable durable = db.start(once)) {
      assertThatThrownBy(() -> durable.start(once, "").result(SOON))
          .isInstanceOf(ExecutionFailedException.class)
          .hasMessageContaining("cannot wait")
          .hasMessageContaining("at-most-once");
    }
  }

  @Test
  @DisplayName("A body that was shown as running leaves no running row behind when it waits")
  void aShownBodyMayWait() {
    Gate gate = new Gate();
    Workflow<String, String> shown =
        body(
            "shown",
            (data, step) -> {
              gate.pass();
              return "received " + step.await(PAID);
            });
    try (Durable durable =
        Durable.on(db.dataSource())
            .register(shown)
            .worker(w -> w.showRunningAfter(Duration.ofMillis(20)))
            .startWorker()) {
      ExecutionHandle<String> handle = durable.start(shown, "");
      Gate.until(() -> !durable.steps(handle.id()).isEmpty());
      gate.open();
      untilWaiting(durable, handle.id());
      assertThat(durable.steps(handle.id()))
          .extracting(row -> row.type().text() + " " + row.status().text())
          .containsExactly("wait waiting");
      durable.send(handle.id(), PAID, "1");
      assertThat(handle.result(SOON)).isEqualTo("received 1");
    }
  }

  @Test
  @DisplayName("A retry enters the body again; the wait that was over stays over")
  void aRetryKeepsTheWait() {
    AtomicInteger tries = new AtomicInteger();
    Workflow<String, String> flaky =
        Workflow.define("flaky", String.class)
            .step(
                "pay",
                (String data, StepContext<String> step) -> {
                  String paid = "received " + step.await(PAID);
                  if (tries.incrementAndGet() < 3) {
                    throw new IllegalStateException("not yet");
                  }
                  return paid;
                },
                with -> with.retry(RetryPolicy.constant(Duration.ofMillis(10)).maxAttempts(3)))
            .build();
    try (Durable durable = db.start(flaky)) {
      ExecutionHandle<String> handle = durable.start(flaky, "");
      untilWaiting(durable, handle.id());
      durable.send(handle.id(), PAID, "1");
      assertThat(handle.result(SOON)).isEqualTo("received 1");
      assertThat(durable.steps(handle.id()))
          .filteredOn(row -> row.path().equals("pay"))
          .extracting(StepExecution::attempt)
          .containsExactly(1, 2, 3);
    }
  }

  @Test
  @DisplayName("An operator's retry keeps the end of a wait that later steps built on")
  void aRetryKeepsWhatWasBuiltOn() {
    AtomicInteger tries = new AtomicInteger();
    Workflow<String, String> flow =
        body(
            "built_on",
            (data, step) -> {
              String paid = text(step.await(PAID, Duration.ofMillis(20)));
              String told = step.run("tell", String.class, () -> "told " + paid);
              if (tries.incrementAndGet() == 1) {
                throw new IllegalStateException("not yet");
              }
              return paid + ", " + told;
            });
    try (Durable durable = db.start(flow)) {
      ExecutionHandle<String> handle = durable.start(flow, "");
      assertThatThrownBy(() -> handle.result(SOON)).hasMessageContaining("not yet");
      durable.retry(handle.id());
      assertThat(durable.handle(handle.id(), flow).result(SOON))
          .isEqualTo("timed out, told timed out");
      assertThat(durable.steps(handle.id()))
          .filteredOn(row -> row.path().equals("body/payment.success"))
          .hasSize(1);
    }
  }

  @Test
  @DisplayName("An event by name needs a name that an event can have")
  void namesAreChecked() {
    try (Durable durable = db.start(order)) {
      assertThatThrownBy(() -> durable.send(UUID.randomUUID(), " ", "1", m -> {}))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("An event's name");
    }
  }

  @Test
  @DisplayName("The workflow's timeout ends an execution that waits, and closes the wait")
  void theWorkflowTimesOut() {
    Workflow<String, String> flow =
        Workflow.define("short_life", String.class, with -> with.timeout(Duration.ofMillis(100)))
            .await("payment", PAID, (data, paid) -> "")
            .build();
    try (Durable durable = db.start(flow)) {
      ExecutionHandle<String> handle = durable.start(flow, "");
      assertThatThrownBy(() -> handle.result(SOON)).hasMessageContaining("timeout");
      assertThat(durable.waits(handle.id())).isEmpty();
    }
  }
}
