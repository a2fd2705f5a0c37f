package dev.durable.acceptance;

import static dev.durable.testing.DurableFixture.SOON;
import static dev.durable.testing.DurableFixture.status;
import static dev.durable.testing.DurableFixture.steps;
import static dev.durable.testing.DurableFixture.untilItAwaitsAnEvent;
import static dev.durable.testing.DurableFixture.untilStatus;
import static dev.durable.testing.DurableFixture.untilWaiting;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.durable.Durable;
import dev.durable.StartOptions;
import dev.durable.execution.Execution;
import dev.durable.execution.ExecutionFailedException;
import dev.durable.execution.ExecutionHandle;
import dev.durable.execution.ExecutionStateException;
import dev.durable.execution.ExecutionStatus;
import dev.durable.execution.StepExecution;
import dev.durable.execution.StepStatus;
import dev.durable.json.TypeRef;
import dev.durable.retry.RetryPolicy;
import dev.durable.testing.DatabaseExtension;
import dev.durable.testing.Gate;
import dev.durable.testing.Proves;
import dev.durable.testing.TestDatabase;
import dev.durable.wait.Delivery;
import dev.durable.wait.Event;
import dev.durable.wait.Events;
import dev.durable.wait.WaitOutcome;
import dev.durable.wait.WaitOutcome.Cancelled;
import dev.durable.wait.WaitOutcome.Received;
import dev.durable.wait.WaitOutcome.TimedOut;
import dev.durable.workflow.StepContext;
import dev.durable.workflow.Workflow;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(DatabaseExtension.class)
@Proves({"R-151 to R-175", "R-190 to R-195", "R-202 to R-216"})
@DisplayName("Waiting for time and events")
class WaitTest {

  private static final Event<String> PAID = Event.of("payment.success", String.class);
  private static final Event<String> SHIPPED = Event.of("shipped", String.class);

  private final TestDatabase db;

  WaitTest(TestDatabase db) {
    this.db = db;
  }

  private static Workflow<String, String> body(String name, Body body) {
    return Workflow.of(name, String.class, String.class, body::run);
  }

  /** A body that waits. */
  private interface Body {
    String run(String data, StepContext<String> step) throws Exception;
  }

  private static <T> String text(WaitOutcome<T> outcome) {
    return switch (outcome) {
      case Received<T>(T value) -> "received " + value;
      case TimedOut<T> late -> "timed out";
      case Cancelled<T> cancelled -> "cancelled";
    };
  }

  @Nested
  class Sleeping {

    private static final Workflow<String, String> NAP =
        Workflow.define("nap", String.class)
            .step("before", s -> s + " slept")
            .sleep("rest", Duration.ofSeconds(30))
            .step("after", s -> s + " woke")
            .build();

    @Test
    @Proves({"R-151", "R-152", "R-153", "G7"})
    @DisplayName("It waits, owned by nobody, for 30 s by the database's clock")
    void restsOwnedByNobody() {
      try (Durable durable = db.start(NAP)) {
        UUID id = durable.start(NAP, "she").id();
        untilWaiting(durable, id);
        Execution execution = durable.find(id).orElseThrow();
        assertThat(execution.worker()).isNull();
        assertThat(Duration.between(execution.updatedAt(), execution.wakeAt()))
            .isEqualTo(Duration.ofSeconds(30));
        assertThat(steps(durable, id)).containsExactly("before completed", "rest/rest waiting");
        durable.cancel(id);
      }
    }

