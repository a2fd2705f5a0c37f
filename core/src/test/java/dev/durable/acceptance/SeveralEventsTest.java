package dev.durable.acceptance;

import static dev.durable.acceptance.Waits.PAID;
import static dev.durable.acceptance.Waits.SHIPPED;
import static dev.durable.acceptance.Waits.text;
import static dev.durable.testing.DurableFixture.SOON;
import static dev.durable.testing.DurableFixture.status;
import static dev.durable.testing.DurableFixture.untilItAwaitsAnEvent;
import static dev.durable.testing.DurableFixture.untilWaiting;
import static org.assertj.core.api.Assertions.assertThat;

import dev.durable.Durable;
import dev.durable.execution.ExecutionHandle;
import dev.durable.execution.ExecutionStatus;
import dev.durable.testing.DatabaseExtension;
import dev.durable.testing.Gate;
import dev.durable.testing.Proves;
import dev.durable.testing.TestDatabase;
import dev.durable.wait.Delivery;
import dev.durable.wait.Event;
import dev.durable.wait.Events;
import dev.durable.workflow.StepContext;
import dev.durable.workflow.Workflow;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(DatabaseExtension.class)
@Proves({"R-169 to R-175", "R-192", "R-206", "R-207", "R-214"})
@DisplayName("Waiting for several events")
class SeveralEventsTest {

  private final TestDatabase db;

  SeveralEventsTest(TestDatabase db) {
    this.db = db;
  }

  private static String text(String received) {
    return received == null ? "-" : received;
  }

  private final Workflow<String, String> any =
      Workflow.define("any", String.class)
          .awaitAny(
              "first",
              any ->
                  any.on(PAID, (data, paid) -> "[payment.success] " + text(paid) + "-")
                      .on(SHIPPED, (data, shipped) -> "[shipped] -" + text(shipped)))
          .build();

  private final Workflow<String, String> all =
      Workflow.of(
          "all",
          String.class,
          String.class,
          (data, step) -> {
            Events came = step.awaitAll("every", PAID, SHIPPED);
            return came.names().stream().sorted().toList()
                + " "
                + came.find(PAID).orElse("-")
                + came.find(SHIPPED).orElse("-");
          });

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
  @DisplayName("The text of events names them, and keeps what was sent to itself")
  void textOfEvents() {
    assertThat(new Events(Map.of(PAID.name(), "secret"))).hasToString("events [payment.success]");
  }

  @Test
  @DisplayName("An event without a payload, JSON's null, counts like any other")
  void eventsWithoutAPayload() {
    try (Durable durable = db.start(any, all)) {
      ExecutionHandle<String> one = durable.start(any, "");
      durable.send(one.id(), SHIPPED.name(), "null", m -> {});
      assertThat(one.result(SOON)).isEqualTo("[shipped] --");
      ExecutionHandle<String> both = durable.start(all, "");
      durable.send(both.id(), SHIPPED.name(), "null", m -> {});
      durable.send(both.id(), PAID, "p");
      assertThat(both.result(SOON)).isEqualTo("[payment.success, shipped] p-");
    }
  }

  @Test
  @DisplayName("The step after a wait for several events may get another type")
  void anotherType() {
    Workflow<String, Integer> flow =
        Workflow.define("another_type", String.class)
            .awaitAny(
                "any",
                Integer.class,
                any ->
                    any.on(PAID, (data, paid) -> data.length())
                        .on(SHIPPED, (data, shipped) -> data.length()))
            .awaitAll("all", all -> all.on(PAID, (n, paid) -> n).on(SHIPPED, (n, ship) -> n + 1))
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
                any -> any.on(PAID, (data, paid) -> "paid").on(SHIPPED, (data, ship) -> "shipped"),
                with -> with.timeout(Duration.ofMillis(30)).onTimeout(data -> "timed out"))
            .awaitAll(
                "all",
                all -> all.on(PAID, (data, paid) -> "paid").on(SHIPPED, (data, ship) -> "shipped"),
                with ->
                    with.timeout(Duration.ofMillis(300)).onTimeout(data -> data + ", timed out"))
            .await("kept", SHIPPED, (data, shipped) -> data + ", received " + shipped)
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
                      par.step(
                          "works",
                          String.class,
                          (String s, StepContext<String> step) -> {
                            gate.pass();
                            return "worked";
                          });
                  var waits =
                      par.path(
                          "waits",
                          String.class,
                          path ->
                              path.await("paid", PAID, (s, paid) -> "received " + paid)
                                  .step("seen", seen::hold));
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
                  par.step(
                      "works",
                      String.class,
                      (String s, StepContext<String> step) -> {
                        gate.pass();
                        return s;
                      });
                  var waits =
                      par.path(
                          "waits",
                          String.class,
                          path ->
                              path.await(
                                  "paid",
                                  PAID,
                                  (s, paid) -> paid,
                                  with -> with.onCancel(s -> "cancelled")));
                  return par.join((in, results) -> results.get(waits));
                })
            .build();
    try (Durable durable =
        Durable.on(db.dataSource())
            .register(flow)
            .worker(w -> w.notifications(false).pollInterval(Duration.ofMillis(50)))
            .startWorker()) {
      ExecutionHandle<String> handle = durable.start(flow, "");
      gate.awaitReached();
      untilItAwaitsAnEvent(durable, handle.id());
      durable.cancelWaits(handle.id());
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
                  par.path("a", String.class, path -> path.await("paid", PAID, (s, got) -> "paid"));
                  par.path(
                      "b",
                      String.class,
                      path -> path.await("shipped", SHIPPED, (s, got) -> "shipped"));
                  return par.join((in, results) -> "over");
                },
                with -> with.any())
            .await("after", PAID, (data, paid) -> data + " received " + paid)
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
            .await("ready", Event.of("ready", String.class), (data, got) -> data)
            .parallel(
                "race",
                par -> {
                  var a =
                      par.path(
                          "a", String.class, path -> path.await("paid", PAID, (s, got) -> "paid"));
                  var b =
                      par.path(
                          "b",
                          String.class,
                          path -> path.await("shipped", SHIPPED, (s, got) -> "shipped"));
                  return par.join(
                      (in, results) ->
                          Stream.of(results.outcome(a), results.outcome(b))
                              .map(outcome -> outcome.getClass().getSimpleName())
                              .sorted()
                              .toList()
                              .toString());
                },
                with -> with.any())
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
            .repeatUntil("again", n -> n >= 3, path -> path.await("paid", PAID, (n, got) -> n + 1))
            .forEach(
                "each",
                Integer.class,
                n -> List.of(1, 2, 3),
                each -> each.await("paid", PAID, (n, got) -> n * 10),
                (n, results) -> n + results.completed().stream().mapToInt(Integer::intValue).sum(),
                with -> with.concurrency(2))
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
