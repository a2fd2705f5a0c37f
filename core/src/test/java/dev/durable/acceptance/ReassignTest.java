package dev.durable.acceptance;

import static dev.durable.acceptance.Reminders.approval;
import static dev.durable.testing.DurableFixture.SOON;
import static dev.durable.testing.DurableFixture.untilWaiting;
import static java.time.Duration.ofDays;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.durable.Durable;
import dev.durable.execution.ExecutionHandle;
import dev.durable.execution.ExecutionNotFoundException;
import dev.durable.question.Approval;
import dev.durable.question.OpenQuestion;
import dev.durable.question.Question;
import dev.durable.question.QuestionClosedException;
import dev.durable.question.QuestionStatus;
import dev.durable.question.Questions;
import dev.durable.testing.DatabaseExtension;
import dev.durable.testing.Gate;
import dev.durable.testing.TestDatabase;
import dev.durable.wait.Event;
import dev.durable.workflow.Workflow;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(DatabaseExtension.class)
@DisplayName("Giving a question to other assignees")
class ReassignTest {

  private static final Workflow<String, String> ASKS =
      approval("asks_jane", ask -> ask.assignee("jane", "group:\"odd\", ones"));

  private final TestDatabase db;
  private final Reminders reminders;

  ReassignTest(TestDatabase db) {
    this.db = db;
    this.reminders = new Reminders(db);
  }

  private static List<OpenQuestion> of(Durable durable, UUID id, String assignee) {
    return durable.questions().list(q -> q.execution(id).assignee(assignee));
  }

  @Test
  @DisplayName("The new ones find it, those before do not, and who did it when is kept with it")
  void theNewAssigneesFindIt() {
    try (Durable durable = db.start(ASKS)) {
      ExecutionHandle<String> handle = durable.start(ASKS, "by ");
      UUID id = handle.id();
      untilWaiting(durable, id);
      durable.questions().reassign(id, "boss", List.of("bob", "group:leads", "bob"), "ada");
      assertThat(of(durable, id, "jane")).isEmpty();
      assertThat(of(durable, id, "group:leads")).hasSize(1);
      durable.questions().reassign(id, "boss/boss", "mary", "");
      durable.questions().answer(id, "boss", Approval.approved("jane"));
      assertThat(handle.result(SOON)).isEqualTo("by jane");

      OpenQuestion answered =
          durable
              .questions()
              .list(q -> q.assignee("mary").status(QuestionStatus.COMPLETED))
              .getFirst();
      assertThat(answered.assignees()).containsExactly("mary");
      assertThat(answered.reassignments())
          .satisfiesExactly(
              first -> {
                assertThat(first.by()).isEqualTo("ada");
                assertThat(first.from()).containsExactly("jane", "group:\"odd\", ones");
                assertThat(first.to()).containsExactly("bob", "group:leads");
              },
              second -> {
                assertThat(second.by()).isEmpty();
                assertThat(second.from()).containsExactly("bob", "group:leads");
                assertThat(second.to()).containsExactly("mary");
              });
      assertThat(answered.reassignments().getFirst().at())
          .isAfterOrEqualTo(answered.insertedAt())
          .isBeforeOrEqualTo(answered.reassignments().getLast().at());
      assertThat(answered.reassignments().getLast().at()).isBeforeOrEqualTo(answered.completedAt());
    }
  }

  @Test
  @DisplayName("A question to no one in particular gets assignees, by the database's clock")
  void fromNoOne() {
    Workflow<String, String> flow = approval("asks_no_one", ask -> ask);
    try (Durable durable = db.start(flow)) {
      UUID id = durable.start(flow, "").id();
      untilWaiting(durable, id);
      durable.questions().reassign(id, "boss", "bob", "a\0da");
      OpenQuestion question = of(durable, id, "bob").getFirst();
      assertThat(question.reassignments().getFirst().from()).isEmpty();
      assertThat(question.reassignments().getFirst().by()).isEqualTo("a\uFFFDda");
      Instant now =
          Instant.parse(
              db.rows("select to_json(now() at time zone 'UTC')#>>'{}' || 'Z'").getFirst());
      assertThat(Duration.between(question.reassignments().getFirst().at(), now))
          .isLessThan(Duration.ofMinutes(1))
          .isGreaterThanOrEqualTo(Duration.ZERO);
    }
  }

  @Test
  @DisplayName("Neither another entry of the body nor another worker gives it back")
  void staysReassigned() {
    Event<String> go = Event.of("go", String.class);
    AtomicInteger entries = new AtomicInteger();
    Workflow<String, String> flow =
        Workflow.define("asks_beside_a_wait", String.class)
            .parallel(
                "both",
                par -> {
                  par.step(
                      "asks",
                      String.class,
                      (text, step) -> {
                        entries.incrementAndGet();
                        return step.ask("why", Question.text("Why?").assignee("jane"));
                      });
                  par.path(
                      "waits", String.class, path -> path.await("go", go, (text, got) -> text));
                  return par.join((text, results) -> text);
                })
            .build();
    UUID id;
    try (Durable durable = db.start(flow)) {
      id = durable.start(flow, "").id();
      untilWaiting(durable, id);
      durable.questions().reassign(id, "why", "bob", "ada");
      int before = entries.get();
      db.makePending(id);
      untilWaiting(durable, id);
      Gate.until(() -> entries.get() > before);
    }
    int before = entries.get();
    db.makePending(id);
    try (Durable durable = db.start(flow)) {
      Gate.until(() -> entries.get() > before);
      untilWaiting(durable, id);
      assertThat(durable.questions().open(id))
          .singleElement()
          .satisfies(question -> assertThat(question.assignees()).containsExactly("bob"));
      durable.cancel(id);
    }
  }

