package dev.durable.acceptance;

import static dev.durable.testing.DurableFixture.status;
import static dev.durable.testing.DurableFixture.untilEnded;
import static dev.durable.testing.DurableFixture.untilStatus;
import static dev.durable.testing.DurableFixture.untilWaiting;
import static java.time.Duration.ofDays;
import static java.time.Duration.ofHours;
import static java.time.Duration.ofMinutes;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.durable.Durable;
import dev.durable.execution.ErrorInfo;
import dev.durable.execution.Execution;
import dev.durable.execution.ExecutionStatus;
import dev.durable.question.Approval;
import dev.durable.question.Question;
import dev.durable.question.QuestionClosedException;
import dev.durable.queue.QueueOptions;
import dev.durable.testing.DatabaseExtension;
import dev.durable.testing.ExecutionRows;
import dev.durable.testing.Gate;
import dev.durable.testing.Proves;
import dev.durable.testing.TestDatabase;
import dev.durable.wait.Delivery;
import dev.durable.wait.Event;
import dev.durable.workflow.CompensationTrigger;
import dev.durable.workflow.Workflow;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@ExtendWith(DatabaseExtension.class)
@Proves("F6.7")
@DisplayName("Decisions of the clock alone wait for no slot")
class DeadlineTest {

  private static final Event<String> GO = Event.of("go", String.class);
  private static final Event<String> NEVER = Event.of("never", String.class);

  private static final Workflow<String, String> OTHER =
      Workflow.define("other", String.class).step("s", text -> text).build();

  private static final Workflow<String, String> WAITING =
      Workflow.define("waiting", String.class, with -> with.timeout(ofHours(1)))
          .await("go", GO, (text, got) -> text)
          .build();

  private static final Workflow<String, String> LEAF =
      Workflow.define("leaf", String.class).await("never", NEVER, (text, got) -> text).build();

  private static final Workflow<String, String> MIDDLE =
      Workflow.define("middle", String.class)
          .call("leaf", LEAF, text -> text, (text, result) -> result)
          .build();

  private static final Workflow<String, String> TOP =
      Workflow.define("top", String.class, with -> with.timeout(ofHours(1)))
          .call("middle", MIDDLE, text -> text, (text, result) -> result)
          .build();

  private final TestDatabase db;

  DeadlineTest(TestDatabase db) {
    this.db = db;
  }

  private Durable client(Workflow<?, ?>... workflows) {
    return Durable.on(db.dataSource()).register(workflows).build();
  }

  private void untilOneIs(String workflow, String status) {
    Gate.until(
        () ->
            db.number(
                    "select count(*) from durable.workflow_executions"
                        + " where workflow_name = ? and status = ?",
                    workflow,
                    status)
                == 1);
  }

  private long eventsOf(UUID id) {
    return db.number("select count(*) from durable.pending_events where workflow_id = ?", id);
  }

  /** Brought to rest by a worker that is gone. */
  private UUID rested(Workflow<String, String> workflow, Workflow<?, ?>... more) {
    List<Workflow<?, ?>> all = new ArrayList<>(List.of(more));
    all.add(workflow);
    try (Durable durable = db.start(all.toArray(Workflow<?, ?>[]::new))) {
      UUID id = durable.start(workflow, "x").id();
      untilWaiting(durable, id);
      return id;
    }
  }

  private void isTimedOut(Durable durable, UUID id) {
    untilEnded(durable, id);
    Execution ended = durable.find(id).orElseThrow();
    assertThat(ended.status()).isEqualTo(ExecutionStatus.FAILED);
    assertThat(ended.error().type()).isEqualTo(ErrorInfo.WORKFLOW_TIMEOUT);
    assertThat(ended.completedAt()).isAfterOrEqualTo(ended.deadlineAt());
    assertThat(db.violations()).isEmpty();
  }

  @Nested
  class ASweep {

    @Test
    void endsWhatWasNeverBegunAndNoLiveWorkerHasRegistered() {
      try (Durable other = db.start(OTHER);
          Durable client = client(WAITING)) {
        UUID id = client.start(WAITING, "x").id();
        db.makeOverdue(id);
        isTimedOut(other, id);
      }
    }

    @Test
    void endsWhatRestsAndNoLiveWorkerHasRegistered() {
      UUID id = rested(WAITING);
      db.makeOverdue(id);
      try (Durable other = db.start(OTHER)) {
        isTimedOut(other, id);
        assertThat(other.send(id, GO, "late")).isEqualTo(Delivery.CLOSED);
      }
    }

