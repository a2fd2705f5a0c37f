package dev.durable.people;

import static dev.durable.testing.DurableFixture.SOON;
import static dev.durable.testing.DurableFixture.untilWaiting;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.durable.Durable;
import dev.durable.DurableException;
import dev.durable.execution.ErrorInfo;
import dev.durable.execution.ExecutionFailedException;
import dev.durable.execution.ExecutionHandle;
import dev.durable.execution.ExecutionStateException;
import dev.durable.json.JsonException;
import dev.durable.json.TypeRef;
import dev.durable.question.Approval;
import dev.durable.question.Question;
import dev.durable.testing.DatabaseExtension;
import dev.durable.testing.Proves;
import dev.durable.testing.TestDatabase;
import dev.durable.wait.Event;
import dev.durable.workflow.Workflow;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.function.BiConsumer;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(DatabaseExtension.class)
@DisplayName("Messages for people")
@SuppressWarnings("ObjectToString")
class MessagesTest {

  private static final Event<String> PAID = Event.of("payment", String.class);
  private static final Event<String> LATE = Event.of("refusal", String.class);

  private final TestDatabase db;

  MessagesTest(TestDatabase db) {
    this.db = db;
  }

  @Nested
  @Proves("F13.2")
  @DisplayName("The approver is the one named to the API, not in the answer")
  class ApprovedBy {

    private final Workflow<String, String> asks =
        Workflow.define("who_approves", String.class)
            .ask(
                "boss",
                text -> Question.approval("?"),
                (text, approval) ->
                    approval.approved() + " " + approval.by() + " " + approval.comment())
            .build();

    private String answered(BiConsumer<Durable, UUID> answer) {
      try (Durable durable = db.start(asks)) {
        ExecutionHandle<String> handle = durable.start(asks, "");
        untilWaiting(durable, handle.id());
        answer.accept(durable, handle.id());
        return handle.result(SOON);
      }
    }

    @Test
    void asAnApproval() {
      assertThat(
              answered(
                  (durable, id) ->
                      durable
                          .questions()
                          .answer(id, "boss", Approval.approved("eve", "c"), "jane")))
          .isEqualTo("true jane c");
    }

    @Test
    void asJson() {
      assertThat(
              answered(
                  (durable, id) ->
                      durable
                          .questions()
                          .answerJson(
                              id,
                              "boss",
                              "{\"approved\": false, \"by\": \"eve\", \"comment\": \"no\"}",
                              "jane")))
          .isEqualTo("false jane no");
    }

    @Test
    void withoutAName() {
      assertThat(
              answered(
                  (durable, id) ->
                      durable.questions().answerJson(id, "boss", "{\"approved\": true}", "jane")))
          .isEqualTo("true jane null");
      assertThat(
              answered(
                  (durable, id) ->
                      durable
                          .questions()
                          .answerJson(id, "boss", "{\"approved\": true, \"by\": \"eve\"}", "")))
          .isEqualTo("true null null");
    }

    @Test
    void withItsOwnName() {
      assertThat(
              answered(
                  (durable, id) ->
                      durable.questions().answer(id, "boss", Approval.approved("jane"))))
          .isEqualTo("true jane null");
    }

    @Test
    void inATransaction() {
      assertThat(
              answered(
                  (durable, id) -> {
                    try (var connection = db.newConnection()) {
                      connection.setAutoCommit(false);
                      durable
                          .using(connection)
                          .questions()
                          .answer(id, "boss", Approval.rejected("eve", "c"), "jane");
                      connection.commit();
                    } catch (SQLException failure) {
                      throw new IllegalStateException(failure);
                    }
                  }))
          .isEqualTo("false jane c");
    }
  }

  @Nested
  @Proves("F13.4")
  @DisplayName("cancelWait")
  class CancelWait {

    private final Workflow<String, String> waits =
        Workflow.define("waits_here", String.class)
            .await(
                "pay",
                PAID,
                (text, paid) -> text + paid,
                with -> with.onCancel(text -> text + "none"))
            .build();

    @Test
    @DisplayName("It names the open waits, if the path is none of them")
    void namesOpenWaits() {
      try (Durable durable = db.start(waits)) {
        ExecutionHandle<String> handle = durable.start(waits, "");
        untilWaiting(durable, handle.id());
        String open = durable.waits(handle.id()).getFirst().path();
        assertThatThrownBy(() -> durable.cancelWait(handle.id(), "nowhere"))
            .isInstanceOf(ExecutionStateException.class)
            .hasMessageContainingAll("'nowhere'", open, handle.id().toString())
            .hasMessageNotContainingAny("already waiting", "executions can be");
        durable.cancelWait(handle.id(), open);
        assertThat(handle.result(SOON)).isEqualTo("none");
      }
    }

    @Test
    @DisplayName("It says that the execution waits for nothing, and how it ended")
    void waitsForNothing() {
      try (Durable durable = db.start(waits)) {
        ExecutionHandle<String> handle = durable.start(waits, "");
        durable.send(handle.id(), PAID, "x");
        handle.result(SOON);
        assertThatThrownBy(() -> durable.cancelWaits(handle.id()))
            .isInstanceOf(ExecutionStateException.class)
            .hasMessageContainingAll("cancelWait", "waits for nothing", "completed")
            .hasMessageNotContaining("executions can be");
      }
    }

