package dev.durable.cluster;

import static dev.durable.testing.DurableFixture.SOON;
import static dev.durable.testing.DurableFixture.untilItAsks;
import static dev.durable.testing.DurableFixture.untilWaiting;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.durable.Durable;
import dev.durable.execution.Execution;
import dev.durable.execution.ExecutionHandle;
import dev.durable.execution.ExecutionStatus;
import dev.durable.question.Question;
import dev.durable.question.QuestionClosedException;
import dev.durable.question.QuestionStatus;
import dev.durable.testing.DatabaseExtension;
import dev.durable.testing.Gate;
import dev.durable.testing.Proves;
import dev.durable.testing.TestDatabase;
import dev.durable.wait.Delivery;
import dev.durable.wait.Event;
import dev.durable.wait.WaitOutcome.Received;
import dev.durable.workflow.BranchRef;
import dev.durable.workflow.Workflow;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Two sessions that meet at one wait, in each order. One is held open by the test. */
@Tag("newest")
@ExtendWith(DatabaseExtension.class)
@Proves({"G6", "G7", "G8", "G15", "B-07", "B-08", "B-20"})
@DisplayName("Races of waits")
class WaitRaceTest {

  private static final Event<String> GO = Event.of("go", String.class);

  private final TestDatabase db;
  private Connection session;

  WaitRaceTest(TestDatabase db) {
    this.db = db;
  }

  @BeforeEach
  void open() throws SQLException {
    session = db.newConnection();
    session.setAutoCommit(false);
  }

  @AfterEach
  void close() throws SQLException {
    session.close();
  }

  private Durable start(Workflow<?, ?>... workflows) {
    return Durable.on(db.dataSource())
        .register(workflows)
        .worker(w -> w.pollInterval(Duration.ofMillis(50)))
        .startWorker();
  }

  private void untilDue(UUID id) {
    Gate.until(
        () ->
            db.number(
                    "select count(*) from durable.workflow_executions"
                        + " where id = ? and wake_at < now() - interval '100 milliseconds'",
                    id)
                > 0);
  }

  /** Passes a gate before it waits: its rest is the first thing that it commits. */
  private static Workflow<String, String> gated(String name, Gate gate) {
    return Workflow.of(
        name,
        String.class,
        String.class,
        (s, step) -> {
          gate.pass();
          return s + step.await(GO);
        });
  }

  @Test
  @DisplayName("An event that commits while the execution comes to rest wakes it")
  void eventAgainstSuspend() throws SQLException {
    Gate gate = new Gate();
    Workflow<String, String> flow = gated("event_against_suspend", gate);
    try (Durable durable = start(flow)) {
      ExecutionHandle<String> handle = durable.start(flow, "");
      gate.awaitReached();
      assertThat(durable.using(session).send(handle.id(), GO, "now")).isEqualTo(Delivery.BUFFERED);
      gate.open();
      db.awaitBlocked(1);
      session.commit();
      assertThat(handle.result(SOON)).isEqualTo("now");
    }
  }

  @Test
  @DisplayName("An event that is rolled back at that moment was never sent")
  void rolledBackEventAgainstSuspend() throws SQLException {
    Gate gate = new Gate();
    Workflow<String, String> flow = gated("rolled_back_event", gate);
    try (Durable durable = start(flow)) {
      ExecutionHandle<String> handle = durable.start(flow, "");
      gate.awaitReached();
      durable.using(session).send(handle.id(), GO, "never");
      gate.open();
      db.awaitBlocked(1);
      session.rollback();
      untilWaiting(durable, handle.id());
      assertThat(durable.send(handle.id(), GO, "now")).isEqualTo(Delivery.DELIVERED);
      assertThat(handle.result(SOON)).isEqualTo("now");
    }
  }

  /** Waits with a timeout; each time it is entered again it may be held at a gate. */
  private static Workflow<String, String> impatient(String name, Duration timeout, Gate second) {
    AtomicInteger entries = new AtomicInteger();
    return Workflow.of(
        name,
        String.class,
        String.class,
        (s, step) -> {
          if (entries.incrementAndGet() == 2) {
            second.pass();
          }
          return step.await(GO, timeout) instanceof Received<String>(String got)
              ? got
              : "timed out";
        });
  }