  @Test
  @DisplayName(
      "Reminders go to the new ones at their time; a later escalation applies all the same")
  void remindersAndEscalations() {
    Workflow<String, String> flow =
        approval(
            "reassigned_then_escalated",
            ask ->
                ask.assignee("jane")
                    .remindEvery(ofDays(1), reminders.sent::add)
                    .escalateAfter(ofDays(3), "group:directors", reminders.sent::add));
    try (Durable durable = reminders.start(flow)) {
      UUID id = durable.start(flow, "by ").id();
      reminders.untilSent(id, 0);
      durable.questions().reassign(id, "boss", "bob", "ada");
      assertThat(reminders.hoursUntil(id, "reminder[1]")).isEqualTo(24);
      assertThat(reminders.hoursUntil(id, "escalation[1]")).isEqualTo(72);
      db.letPass(ofDays(1));
      reminders.untilSent(id, 1);
      db.letPass(ofDays(2));
      reminders.untilSent(id, 2);
      assertThat(reminders.texts()).containsExactly("1 to bob", "1 to group:directors");
      assertThat(of(durable, id, "bob")).isEmpty();
      assertThat(of(durable, id, "group:directors"))
          .singleElement()
          .satisfies(question -> assertThat(question.reassignments()).hasSize(1));
      durable.questions().reassign(id, "boss", "mary", "ada");
      assertThat(of(durable, id, "mary").getFirst().reassignments().getLast().from())
          .containsExactly("group:directors");
      durable.cancel(id);
    }
  }

  @Test
  @DisplayName("What is closed, unknown or impossible is refused, and nothing changes")
  void refused() {
    try (Durable durable = db.start(ASKS)) {
      Questions questions = durable.questions();
      UUID id = durable.start(ASKS, "by ").id();
      untilWaiting(durable, id);
      assertThatThrownBy(() -> questions.reassign(id, "chief", "bob", "ada"))
          .isInstanceOf(QuestionClosedException.class)
          .hasMessageContaining("asks no question 'chief'")
          .hasMessageContaining("[boss]");
      assertThatThrownBy(() -> questions.reassign(UUID.randomUUID(), "boss", "bob", "ada"))
          .isInstanceOf(ExecutionNotFoundException.class);
      assertThatThrownBy(() -> questions.reassign(id, "boss", List.of(), "ada"))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("at least one assignee");
      assertThatThrownBy(() -> questions.reassign(id, "boss", " ", "ada"))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("not blank");
      assertThat(questions.open(id, "boss").reassignments()).isEmpty();
      questions.answer(id, "boss", Approval.approved("jane"));
      assertThatThrownBy(() -> questions.reassign(id, "boss", "bob", "ada"))
          .isInstanceOf(QuestionClosedException.class)
          .hasMessageContaining("completed by jane");
    }
  }

  @Test
  @DisplayName("It commits or rolls back with the caller's transaction")
  void inTheCallersTransaction() throws SQLException {
    try (Durable durable = db.start(ASKS);
        Connection connection = db.newConnection()) {
      UUID id = durable.start(ASKS, "by ").id();
      untilWaiting(durable, id);
      connection.setAutoCommit(false);
      durable.using(connection).questions().reassign(id, "boss", "bob", "ada");
      assertThat(of(durable, id, "bob")).isEmpty();
      connection.rollback();
      assertThat(of(durable, id, "jane")).hasSize(1);
      durable.using(connection).questions().reassign(id, "boss", "mary", "ada");
      connection.commit();
      assertThat(of(durable, id, "mary")).hasSize(1);
      durable.cancel(id);
    }
  }

  @Test
  @DisplayName("An answer that commits first is left alone")
  void afterAnAnswer() throws Exception {
    try (Durable durable = db.start(ASKS);
        Connection connection = db.newConnection()) {
      connection.setAutoCommit(false);
      UUID answered = durable.start(ASKS, "by ").id();
      untilWaiting(durable, answered);
      durable.using(connection).questions().answer(answered, "boss", Approval.approved("jane"));
      CompletableFuture<Void> late =
          CompletableFuture.runAsync(
              () -> durable.questions().reassign(answered, "boss", "bob", "ada"));
      db.awaitBlocked(1);
      connection.commit();
      assertThatThrownBy(late::get)
          .hasCauseInstanceOf(QuestionClosedException.class)
          .hasMessageContaining("completed by jane");
      assertThat(
              db.rows(
                  "select assignees[1] || coalesce(reassignments::text, '')"
                      + " from durable.pending_inputs where workflow_id = ?",
                  answered))
          .containsExactly("jane");
    }
  }
}