    @Test
    @DisplayName("It says that the wait is being cancelled already")
    void already() {
      try (Durable client = Durable.on(db.dataSource()).register(waits).build()) {
        UUID id;
        try (Durable durable = db.start(waits)) {
          id = durable.start(waits, "").id();
          untilWaiting(durable, id);
        }
        client.cancelWaits(id);
        assertThatThrownBy(() -> client.cancelWaits(id)).hasMessageContaining("already");
        client.cancel(id, "done");
      }
    }
  }

  @Nested
  @Proves("F13.4")
  @DisplayName("A wait that times out")
  class Timeouts {

    private String failure(Workflow<String, String> flow) {
      try (Durable durable = db.start(flow)) {
        ExecutionHandle<String> handle = durable.start(flow, "");
        try {
          return handle.result(SOON);
        } catch (ExecutionFailedException failed) {
          return failed.getMessage();
        }
      }
    }

    @Test
    @DisplayName("It names its event and its place")
    void oneEvent() {
      assertThat(
              failure(
                  Workflow.define("late_one", String.class)
                      .await(
                          "pay", PAID, (text, paid) -> paid, w -> w.timeout(Duration.ofMillis(50)))
                      .build()))
          .contains("'payment'", "'pay");
    }

    @Test
    @DisplayName("It names all of its events")
    void severalEvents() {
      assertThat(
              failure(
                  Workflow.define("late_any", String.class)
                      .step(
                          "body",
                          String.class,
                          (text, step) ->
                              step.awaitAny(
                                      "some",
                                      Duration.ofMillis(50),
                                      any -> any.on(PAID, e -> e).on(LATE, e -> e))
                                  .orElseThrow())
                      .build()))
          .contains("payment", "refusal", "body/some");
      assertThat(
              failure(
                  Workflow.define("late_all", String.class)
                      .step(
                          "body",
                          String.class,
                          (text, step) ->
                              step.awaitAll("every", Duration.ofMillis(50), PAID, LATE)
                                  .orElseThrow()
                                  .toString())
                      .build()))
          .contains("payment", "refusal", "body/every");
    }
  }

  @Nested
  @Proves("F13.4")
  @DisplayName("JSON that cannot be read or written says whose it is")
  class WhoseJson {

    private final Workflow<Integer, Integer> numbers =
        Workflow.define("numbers", Integer.class)
            .ask("q", n -> Question.text("?"), (n, text) -> n)
            .build();

    @Test
    void inputs() {
      try (Durable durable = db.start(numbers)) {
        assertThatThrownBy(() -> durable.start("numbers", "{"))
            .isInstanceOf(JsonException.class)
            .hasMessageContaining("input of workflow 'numbers'");
        assertThatThrownBy(() -> durable.start("numbers", "\"x\""))
            .isInstanceOf(JsonException.class)
            .hasMessageContaining("input of workflow 'numbers'");
      }
    }

    @Test
    void eventsAndAnswers() {
      try (Durable durable = db.start(numbers)) {
        UUID id = durable.start(numbers, 1).id();
        untilWaiting(durable, id);
        assertThatThrownBy(() -> durable.send(id, "payment", "{", with -> {}))
            .isInstanceOf(JsonException.class)
            .hasMessageContaining("payload of event 'payment'");
        assertThatThrownBy(() -> durable.questions().answerJson(id, "q", "{", "jane"))
            .isInstanceOf(DurableException.class)
            .hasMessageContaining("answer to 'q'");
        durable.cancel(id, "done");
      }
    }

    @Test
    void results() {
      try (Durable durable = db.start(numbers)) {
        UUID id = durable.start(numbers, 1).id();
        untilWaiting(durable, id);
        durable.questions().answer(id, "q", "x", "jane");
        durable.handle(id, numbers).result(SOON);
        Workflow<Integer, List<String>> other =
            Workflow.define("numbers", Integer.class, with -> with.version(7))
                .step("s", new TypeRef<List<String>>() {}, n -> List.of())
                .build();
        assertThatThrownBy(() -> durable.handle(id, other).result(SOON))
            .isInstanceOf(JsonException.class)
            .hasMessageContainingAll("result of workflow 'numbers'");
      }
    }
  }

  @Test
  @Proves("F13.4")
  @DisplayName("The type of a rejected value is a public constant, no class of the engine's")
  void rejectedValues() {
    Workflow<String, String> flow =
        Workflow.define("rejected", String.class).step("one", text -> text + "!").build();
    db.rejectResults("%bad!%");
    try (Durable durable = db.start(flow)) {
      ExecutionHandle<String> handle = durable.start(flow, "bad");
      assertThatThrownBy(() -> handle.result(SOON)).isInstanceOf(ExecutionFailedException.class);
      ErrorInfo error = durable.find(handle.id()).orElseThrow().error();
      assertThat(error.type()).isEqualTo("value_rejected");
      assertThat(error.message()).contains("PostgreSQL cannot store the value");
    } finally {
      db.acceptResults();
    }
  }
}