  @Test
  @Proves("G8")
  @DisplayName("An event that was sent first, and commits after the timer was due, wins")
  void eventBeforeTimeout() throws SQLException {
    Gate second = new Gate();
    second.open();
    Workflow<String, String> flow =
        impatient("event_before_timeout", Duration.ofMillis(300), second);
    try (Durable durable = start(flow)) {
      ExecutionHandle<String> handle = durable.start(flow, "");
      untilWaiting(durable, handle.id());
      assertThat(durable.using(session).send(handle.id(), GO, "now")).isEqualTo(Delivery.DELIVERED);
      untilDue(handle.id());
      session.commit();
      assertThat(handle.result(SOON)).isEqualTo("now");
    }
  }

  @Test
  @Proves("G8")
  @DisplayName("An event that comes while the timeout is being checked wins")
  void eventWhileTheTimerIsLookedAt() {
    Gate second = new Gate();
    Workflow<String, String> flow = impatient("event_meanwhile", Duration.ofMillis(50), second);
    try (Durable durable = start(flow)) {
      ExecutionHandle<String> handle = durable.start(flow, "");
      second.awaitReached();
      assertThat(durable.send(handle.id(), GO, "now")).isEqualTo(Delivery.BUFFERED);
      second.open();
      assertThat(handle.result(SOON)).isEqualTo("now");
    }
  }

  @Test
  @Proves("G8")
  @DisplayName("A child that completes while the call's timeout is being checked is not lost")
  void childWhileTheTimerIsLookedAt() {
    Gate second = new Gate();
    AtomicInteger entries = new AtomicInteger();
    Workflow<String, String> kid =
        Workflow.of("kid", String.class, String.class, (s, step) -> step.await(GO));
    Workflow<String, String> flow =
        Workflow.of(
            "calls",
            String.class,
            String.class,
            (s, step) -> {
              if (entries.incrementAndGet() == 2) {
                second.pass();
              }
              return step.call("kid", kid, s, Duration.ofMillis(50)).orElseThrow();
            });
    try (Durable durable = db.start(flow, kid)) {
      ExecutionHandle<String> handle = durable.start(flow, "");
      second.awaitReached();
      UUID child = durable.children(handle.id()).getFirst().id();
      durable.send(child, GO, "paid");
      assertThat(durable.handle(child, kid).result(SOON)).isEqualTo("paid");
      second.open();
      assertThat(handle.result(SOON)).isEqualTo("paid");
    }
  }

  @Test
  @Proves("G8")
  @DisplayName("An event that meets the end of the timeout loses, and stays visible")
  void timeoutBeforeEvent() throws SQLException {
    Gate second = new Gate();
    Workflow<String, String> flow = impatient("timeout_first", Duration.ofMillis(50), second);
    try (Durable durable = start(flow)) {
      ExecutionHandle<String> handle = durable.start(flow, "");
      second.awaitReached();
      // The timeout waits for this lock, and the event behind it.
      durable.using(session).send(handle.id(), Event.of("other", String.class), "");
      second.open();
      db.awaitBlocked(1);
      CompletableFuture<Delivery> late =
          CompletableFuture.supplyAsync(() -> durable.send(handle.id(), GO, "late"));
      db.awaitBlocked(2);
      session.commit();
      assertThat(handle.result(SOON)).isEqualTo("timed out");
      assertThat(late.join()).isIn(Delivery.BUFFERED, Delivery.CLOSED);
    }
  }

  private static Workflow<String, String> asks(String name, Duration timeout, Gate second) {
    AtomicInteger entries = new AtomicInteger();
    return Workflow.of(
        name,
        String.class,
        String.class,
        (s, step) -> {
          if (entries.incrementAndGet() == 2) {
            second.pass();
          }
          return step.ask("why", Question.text("Why?"), timeout).orElse("nobody said");
        });
  }