    @Test
    @Proves({"R-156", "R-157", "R-159", "R-212"})
    @DisplayName("Two sleeps wake, each in its turn, and the data is kept")
    void wakesAndGoesOn() {
      Workflow<String, String> naps =
          Workflow.define("naps", String.class)
              .sleep("first", Duration.ofMillis(60))
              .step("between", s -> s + " between")
              .sleep("second", data -> Duration.ofMillis(60))
              .step("after", s -> s + " after")
              .build();
      try (Durable durable = db.start(naps)) {
        ExecutionHandle<String> handle = durable.start(naps, "data");
        assertThat(handle.result(SOON)).isEqualTo("data between after");
        List<StepExecution> rows = durable.steps(handle.id());
        assertThat(rows)
            .extracting(row -> row.path() + " " + row.status().text())
            .containsExactly(
                "first/first completed",
                "first completed",
                "between completed",
                "second/second completed",
                "second completed",
                "after completed");
        for (StepExecution row : List.of(rows.get(0), rows.get(3))) {
          assertThat(row.completedAt()).isAfterOrEqualTo(row.wakeAt());
        }
      }
    }

    @Test
    @Proves({"R-154", "R-155"})
    @DisplayName("It wakes at the very instant that was asked for")
    void wakesAtAnInstant() {
      Instant nine = Instant.parse("2099-01-01T09:00:00.123456Z");
      Workflow<String, String> until =
          Workflow.define("until", String.class).sleepUntil("nine", data -> nine).build();
      try (Durable durable = db.start(until)) {
        UUID id = durable.start(until, "").id();
        untilWaiting(durable, id);
        assertThat(durable.find(id).orElseThrow().wakeAt()).isEqualTo(nine);
        durable.cancel(id);
        assertThat(durable.steps(id))
            .extracting(StepExecution::status)
            .containsOnly(StepStatus.CANCELLED);
      }
    }

    @Test
    @Proves("R-158")
    @DisplayName("An instant in the past is over at once")
    void thePastIsOver() {
      Workflow<String, String> until =
          Workflow.define("until_past", String.class)
              .sleepUntil("past", data -> Instant.parse("2001-01-01T00:00:00Z"))
              .build();
      try (Durable durable = db.start(until)) {
        assertThat(durable.start(until, "on").result(SOON)).isEqualTo("on");
      }
    }

    @Test
    @Proves("B-65")
    @DisplayName("Two sleeps in one body, and an effect between them that runs once")
    void twoSleepsInOneBody() {
      AtomicInteger effects = new AtomicInteger();
      AtomicInteger entries = new AtomicInteger();
      Workflow<String, String> flow =
          body(
              "sleepy_body",
              (data, step) -> {
                entries.incrementAndGet();
                step.sleep("one", Duration.ofMillis(20));
                int made = step.run("made", Integer.class, effects::incrementAndGet);
                step.sleep("two", Duration.ofMillis(20));
                return data + made;
              });
      try (Durable durable = db.start(flow)) {
        assertThat(durable.start(flow, "x").result(SOON)).isEqualTo("x1");
        assertThat(effects).hasValue(1);
        assertThat(entries).hasValue(3);
      }
    }

    @Test
    @DisplayName("Branches of a parallel sleep side by side")
    void sleepsInParallel() {
      Workflow<String, String> both =
          Workflow.define("both_sleep", String.class)
              .parallel(
                  "both",
                  par -> {
                    var one =
                        par.branch(
                            "one",
                            String.class,
                            path ->
                                path.sleep("nap", Duration.ofMillis(150)).step("a", s -> s + "a"));
                    var two =
                        par.branch(
                            "two",
                            String.class,
                            path ->
                                path.sleepUntil("nap", s -> Instant.parse("2001-01-01T00:00:00Z"))
                                    .step("b", s -> s + "b"));
                    return par.join((in, results) -> results.get(one) + results.get(two));
                  })
              .build();
      try (Durable durable = db.start(both)) {
        assertThat(durable.start(both, "x").result(SOON)).isEqualTo("xaxb");
      }
    }
  }

  @Nested
  class OneEvent {

    private final Workflow<String, String> order =
        Workflow.define("order", String.class)
            .step("price", s -> s + ":priced")
            .await("payment", PAID, w -> w, (data, paid) -> data + ":" + text(paid))
            .step("ship", s -> s + ":shipped")
            .build();