    @Test
    void endsMoreThanFitIntoOneBatch() {
      try (Durable other = db.start(OTHER);
          Durable client = client(WAITING)) {
        List<String> inputs = IntStream.range(0, 450).mapToObj(i -> "x" + i).toList();
        client.startAll(WAITING, inputs, (input, options) -> {});
        String pending =
            " where workflow_name = 'waiting' and status = 'pending' and deadline_at is not null";
        assertThat(db.makeAllOverdue("waiting")).isGreaterThanOrEqualTo(inputs.size());
        Gate.until(
            () -> db.number("select count(*) from durable.workflow_executions" + pending) == 0);
        assertThat(db.violations()).isEmpty();
      }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void endsWhatIsBehindAFullSlot(boolean rests) throws Exception {
      Gate gate = new Gate();
      Workflow<String, String> blocker =
          Workflow.define("blocker", String.class).step("hold", gate::hold).build();
      Consumer<? super QueueOptions> one = queue -> queue.concurrency(1);
      try (Durable durable =
          Durable.on(db.dataSource())
              .register(blocker, WAITING)
              .worker(w -> w.queue("default", one))
              .startWorker()) {
        UUID id = null;
        if (rests) {
          id = durable.start(WAITING, "x").id();
          UUID resting = id;
          untilWaiting(durable, resting);
        }
        UUID holder = durable.start(blocker, "b").id();
        gate.awaitReached();
        id = id == null ? durable.start(WAITING, "x").id() : id;
        db.makeOverdue(id);
        isTimedOut(durable, id);
        assertThat(status(durable, holder)).isEqualTo(ExecutionStatus.RUNNING);
        gate.open();
        assertThat(durable.handle(holder, blocker).result(ofMinutes(1))).isEqualTo("b");
      }
    }

    @Test
    void takesTheFamilyLevelByLevel() {
      UUID top = rested(TOP, MIDDLE, LEAF);
      untilTheFamilyWaits();
      db.makeOverdue(top);
      try (Durable other = db.start(OTHER)) {
        isTimedOut(other, top);
        untilOneIs("middle", "cancelled");
        untilOneIs("leaf", "cancelled");
      }
    }

    private void untilTheFamilyWaits() {
      if (db.number("select count(*) from durable.workflow_executions where status = 'waiting'")
          < 3) {
        try (Durable durable = db.start(TOP, MIDDLE, LEAF)) {
          untilOneIs("middle", "waiting");
          untilOneIs("leaf", "waiting");
        }
      }
    }

    @Test
    void tellsTheParentOfACalledChild() {
      Workflow<String, String> limited =
          Workflow.define("limited", String.class, with -> with.timeout(ofHours(1)))
              .await("never", NEVER, (text, got) -> text)
              .build();
      Workflow<String, String> caller =
          Workflow.define("caller", String.class)
              .call("limited", limited, text -> text, (text, result) -> result)
              .build();
      UUID parent;
      try (Durable durable = db.start(caller, limited)) {
        parent = durable.start(caller, "x").id();
        untilOneIs("limited", "waiting");
        untilWaiting(durable, parent);
      }
      db.makeAllOverdue("limited");
      try (Durable durable = db.start(caller)) {
        untilEnded(durable, parent);
        Execution failed = durable.find(parent).orElseThrow();
        assertThat(failed.status()).isEqualTo(ExecutionStatus.FAILED);
        assertThat(failed.error().message()).contains("timeout");
        untilOneIs("limited", "failed");
      }
    }

    @Test
    void leavesWhatIsParkedOrHasTime() {
      UUID parked = rested(WAITING);
      UUID inTime = rested(WAITING);
      UUID late = rested(WAITING);
      db.makeOverdue(late);
      db.park(parked);
      db.makeOverdue(parked);
      try (Durable other = db.start(OTHER)) {
        isTimedOut(other, late);
        assertThat(status(other, parked)).isEqualTo(ExecutionStatus.PARKED);
        assertThat(status(other, inTime)).isEqualTo(ExecutionStatus.WAITING);
      }
    }

    @Test
    void neverWaitsForARowThatSomethingElseHasLocked() throws Exception {
      UUID locked = rested(WAITING);
      UUID free = rested(WAITING);
      db.makeOverdue(locked);
      db.makeOverdue(free);
      try (var holder = db.newConnection()) {
        ExecutionRows.lock(holder, locked);
        try (Durable other = db.start(OTHER)) {
          isTimedOut(other, free);
          assertThat(status(other, locked)).isEqualTo(ExecutionStatus.WAITING);
          holder.rollback();
          isTimedOut(other, locked);
        }
      }
    }
  }

  @Nested
  class ASaga {

    private final List<String> undone = new CopyOnWriteArrayList<>();