  @Test
  @Proves({"B-20", "F6.7"})
  @DisplayName(
      "An answer that comes after the timeout is refused, even before a worker has noticed")
  void answerAfterTheTime() {
    Gate second = new Gate();
    Workflow<String, String> flow = asks("answer_late", Duration.ofMillis(80), second);
    try (Durable durable = start(flow)) {
      ExecutionHandle<String> handle = durable.start(flow, "");
      second.awaitReached();
      assertThatThrownBy(() -> durable.questions().answer(handle.id(), "why", "because", "joe"))
          .isInstanceOf(QuestionClosedException.class);
      second.open();
      assertThat(handle.result(SOON)).isEqualTo("nobody said");
    }
  }

  @Test
  @Proves("B-20")
  @DisplayName("An answer that was given first, and commits after the timeout, is the answer")
  void answerBeforeTheTime() throws SQLException {
    Gate second = new Gate();
    Workflow<String, String> flow = asks("answer_in_time", Duration.ofSeconds(2), second);
    try (Durable durable = start(flow)) {
      ExecutionHandle<String> handle = durable.start(flow, "");
      untilItAsks(durable, handle.id());
      durable.using(session).questions().answer(handle.id(), "why", "because", "joe");
      untilDue(handle.id());
      session.commit();
      second.open();
      assertThat(handle.result(SOON)).isEqualTo("because");
      assertThat(
              durable
                  .questions()
                  .list(q -> q.execution(handle.id()).status(QuestionStatus.TIMEOUT)))
          .isEmpty();
    }
  }

  @Test
  @Proves("B-20")
  @DisplayName("An answer that is rolled back leaves the timeout its right")
  void rolledBackAnswer() throws SQLException {
    Gate second = new Gate();
    second.open();
    Workflow<String, String> flow = asks("answer_rolled_back", Duration.ofSeconds(2), second);
    try (Durable durable = start(flow)) {
      ExecutionHandle<String> handle = durable.start(flow, "");
      untilItAsks(durable, handle.id());
      durable.using(session).questions().answer(handle.id(), "why", "because", "joe");
      untilDue(handle.id());
      session.rollback();
      assertThat(handle.result(SOON)).isEqualTo("nobody said");
    }
  }

  @Test
  @Proves("G15")
  @DisplayName("An event behind a cancel finds the execution closed")
  void eventBehindCancel() throws Exception {
    Gate open = new Gate();
    open.open();
    Workflow<String, String> flow = gated("event_behind_cancel", open);
    try (Durable durable = start(flow)) {
      ExecutionHandle<String> handle = durable.start(flow, "");
      untilWaiting(durable, handle.id());
      durable.using(session).cancel(handle.id(), "enough");
      CompletableFuture<Delivery> event =
          CompletableFuture.supplyAsync(() -> durable.send(handle.id(), GO, "late"));
      db.awaitBlocked(1);
      session.commit();
      assertThat(event.get()).isEqualTo(Delivery.CLOSED);
      assertThatThrownBy(() -> handle.result(SOON)).hasMessageContaining("enough");
    }
  }

  @Test
  @Proves("G15")
  @DisplayName("A cancel behind an event cancels what the event has woken")
  void cancelBehindEvent() throws Exception {
    Gate open = new Gate();
    open.open();
    Workflow<String, String> flow = gated("cancel_behind_event", open);
    try (Durable durable = start(flow)) {
      ExecutionHandle<String> handle = durable.start(flow, "");
      untilWaiting(durable, handle.id());
      durable.using(session).send(handle.id(), GO, "now");
      CompletableFuture<Void> cancel =
          CompletableFuture.runAsync(() -> durable.cancel(handle.id(), "enough"));
      db.awaitBlocked(1);
      session.commit();
      cancel.handle((done, lost) -> null).get();
      // Whichever was first has won; both are final.
      assertThat(durable.find(handle.id()).orElseThrow().status())
          .isIn(ExecutionStatus.CANCELLED, ExecutionStatus.COMPLETED, ExecutionStatus.RUNNING);
    }
  }