    @Test
    @Proves({"R-163", "R-166", "R-190", "R-213", "G6"})
    @DisplayName("It waits; the event resumes it with its payload")
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
    @DisplayName("What is sent early is kept; a second event does not replace the first")
    void earlyEventsAreKept() {
      Gate gate = new Gate();
      Workflow<String, String> slow =
          Workflow.define("slow_order", String.class)
              .step(
                  "price",
                  s -> {
                    gate.pass();
                    return s;
                  })
              .await("payment", PAID, w -> w, (data, paid) -> data + ":" + text(paid))
              .await("again", PAID, w -> w, (data, paid) -> data + ":" + text(paid))
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
    @DisplayName(
        "An idempotency key makes sending twice harmless, also after the event was received")
    void sendingTwiceIsHarmless() {
      try (Durable durable = db.start(order)) {
        UUID id = durable.start(order, "o3").id();
        untilWaiting(durable, id);
        UnaryOperator<dev.durable.wait.SendOptions> once = m -> m.idempotencyKey("webhook-1");
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
          Workflow.of(
              "odd", String.class, Integer.class, (s, step) -> step.await(odd).orElseThrow());
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
                  w -> w.timeout(Duration.ofMillis(80)),
                  (data, paid) -> text(paid))
              .await("late", PAID, w -> w, (data, paid) -> data + ", then " + text(paid))
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
              .await("payment", PAID, w -> w.timeout(Duration.ofHours(1)), (data, paid) -> "")
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
    @DisplayName("A timeout of zero looks at what is there, once")
    void zeroLooksOnce() {
      Workflow<String, String> flow =
          Workflow.define("zero", String.class)
              .await("look", PAID, w -> w.timeout(Duration.ZERO), (data, paid) -> text(paid))
              .build();
      try (Durable durable = db.start(flow)) {
        assertThat(durable.start(flow, "").result(SOON)).isEqualTo("timed out");
        UUID sent = durable.startAndSend(flow, "", UnaryOperator.identity(), PAID, "there");
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
        durable.cancelWait(handle.id());
        assertThat(handle.result(SOON)).isEqualTo("o4:priced:cancelled:shipped");
        assertThatThrownBy(() -> durable.cancelWait(handle.id()))
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
        durable.send(byName.id(), PAID.name(), "\"n\"", m -> m);
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
              .await("one", PAID, w -> w, (data, paid) -> data + text(paid))
              .await("two", PAID, w -> w, (data, paid) -> data + "," + text(paid))
              .build();
      try (Durable durable = db.start(two)) {
        UnaryOperator<StartOptions> key = o -> o.key("conversation-1");
        UUID first = durable.startAndSend(two, "", key, PAID, "1");
        UUID second = durable.startAndSend(two, "", key, PAID, "2");
        assertThat(second).isEqualTo(first);
        assertThat(durable.handle(first, two).result(SOON)).isEqualTo("received 1,received 2");
      }
    }

    @Test
    @DisplayName("Without hints it goes on by polling")
    void worksWithoutHints() {
      try (Durable durable =
              Durable.on(db.dataSource())
                  .register(order)
                  .notifications(false)
                  .pollInterval(Duration.ofMillis(100))
                  .start();
          Durable another = Durable.on(db.dataSource()).register(order).client()) {
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
                  return text(step.await(PAID));
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
    @DisplayName("One name twice in a body is an error that says what to do")
    void oneNameTwice() {
      Workflow<String, String> twice =
          body(
              "twice",
              (data, step) ->
                  text(step.await(PAID, w -> w.timeout(Duration.ZERO)))
                      + text(step.await(PAID, w -> w.timeout(Duration.ZERO))));
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
                  (String data, StepContext<String> step) -> text(step.await(PAID)),
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
                return text(step.await(PAID));
              });
      try (Durable durable =
          Durable.on(db.dataSource())
              .register(shown)
              .showRunningAfter(Duration.ofMillis(20))
              .start()) {
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
                    String paid = text(step.await(PAID));
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
    @DisplayName("An operator's retry keeps the end of a wait that something was built on")
    void aRetryKeepsWhatWasBuiltOn() {
      AtomicInteger tries = new AtomicInteger();
      Workflow<String, String> flow =
          body(
              "built_on",
              (data, step) -> {
                String paid = text(step.await(PAID, w -> w.timeout(Duration.ofMillis(20))));
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
        assertThatThrownBy(() -> durable.send(UUID.randomUUID(), " ", "1", m -> m))
            .isInstanceOf(IllegalArgumentException.class)
            .hasMessageContaining("An event's name");
      }
    }

    @Test
    @DisplayName("The workflow's timeout ends an execution that waits, and closes the wait")
    void theWorkflowTimesOut() {
      Workflow<String, String> flow =
          Workflow.define("short_life", String.class)
              .timeout(Duration.ofMillis(100))
              .await("payment", PAID, w -> w, (data, paid) -> "")
              .build();
      try (Durable durable = db.start(flow)) {
        ExecutionHandle<String> handle = durable.start(flow, "");
        assertThatThrownBy(() -> handle.result(SOON)).hasMessageContaining("timeout");
        assertThat(durable.waits(handle.id())).isEmpty();
      }
    }
  }

  @Nested
  class ChangedCode {

    @Test
    @DisplayName("A body that has come to wait for another event gets that one")
    void waitsForAnother() {
      Workflow<String, String> before =
          body("changed_event", (data, step) -> text(step.await("word", PAID, w -> w)));
      Workflow<String, String> after =
          body("changed_event", (data, step) -> text(step.await("word", SHIPPED, w -> w)));
      UUID id;
      try (Durable durable = db.start(before)) {
        id = durable.start(before, "").id();
        untilWaiting(durable, id);
      }
      try (Durable durable = db.start(after)) {
        durable.send(id, PAID, "the old one wakes it");
        Gate.until(() -> durable.waits(id).getFirst().signals().equals(List.of("event:shipped")));
        untilWaiting(durable, id);
        assertThat(durable.send(id, SHIPPED, "s")).isEqualTo(Delivery.DELIVERED);
        assertThat(durable.handle(id, after).result(SOON)).isEqualTo("received s");
      }
    }

    @Test
    @Proves("B-12")
    @DisplayName("An execution whose wait is no longer in the definition is parked, and says so")
    void aWaitThatIsGone() {
      Workflow<String, String> before =
          Workflow.define("gone_wait", String.class)
              .await("payment", PAID, w -> w, (data, paid) -> text(paid))
              .build();
      Workflow<String, String> after =
          Workflow.define("gone_wait", String.class).step("other", s -> s).build();
      UUID id;
      try (Durable durable = db.start(before)) {
        id = durable.start(before, "").id();
        untilWaiting(durable, id);
      }
      try (Durable durable = db.start(after)) {
        durable.send(id, PAID, "1");
        untilStatus(durable, id, ExecutionStatus.PARKED);
        assertThat(durable.find(id).orElseThrow().error().message())
            .contains("step 'payment' waits, but is not in it");
        durable.cancel(id);
      }
    }
  }

  @Nested
  class Several {

    private String outcome(WaitOutcome<Events> outcome) {
      return outcome instanceof Received<Events>(Events events)
          ? events.names().stream().sorted().toList()
              + " "
              + events.find(PAID).orElse("-")
              + events.find(SHIPPED).orElse("-")
          : text(outcome);
    }

    private final Workflow<String, String> any =
        Workflow.define("any", String.class)
            .awaitAny("first", List.of(PAID, SHIPPED), w -> w, (data, got) -> outcome(got))
            .build();

    private final Workflow<String, String> all =
        Workflow.define("all", String.class)
            .awaitAll("every", List.of(PAID, SHIPPED), w -> w, (data, got) -> outcome(got))
            .build();

    @Test
    @Proves({"R-169", "R-170", "R-171", "B-19"})
    @DisplayName("The first event decides; nothing is left open")
    void theFirstDecides() {
      try (Durable durable = db.start(any)) {
        ExecutionHandle<String> handle = durable.start(any, "");
        untilWaiting(durable, handle.id());
        assertThat(durable.waits(handle.id()).getFirst())
            .satisfies(
                wait -> {
                  assertThat(wait.all()).isFalse();
                  assertThat(wait.signals())
                      .containsExactly("event:payment.success", "event:shipped");
                });
        assertThat(durable.send(handle.id(), SHIPPED, "s")).isEqualTo(Delivery.DELIVERED);
        assertThat(handle.result(SOON)).isEqualTo("[shipped] -s");
        assertThat(durable.waits(handle.id())).isEmpty();
      }
    }

    @Test
    @Proves({"R-172", "R-173", "R-174", "R-175", "R-192", "R-206"})
    @DisplayName("All must come; one alone does not wake it")
    void allMustCome() {
      try (Durable durable = db.start(all)) {
        ExecutionHandle<String> handle = durable.start(all, "");
        untilWaiting(durable, handle.id());
        assertThat(durable.send(handle.id(), SHIPPED, "s")).isEqualTo(Delivery.DELIVERED);
        assertThat(durable.find(handle.id()).orElseThrow().wakeAt()).isNull();
        assertThat(durable.send(handle.id(), SHIPPED, "s2")).isEqualTo(Delivery.BUFFERED);
        assertThat(durable.find(handle.id()).orElseThrow().wakeAt()).isNull();
        assertThat(durable.send(handle.id(), PAID, "p")).isEqualTo(Delivery.DELIVERED);
        assertThat(handle.result(SOON)).isEqualTo("[payment.success, shipped] ps");
      }
    }

    @Test
    @DisplayName("An event without a payload, JSON's null, counts like any other")
    void eventsWithoutAPayload() {
      try (Durable durable = db.start(any, all)) {
        ExecutionHandle<String> one = durable.start(any, "");
        durable.send(one.id(), SHIPPED.name(), "null", m -> m);
        assertThat(one.result(SOON)).isEqualTo("[shipped] --");
        ExecutionHandle<String> both = durable.start(all, "");
        durable.send(both.id(), SHIPPED.name(), "null", m -> m);
        durable.send(both.id(), PAID, "p");
        assertThat(both.result(SOON)).isEqualTo("[payment.success, shipped] p-");
      }
    }

    @Test
    @DisplayName("What follows a wait for several events may get another type")
    void anotherType() {
      Workflow<String, Integer> flow =
          Workflow.define("another_type", String.class)
              .awaitAny(
                  "any",
                  TypeRef.of(Integer.class),
                  List.of(PAID, SHIPPED),
                  w -> w,
                  (data, got) -> data.length())
              .awaitAll(
                  "all",
                  TypeRef.of(Integer.class),
                  List.of(PAID, SHIPPED),
                  w -> w,
                  (n, got) -> n + 1)
              .build();
      try (Durable durable = db.start(flow)) {
        ExecutionHandle<Integer> handle = durable.start(flow, "four");
        durable.send(handle.id(), PAID, "1");
        durable.send(handle.id(), PAID, "2");
        durable.send(handle.id(), SHIPPED, "3");
        assertThat(handle.result(SOON)).isEqualTo(5);
      }
    }

    @Test
    @Proves("B-16")
    @DisplayName("Both kinds time out, and keep what has come")
    void bothTimeOut() {
      Workflow<String, String> flow =
          Workflow.define("late", String.class)
              .awaitAny(
                  "any",
                  List.of(PAID, SHIPPED),
                  w -> w.timeout(Duration.ofMillis(30)),
                  (data, got) -> outcome(got))
              .awaitAll(
                  "all",
                  List.of(PAID, SHIPPED),
                  w -> w.timeout(Duration.ofMillis(300)),
                  (data, got) -> data + ", " + outcome(got))
              .await("kept", SHIPPED, w -> w, (data, got) -> data + ", " + text(got))
              .build();
      try (Durable durable = db.start(flow)) {
        ExecutionHandle<String> handle = durable.start(flow, "");
        Gate.until(
            () -> durable.waits(handle.id()).stream().anyMatch(w -> w.path().equals("all/all")));
        durable.send(handle.id(), SHIPPED, "s");
        assertThat(handle.result(SOON)).isEqualTo("timed out, timed out, received s");
      }
    }

    @Test
    @DisplayName("A wait beside a running body is over as soon as its event comes")
    void beside() {
      Gate gate = new Gate();
      Gate seen = new Gate();
      Workflow<String, String> flow =
          Workflow.define("beside", String.class)
              .parallel(
                  "both",
                  par -> {
                    var works =
                        par.branch(
                            "works",
                            String.class,
                            (String s, StepContext<String> step) -> {
                              gate.pass();
                              return "worked";
                            });
                    var waits =
                        par.branch(
                            "waits",
                            String.class,
                            path ->
                                path.await("paid", PAID, w -> w, (s, got) -> text(got))
                                    .step(
                                        "seen",
                                        s -> {
                                          seen.pass();
                                          return s;
                                        }));
                    return par.join((in, results) -> results.get(works) + " " + results.get(waits));
                  })
              .build();
      try (Durable durable = db.start(flow)) {
        ExecutionHandle<String> handle = durable.start(flow, "");
        gate.awaitReached();
        untilItAwaitsAnEvent(durable, handle.id());
        assertThat(status(durable, handle.id())).isEqualTo(ExecutionStatus.RUNNING);
        assertThat(durable.send(handle.id(), PAID, "p")).isEqualTo(Delivery.BUFFERED);
        seen.awaitReached();
        seen.open();
        gate.open();
        assertThat(handle.result(SOON)).isEqualTo("worked received p");
      }
    }

    @Test
    @Proves("G12")
    @DisplayName("A wait that is cancelled beside a running body ends, also without hints")
    void cancelledBeside() {
      Gate gate = new Gate();
      Workflow<String, String> flow =
          Workflow.define("cancelled_beside", String.class)
              .parallel(
                  "both",
                  par -> {
                    par.branch(
                        "works",
                        String.class,
                        (String s, StepContext<String> step) -> {
                          gate.pass();
                          return s;
                        });
                    var waits =
                        par.branch(
                            "waits",
                            String.class,
                            path -> path.await("paid", PAID, w -> w, (s, got) -> text(got)));
                    return par.join((in, results) -> results.get(waits));
                  })
              .build();
      try (Durable durable =
          Durable.on(db.dataSource())
              .register(flow)
              .notifications(false)
              .pollInterval(Duration.ofMillis(50))
              .start()) {
        ExecutionHandle<String> handle = durable.start(flow, "");
        gate.awaitReached();
        untilItAwaitsAnEvent(durable, handle.id());
        durable.cancelWait(handle.id());
        gate.open();
        assertThat(handle.result(SOON)).isEqualTo("cancelled");
      }
    }

    @Test
    @DisplayName("any(): the branch that loses waits no longer")
    void theLoserWaitsNoLonger() {
      Workflow<String, String> flow =
          Workflow.define("race", String.class)
              .parallel(
                  "race",
                  par -> {
                    par.branch(
                        "a",
                        String.class,
                        path -> path.await("paid", PAID, w -> w, (s, got) -> "paid"));
                    par.branch(
                        "b",
                        String.class,
                        path -> path.await("shipped", SHIPPED, w -> w, (s, got) -> "shipped"));
                    return par.any().join((in, results) -> "over");
                  })
              .await("after", PAID, w -> w, (data, got) -> data + " " + text(got))
              .build();
      try (Durable durable = db.start(flow)) {
        ExecutionHandle<String> handle = durable.start(flow, "");
        untilWaiting(durable, handle.id());
        assertThat(durable.waits(handle.id())).hasSize(2);
        durable.send(handle.id(), SHIPPED, "s");
        Gate.until(
            () ->
                durable.waits(handle.id()).stream()
                    .map(dev.durable.wait.OpenWait::path)
                    .toList()
                    .equals(List.of("after/after")));
        durable.send(handle.id(), PAID, "p");
        assertThat(handle.result(SOON)).isEqualTo("over received p");
      }
    }

    @Test
    @Proves("F6.9")
    @DisplayName("any() with both events sent early takes one; the loser's stays in the mailbox")
    void bothEventsEarly() {
      Workflow<String, String> flow =
          Workflow.define("early_race", String.class)
              .await("ready", Event.of("ready", String.class), w -> w, (data, got) -> data)
              .parallel(
                  "race",
                  par -> {
                    var a =
                        par.branch(
                            "a",
                            String.class,
                            path -> path.await("paid", PAID, w -> w, (s, got) -> "paid"));
                    var b =
                        par.branch(
                            "b",
                            String.class,
                            path -> path.await("shipped", SHIPPED, w -> w, (s, got) -> "shipped"));
                    return par.any()
                        .join(
                            (in, results) ->
                                Stream.of(results.outcome(a), results.outcome(b))
                                    .map(outcome -> outcome.getClass().getSimpleName())
                                    .sorted()
                                    .toList()
                                    .toString());
                  })
              .build();
      try (Durable durable = db.start(flow)) {
        for (int i = 0; i < 30; i++) {
          ExecutionHandle<String> handle = durable.start(flow, "");
          UUID id = handle.id();
          untilWaiting(durable, id);
          durable.send(id, PAID, "p");
          durable.send(id, SHIPPED, "s");
          durable.send(id, Event.of("ready", String.class), "r");
          assertThat(handle.result(SOON)).contains("Completed");
          assertThat(
                  db.rows(
                      "select status, count(*) from durable.pending_events"
                          + " where workflow_id = ?::uuid and event_name <> 'ready'"
                          + " group by 1 order by 1",
                      id.toString()))
              .containsExactly("pending|1", "received|1");
          assertThat(
                  db.rows(
                      "select status from durable.step_executions where workflow_id = ?::uuid"
                          + " and step_type = 'wait' and path like 'race%' and status = 'completed'",
                      id.toString()))
              .hasSize(1);
        }
      }
    }

    @Test
    @Proves("R-214")
    @DisplayName("The same event in each round of a repeat and each item of a forEach")
    void inLoops() {
      Workflow<Integer, Integer> rounds =
          Workflow.define("rounds", Integer.class)
              .repeat(
                  "again",
                  with -> with.until(n -> n >= 3),
                  path -> path.await("paid", PAID, w -> w, (n, got) -> n + 1))
              .forEach(
                  "each",
                  Integer.class,
                  n -> List.of(1, 2, 3),
                  each -> each.await("paid", PAID, w -> w, (n, got) -> n * 10),
                  with -> with.concurrency(2),
                  (n, results) ->
                      n + results.completed().stream().mapToInt(Integer::intValue).sum())
              .build();
      try (Durable durable = db.start(rounds)) {
        ExecutionHandle<Integer> handle = durable.start(rounds, 0);
        for (int i = 0; i < 6; i++) {
          durable.send(handle.id(), PAID, "" + i);
        }
        assertThat(handle.result(SOON)).isEqualTo(63);
        assertThat(
                db.rows(
                    "select count(*) from durable.pending_events where workflow_id = ? and status = 'received'",
                    handle.id()))
            .containsExactly("6");
      }
    }
  }
}
