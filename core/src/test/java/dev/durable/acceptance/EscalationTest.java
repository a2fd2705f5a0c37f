package dev.durable.acceptance;

import static dev.durable.acceptance.Reminders.approval;
import static dev.durable.testing.DurableFixture.SOON;
import static java.time.Duration.ofDays;
import static java.time.Duration.ofHours;
import static org.assertj.core.api.Assertions.assertThat;

import dev.durable.Durable;
import dev.durable.execution.ExecutionHandle;
import dev.durable.question.Approval;
import dev.durable.question.QuestionStatus;
import dev.durable.question.Reminder;
import dev.durable.testing.DatabaseExtension;
import dev.durable.testing.Gate;
import dev.durable.testing.Proves;
import dev.durable.testing.TestDatabase;
import dev.durable.workflow.Workflow;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(DatabaseExtension.class)
@Proves({"G3", "G7", "G8"})
@DisplayName("Escalating")
class EscalationTest {

  private final TestDatabase db;
  private final Reminders reminders;
  private final List<Reminder> sent;

  EscalationTest(TestDatabase db) {
    this.db = db;
    this.reminders = new Reminders(db);
    this.sent = reminders.sent;
  }

  @Test
  @DisplayName("It hands the question to the next person, level by level, and postpones reminders")
  void levelByLevel() {
    Workflow<String, String> flow =
        approval(
            "escalating",
            ask ->
                ask.assignee("jane")
                    .remindEvery(ofDays(1), sent::add)
                    .escalateAfter(ofDays(2), "group:leads", sent::add)
                    .escalateAfter(ofHours(12), "group:directors"));
    try (Durable durable = reminders.start(flow)) {
      ExecutionHandle<String> handle = durable.start(flow, "by ");
      UUID id = handle.id();
      reminders.untilSent(id, 0);
      assertThat(reminders.rows(id))
          .containsExactly("escalation[1] waiting", "reminder[1] waiting");
      db.letPass(ofDays(1));
      reminders.untilSent(id, 1);
      db.letPass(ofDays(1));
      reminders.untilSent(id, 2);
      assertThat(reminders.texts()).containsExactly("1 to jane", "1 to group:leads");
      assertThat(sent.getLast().question().assignees()).containsExactly("jane");
      assertThat(durable.questions().list(q -> q.assignee("jane").execution(id))).isEmpty();
      assertThat(durable.questions().list(q -> q.assignee("group:leads").execution(id))).hasSize(1);
      assertThat(reminders.hoursUntil(id, "reminder[2]")).isEqualTo(24);
      assertThat(reminders.hoursUntil(id, "escalation[2]")).isEqualTo(12);
      db.letPass(ofHours(12));
      reminders.untilSent(id, 3);
      assertThat(reminders.hoursUntil(id, "reminder[2]")).isEqualTo(24);
      db.letPass(ofDays(1));
      reminders.untilSent(id, 4);
      assertThat(reminders.texts())
          .containsExactly("1 to jane", "1 to group:leads", "2 to group:directors");
      durable.questions().answer(id, "boss", Approval.approved("mary"));
      assertThat(handle.result(SOON)).isEqualTo("by mary");
      assertThat(reminders.rows(id))
          .containsExactlyInAnyOrder(
              "escalation[1] completed [\"group:leads\"]",
              "escalation[2] completed [\"group:directors\"]",
              "reminder[1] completed [\"jane\"]",
              "reminder[2] completed [\"group:directors\"]",
              "reminder[3] cancelled");
    }
  }

  @Test
  @DisplayName(
      "Several people and groups replace those before, and each of them finds the question")
  void severalAssignees() {
    Workflow<String, String> flow =
        approval(
            "escalating_to_several",
            ask ->
                ask.assignee("jane", "group:sales \"north\", all", "jane")
                    .escalateAfter(ofDays(1), List.of("joe", "group:{leads}"), sent::add));
    try (Durable durable = reminders.start(flow)) {
      ExecutionHandle<String> handle = durable.start(flow, "by ");
      UUID id = handle.id();
      reminders.untilSent(id, 0);
      assertThat(durable.questions().list(q -> q.assignee("jane")))
          .singleElement()
          .satisfies(
              question ->
                  assertThat(question.assignees())
                      .containsExactly("jane", "group:sales \"north\", all"));
      assertThat(durable.questions().list(q -> q.assignee("nobody", "group:sales \"north\", all")))
          .hasSize(1);
      assertThat(durable.questions().list(q -> q.execution(id).assignee("nobody", "jane")))
          .hasSize(1);
      assertThat(durable.questions().list(q -> q.execution(id).assignee("nobody", "joe")))
          .isEmpty();
      db.letPass(ofDays(1));
      reminders.untilSent(id, 1);
      assertThat(reminders.texts()).containsExactly("1 to joe and group:{leads}");
      assertThat(durable.questions().list(q -> q.assignee("jane", "nobody"))).isEmpty();
      assertThat(durable.questions().list(q -> q.assignee("group:{leads}", "joe"))).hasSize(1);
      durable.questions().answer(id, "boss", Approval.approved("joe"));
      assertThat(handle.result(SOON)).isEqualTo("by joe");
      assertThat(
              durable
                  .questions()
                  .list(q -> q.assignee("group:{leads}").status(QuestionStatus.COMPLETED)))
          .hasSize(1);
    }
  }

  @Test
  @DisplayName("It leaves the record of an earlier answer alone")
  void anAnswerComesFirst() {
    Gate gate = new Gate();
    Workflow<String, String> flow =
        approval(
            "answered_before_escalated",
            ask -> ask.assignee("jane").escalateAfter(ofDays(1), "joe", reminder -> gate.pass()));
    try (Durable durable = reminders.start(flow)) {
      ExecutionHandle<String> handle = durable.start(flow, "by ");
      UUID id = handle.id();
      reminders.untilSent(id, 0);
      db.letPass(ofDays(1));
      gate.awaitReached();
      assertThat(durable.questions().list(q -> q.assignee("jane").execution(id))).hasSize(1);
      durable.questions().answer(id, "boss", Approval.approved("jane"));
      gate.open();
      assertThat(handle.result(SOON)).isEqualTo("by jane");
      assertThat(durable.questions().list(q -> q.execution(id).status(QuestionStatus.COMPLETED)))
          .singleElement()
          .satisfies(question -> assertThat(question.assignees()).containsExactly("jane"));
    }
  }
}
