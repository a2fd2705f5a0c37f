package dev.durable.acceptance;

import static dev.durable.acceptance.Reminders.approval;
import static dev.durable.testing.DurableFixture.SOON;
import static dev.durable.testing.DurableFixture.untilItAsks;
import static java.time.Duration.ofDays;
import static java.time.Duration.ofMillis;
import static org.assertj.core.api.Assertions.assertThat;

import dev.durable.Durable;
import dev.durable.execution.ExecutionHandle;
import dev.durable.question.Approval;
import dev.durable.question.Question;
import dev.durable.question.QuestionStatus;
import dev.durable.question.Reminder;
import dev.durable.testing.DatabaseExtension;
import dev.durable.testing.Gate;
import dev.durable.testing.Proves;
import dev.durable.testing.TestDatabase;
import dev.durable.wait.WaitCancelledException;
import dev.durable.workflow.Workflow;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@ExtendWith(DatabaseExtension.class)
@Proves({"G3", "G7", "G8"})
@DisplayName("The end of a question ends its reminders")
class ReminderEndTest {

  private final TestDatabase db;
  private final Reminders reminders;
  private final List<Reminder> sent;

  ReminderEndTest(TestDatabase db) {
    this.db = db;
    this.reminders = new Reminders(db);
    this.sent = reminders.sent;
  }

  @Test
  @DisplayName("An answer that comes while a reminder is being sent is received right after")
  void anAnswerMeanwhile() {
    Gate gate = new Gate();
    Workflow<String, String> flow =
        approval(
            "answered_meanwhile",
            ask ->
                ask.remindEvery(
                    ofDays(1),
                    reminder -> {
                      sent.add(reminder);
                      gate.pass();
                    }));
    try (Durable durable = reminders.start(flow)) {
      ExecutionHandle<String> handle = durable.start(flow, "by ");
      UUID id = handle.id();
      reminders.untilSent(id, 0);
      db.letPass(ofDays(1));
      gate.awaitReached();
      durable.questions().answer(id, "boss", Approval.approved("jane"));
      gate.open();
      assertThat(handle.result(SOON)).isEqualTo("by jane");
      assertThat(reminders.rows(id))
          .containsExactly("reminder[1] completed", "reminder[2] cancelled");
    }
    assertThat(sent).hasSize(1);
  }

  @ParameterizedTest(name = "cancelled: {0}")
  @ValueSource(booleans = {false, true})
  @DisplayName("A person who has answered is not reminded, even before this worker hears of it")
  void anAnswerBefore(boolean cancelled) {
    Gate gate = new Gate();
    Workflow<String, String> flow =
        reminders.besideWork("ended_before" + cancelled, ofMillis(400), gate);
    try (Durable durable =
        Durable.on(db.dataSource())
            .worker(w -> w.notifications(false))
            .register(flow)
            .startWorker()) {
      ExecutionHandle<String> handle = durable.start(flow, "");
      UUID id = handle.id();
      untilItAsks(durable, id);
      if (cancelled) {
        durable.cancelWaits(id);
      } else {
        durable.questions().answer(id, "why", "so", "joe");
      }
      Gate.until(() -> reminders.rows(id).equals(List.of("reminder[1] cancelled")));
      gate.open();
      if (!cancelled) {
        assertThat(handle.result(SOON)).isEqualTo("so");
      }
    }
    assertThat(sent).isEmpty();
  }

  @Test
  @DisplayName("The timeout counts from the beginning, and wins when both are due")
  void theTimeoutWins() {
    Workflow<String, String> flow =
        approval(
            "reminded_in_vain",
            ask -> ask.remindEvery(ofDays(1), sent::add),
            with -> with.timeout(ofDays(3)).onTimeout(text -> text + null));
    try (Durable durable = reminders.start(flow)) {
      ExecutionHandle<String> handle = durable.start(flow, "by ");
      UUID id = handle.id();
      reminders.untilSent(id, 0);
      db.letPass(ofDays(1));
      reminders.untilSent(id, 1);
      db.letPass(ofDays(1));
      reminders.untilSent(id, 2);
      assertThat(reminders.hoursUntil(id, "boss")).isEqualTo(24);
      db.letPass(ofDays(1));
      assertThat(handle.result(SOON)).isEqualTo("by null");
      assertThat(reminders.rows(id)).hasSize(3).last().isEqualTo("reminder[3] cancelled");
      assertThat(durable.questions().list(q -> q.execution(id).status(QuestionStatus.TIMEOUT)))
          .hasSize(1);
    }
    assertThat(sent).hasSize(2);
  }

  @Test
  @DisplayName("A cancelled wait ends its reminders")
  void aCancelledWait() {
    Workflow<String, String> flow =
        Workflow.of(
            "withdrawn",
            String.class,
            String.class,
            (text, step) -> {
              try {
                return step.ask("why", Question.text("?").remindEvery(ofDays(1), sent::add));
              } catch (WaitCancelledException cancelled) {
                step.sleep("a_while", ofDays(10));
                return "withdrawn";
              }
            });
    try (Durable durable = reminders.start(flow)) {
      ExecutionHandle<String> handle = durable.start(flow, "");
      UUID id = handle.id();
      reminders.untilSent(id, 0);
      durable.cancelWaits(id);
      Gate.until(() -> reminders.rows(id).equals(List.of("reminder[1] cancelled")));
      reminders.untilSent(id, 0);
      db.letPass(ofDays(10));
      assertThat(handle.result(SOON)).isEqualTo("withdrawn");
    }
    assertThat(sent).isEmpty();
  }

  @Test
  @DisplayName("A branch that is no longer needed ends its reminders")
  void aBranchThatIsNotNeeded() {
    Workflow<String, String> flow =
        Workflow.define("any_answer", String.class)
            .parallel(
                "any",
                par -> {
                  for (String name : List.of("one", "two")) {
                    par.path(
                        name,
                        String.class,
                        path ->
                            path.ask(
                                "why_" + name,
                                text -> Question.text("?").remindEvery(ofDays(1), sent::add),
                                (text, why) -> why));
                  }
                  return par.join((text, results) -> text);
                },
                with -> with.any())
            .sleep("a_while", ofDays(5))
            .build();
    try (Durable durable = reminders.start(flow)) {
      UUID id = durable.start(flow, "").id();
      Gate.until(() -> durable.questions().open(id).size() == 2);
      reminders.untilSent(id, 0);
      durable.questions().answer(id, "why_two", "so", "joe");
      Gate.until(
          () ->
              reminders.rows(id).equals(List.of("reminder[1] cancelled", "reminder[1] cancelled")));
      durable.cancel(id);
    }
    assertThat(sent).isEmpty();
  }
}