  @Test
  @Proves("B-08")
  @DisplayName("A child that ends while its parent comes to rest wakes it")
  void childEndAgainstParentSuspend() throws SQLException {
    Gate child = new Gate();
    Gate sibling = new Gate();
    Workflow<String, String> inner =
        Workflow.define("inner", String.class)
            .step(
                "work",
                s -> {
                  child.pass();
                  return s + "done";
                })
            .build();
    Workflow<String, String> outer =
        Workflow.define("outer", String.class)
            .parallel(
                "both",
                par -> {
                  BranchRef<String> calls =
                      par.path(
                          "calls",
                          String.class,
                          path -> path.call("inner", inner, s -> s, (s, result) -> result));
                  par.step("works", String.class, (s, step) -> sibling.hold(s));
                  return par.join((s, results) -> results.get(calls));
                })
            .build();
    try (Durable durable = start(inner, outer)) {
      ExecutionHandle<String> handle = durable.start(outer, "");
      child.awaitReached();
      sibling.awaitReached();
      durable.using(session).send(handle.id(), GO, "holds the lock");
      sibling.open();
      child.open();
      db.awaitBlocked(1);
      session.commit();
      assertThat(handle.result(SOON)).isEqualTo("done");
    }
  }

  @Test
  @Proves({"G15", "B-05"})
  @DisplayName("A cancel that meets a child coming to rest leaves nothing open")
  void cancelAgainstSuspendingChild() {
    Workflow<String, String> inner =
        Workflow.define("rests", String.class)
            .step("one", s -> s)
            .await("go", GO, (s, got) -> s)
            .build();
    Workflow<String, String> outer =
        Workflow.define("has_a_child", String.class)
            .call("inner", inner, s -> s, (s, result) -> result)
            .build();
    try (Durable durable = start(inner, outer)) {
      for (int i = 0; i < 60; i++) {
        UUID id = durable.start(outer, "").id();
        Gate.until(() -> !durable.children(id).isEmpty());
        durable.cancel(id);
        assertThat(durable.children(id))
            .extracting(Execution::status)
            .containsExactly(ExecutionStatus.CANCELLED);
        assertThat(durable.waits(durable.children(id).getFirst().id())).isEmpty();
      }
    }
  }

  @Test
  @Proves("G8")
  @DisplayName("An answer that commits while the question is escalated comes first")
  void answerAgainstEscalation() throws SQLException {
    Gate gate = new Gate();
    Workflow<String, String> flow =
        Workflow.define("answer_against_escalation", String.class)
            .ask(
                "why",
                s ->
                    Question.text("Why?")
                        .assignee("jane")
                        .escalateAfter(Duration.ofMillis(50), "joe", told -> gate.pass()),
                (s, why) -> why)
            .build();
    try (Durable durable = start(flow)) {
      ExecutionHandle<String> handle = durable.start(flow, "");
      gate.awaitReached();
      durable.using(session).questions().answer(handle.id(), "why", "so", "jane");
      gate.open();
      db.awaitBlocked(1);
      session.commit();
      assertThat(handle.result(SOON)).isEqualTo("so");
      assertThat(
              db.rows(
                  "select assignees, responded_by from durable.pending_inputs where workflow_id = ?",
                  handle.id()))
          .containsExactly("{jane}|jane");
      assertThat(
              db.rows(
                  "select status from durable.step_executions where workflow_id = ?"
                      + " and path = 'why/why/escalation[1]'",
                  handle.id()))
          .containsExactly("completed");
    }
  }

  @Test
  @Proves("G6")
  @DisplayName("Events of two open transactions arrive in the order of their commits")
  void orderOfCommits() throws Exception {
    Workflow<String, String> flow =
        Workflow.define("order_of_commits", String.class)
            .await("one", GO, (s, got) -> s + got)
            .await("two", GO, (s, got) -> s + got)
            .build();
    try (Durable durable = start(flow)) {
      ExecutionHandle<String> handle = durable.start(flow, "");
      untilWaiting(durable, handle.id());
      durable.using(session).send(handle.id(), GO, "1");
      CompletableFuture<Delivery> second =
          CompletableFuture.supplyAsync(() -> durable.send(handle.id(), GO, "2"));
      db.awaitBlocked(1);
      session.commit();
      assertThat(second.get()).isNotEqualTo(Delivery.CLOSED);
      assertThat(handle.result(SOON)).isEqualTo("12");
    }
  }
}