    private Workflow<String, String> saga(CompensationTrigger... on) {
      return Workflow.define(
              "saga", String.class, with -> with.timeout(ofHours(1)).compensateOn(on))
          .step(
              "book",
              text -> text,
              with -> with.compensate("unbook", (String booked) -> undone.add(booked)))
          .await("go", GO, (text, got) -> text)
          .build();
    }

    @Test
    void waitsToBeUndoneAndDoesNothingElseMeanwhile() {
      Workflow<String, String> saga = saga(CompensationTrigger.TIMEOUT);
      UUID id = rested(saga);
      db.makeOverdue(id);
      try (Durable other = db.start(OTHER)) {
        untilStatus(other, id, ExecutionStatus.COMPENSATING);
        assertThat(other.send(id, GO, "late")).isEqualTo(Delivery.CLOSED);
        assertThat(undone).isEmpty();
        assertThat(db.violations()).isEmpty();
      }
      try (Durable durable = db.start(saga)) {
        untilEnded(durable, id);
        assertThat(status(durable, id)).isEqualTo(ExecutionStatus.COMPENSATED);
        assertThat(undone).containsExactly("x");
      }
    }

    @Test
    void failsAtOnceIfATimeoutUndoesNothing() {
      UUID id = rested(saga(CompensationTrigger.CANCEL));
      db.makeOverdue(id);
      try (Durable other = db.start(OTHER)) {
        isTimedOut(other, id);
      }
    }

    @Test
    void failsAtOnceIfNothingWasDone() {
      Workflow<String, String> saga = saga(CompensationTrigger.TIMEOUT);
      try (Durable other = db.start(OTHER);
          Durable client = client(saga)) {
        UUID id = client.start(saga, "x").id();
        db.makeOverdue(id);
        isTimedOut(other, id);
        assertThat(undone).isEmpty();
      }
    }
  }

  @Nested
  class BeforeTheSweep {

    @Test
    void anEventIsNotTakenAnyMore() {
      UUID id = rested(WAITING);
      db.makeOverdue(id);
      try (Durable client = client(WAITING)) {
        assertThat(client.send(id, GO, "late")).isEqualTo(Delivery.CLOSED);
        assertThat(eventsOf(id)).isZero();
      }
    }

    private Workflow<String, String> awaitsForADay(String name) {
      return Workflow.define(name, String.class)
          .await("first", GO, (text, got) -> got, with -> with.timeout(ofDays(1)))
          .build();
    }

    @Test
    void anEventIsNotCalledDeliveredOnceTheTimeOfItsWaitIsUp() {
      Workflow<String, String> once = awaitsForADay("late");
      UUID id = rested(once);
      db.letPass(ofDays(2));
      try (Durable client = client(once)) {
        assertThat(client.send(id, GO, "late")).isEqualTo(Delivery.BUFFERED);
      }
      // G8: it was committed before the timeout was.
      try (Durable durable = db.start(once)) {
        assertThat(durable.handle(id, once).result(ofMinutes(1))).isEqualTo("late");
      }
    }

    @Test
    void anEventInTimeCountsHoweverLateItIsRead() {
      Workflow<String, String> once = awaitsForADay("once");
      UUID id = rested(once);
      try (Durable client = client(once)) {
        assertThat(client.send(id, GO, "early")).isEqualTo(Delivery.DELIVERED);
      }
      db.makeDue(id);
      try (Durable durable = db.start(once)) {
        assertThat(durable.handle(id, once).result(ofMinutes(1))).isEqualTo("early");
      }
    }

    private Workflow<String, String> asking() {
      return Workflow.define("asking", String.class, with -> with.timeout(ofHours(1)))
          .ask(
              "boss",
              text -> Question.approval("?"),
              (text, answer) -> text + answer.approved(),
              with -> with.timeout(ofDays(1)))
          .build();
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aQuestionIsNeitherListedNorAnswered(boolean ownTimeout) {
      Workflow<String, String> asking = asking();
      UUID id = rested(asking);
      try (Durable client = client(asking)) {
        assertThat(client.questions().open(id)).hasSize(1);
        UUID question = client.questions().open(id).getFirst().id();
        if (ownTimeout) {
          db.makeQuestionsOverdue();
        } else {
          db.makeOverdue(id);
        }
        assertThat(client.questions().open(id)).isEmpty();
        assertThat(client.questions().list(query -> query.workflow("asking"))).isEmpty();
        assertThatThrownBy(
                () -> client.questions().answer(id, "boss", new Approval(true, "me", "late")))
            .isInstanceOf(QuestionClosedException.class)
            .hasMessageContaining("time");
        assertThat(eventsOf(id)).isZero();
        assertThat(
                db.number(
                    "select count(*) from durable.pending_inputs"
                        + " where id = ? and status = 'pending'",
                    question))
            .isEqualTo(1);
      }
    }
  }
}
