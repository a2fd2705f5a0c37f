package dev.durable.acceptance;

import static dev.durable.acceptance.Reminders.approval;
import static dev.durable.testing.DurableFixture.SOON;
import static dev.durable.testing.DurableFixture.untilItAsks;
import static java.time.Duration.ofDays;
import static java.time.Duration.ofHours;
import static java.time.Duration.ofMillis;
import static java.time.Duration.ofSeconds;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.durable.Durable;
import dev.durable.execution.ExecutionFailedException;
import dev.durable.execution.ExecutionHandle;
import dev.durable.execution.ExecutionStatus;
import dev.durable.question.Approval;
import dev.durable.question.OpenQuestion;
import dev.durable.question.Question;
import dev.durable.question.QuestionReminder;
import dev.durable.question.Reminder;
import dev.durable.retry.RetryPolicy;
import dev.durable.testing.DatabaseExtension;
import dev.durable.testing.Gate;
import dev.durable.testing.Proves;
import dev.durable.testing.TestDatabase;
import dev.durable.workflow.Workflow;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(DatabaseExtension.class)
@Proves({"G3", "G7", "G8"})
@DisplayName("Reminding")
class ReminderTest {

  private final TestDatabase db;
  private final Reminders reminders;
  private final List<Reminder> sent;

  ReminderTest(TestDatabase db) {
    this.db = db;
    this.reminders = new Reminders(db);
    this.sent = reminders.sent;
  }

  @Nested
  @DisplayName("A reminder")
  class AReminder {

    @Test
    @DisplayName("A reminder is sent once per interval, until an answer comes")
    void oncePerInterval() {
      Workflow<String, String> flow =
          approval("reminding", ask -> ask.assignee("jane").remindEvery(ofDays(1), sent::add));
      try (Durable durable = reminders.start(flow)) {
        ExecutionHandle<String> handle = durable.start(flow, "by ");
        UUID id = handle.id();
        reminders.untilSent(id, 0);
        assertThat(reminders.hoursUntil(id, "reminder[1]")).isEqualTo(24);
        db.letPass(ofHours(23));
        assertThat(
                db.number(
                    "select count(*) from durable.workflow_executions where id = ?"
                        + " and wake_at > now() + interval '50 minutes'",
                    id))
            .isEqualTo(1);
        db.letPass(ofHours(1));
        reminders.untilSent(id, 1);
        db.letPass(ofDays(1));
        reminders.untilSent(id, 2);
        assertThat(reminders.texts()).containsExactly("1 to jane", "2 to jane");
        OpenQuestion question = durable.questions().open(id).getFirst();
        assertThat(sent.getLast().question()).isEqualTo(question);
        assertThat(sent.getLast().idempotencyKey()).isEqualTo(question.id() + "/reminder[2]");
        durable.questions().answer(id, "boss", Approval.approved("jane"));
        assertThat(handle.result(SOON)).isEqualTo("by jane");
        assertThat(reminders.rows(id))
            .containsExactly(
                "reminder[1] completed [\"jane\"]",
                "reminder[2] completed [\"jane\"]",
                "reminder[3] cancelled");
        assertThat(durable.steps(id))
            .anySatisfy(
                row -> {
                  assertThat(row.path()).isEqualTo("boss/boss/reminder[1]");
                  assertThat(row.completedAt()).isNotNull();
                });
      }
      assertThat(sent).hasSize(2);
    }

    @Test
    @DisplayName("A reminder missed several times is sent once, and the next an interval later")
    void missedOnes() {
      Workflow<String, String> flow =
          approval("missed", ask -> ask.remindEvery(ofDays(1), sent::add));
      UUID id;
      try (Durable durable = reminders.start(flow)) {
        id = durable.start(flow, "").id();
        reminders.untilSent(id, 0);
      }
      db.letPass(ofHours(24 * 5 + 12));
      try (Durable durable = reminders.start(flow)) {
        reminders.untilSent(id, 1);
        assertThat(reminders.hoursUntil(id, "reminder[2]")).isEqualTo(24);
        assertThat(reminders.texts()).containsExactly("1 to ");
        durable.cancel(id);
        assertThat(reminders.rows(id))
            .containsExactly("reminder[1] completed", "reminder[2] cancelled");
      }
    }

    @Test
    @DisplayName(
        "A failing reminder is tried again a moment later, with the same key; the question "
            + "stays open")
    void aFailingOne() {
      AtomicInteger calls = new AtomicInteger();
      QuestionReminder flaky =
          reminder -> {
            sent.add(reminder);
            if (calls.incrementAndGet() < 3) {
              Thread.currentThread().interrupt();
              throw calls.get() == 1 ? new IllegalStateException("no mail") : new Exception("no");
            }
          };
      Workflow<String, String> flow =
          approval("failing_reminder", ask -> ask.remindEvery(ofHours(1), flaky));
      try (Durable durable = reminders.start(flow)) {
        ExecutionHandle<String> handle = durable.start(flow, "by ");
        UUID id = handle.id();
        reminders.untilSent(id, 0);
        db.letPass(ofHours(1));
        untilFailed(id, 2);
        assertThat(secondsUntil(id)).isBetween(5L, 10L);
        assertThat(durable.questions().open(id)).hasSize(1);
        assertThat(durable.steps(id))
            .noneSatisfy(row -> assertThat(row.status().text()).isEqualTo("failed"))
            .anySatisfy(row -> assertThat(row.error()).isNotNull());
        db.letPass(ofSeconds(10));
        untilFailed(id, 3);
        assertThat(secondsUntil(id)).isBetween(15L, 20L);
        db.letPass(ofSeconds(20));
        reminders.untilSent(id, 1);
        assertThat(sent).hasSize(3).containsOnly(sent.getFirst());
        assertThat(reminders.hoursUntil(id, "reminder[2]")).isEqualTo(1);
        assertThat(durable.steps(id)).noneSatisfy(row -> assertThat(row.error()).isNotNull());
        durable.questions().answer(id, "boss", Approval.approved("joe"));
        assertThat(handle.result(SOON)).isEqualTo("by joe");
      }
    }

    private void untilFailed(UUID id, int next) {
      Gate.until(
          () ->
              db.number(
                      "select count(*) from durable.step_executions s"
                          + " join durable.workflow_executions e on e.id = s.workflow_id"
                          + " where e.id = ? and e.status = 'waiting' and s.status = 'waiting'"
                          + " and s.step_name = 'reminder[1]' and s.attempt = ?"
                          + " and s.error is not null",
                      id,
                      next)
                  == 1);
    }

    private long secondsUntil(UUID id) {
      return db.number(
          "select extract(epoch from wake_at - now())::bigint from durable.workflow_executions"
              + " where id = ?",
          id);
    }

    @Test
    @DisplayName("A reminder that is no longer in the code is not sent; the question stays open")
    void aRemovedOne() {
      Workflow<String, String> before =
          approval(
              "removed",
              ask -> ask.remindEvery(ofDays(1), sent::add).escalateAfter(ofDays(1), "group:all"));
      UUID id;
      try (Durable durable = reminders.start(before)) {
        id = durable.start(before, "by ").id();
        reminders.untilSent(id, 0);
      }
      Workflow<String, String> after =
          Workflow.define("removed", String.class)
              .ask("boss", text -> Question.approval("?"), (text, got) -> text + got.by())
              .step("more", text -> text + "!")
              .build();
      db.letPass(ofDays(1));
      try (Durable durable = reminders.start(after)) {
        Gate.until(
            () ->
                reminders
                    .rows(id)
                    .equals(List.of("escalation[1] cancelled", "reminder[1] cancelled")));
        reminders.untilSent(id, 0);
        assertThat(durable.find(id).orElseThrow().wakeAt()).isNull();
        durable.questions().answer(id, "boss", Approval.approved("jane"));
        assertThat(durable.handle(id, after).result(SOON)).isEqualTo("by jane!");
      }
      assertThat(sent).isEmpty();
    }

    @Test
    @DisplayName("Reminders begin again with a question that is asked again, under another key")
    void afterARetry() {
      AtomicInteger calls = new AtomicInteger();
      QuestionReminder flaky =
          reminder -> {
            if (calls.incrementAndGet() < 3) {
              throw new IllegalStateException("no mail");
            }
            sent.add(reminder);
          };
      Workflow<String, String> flow =
          approval(
              "asked_anew",
              ask -> ask.remindEvery(ofDays(1), flaky).escalateAfter(ofDays(5), "group:all"),
              with -> with.timeout(ofDays(2).plusHours(1)));
      try (Durable durable = reminders.start(flow)) {
        ExecutionHandle<String> handle = durable.start(flow, "by ");
        UUID id = handle.id();
        reminders.untilSent(id, 0);
        db.letPass(ofDays(1));
        untilFailed(id, 2);
        db.letPass(ofSeconds(10));
        untilFailed(id, 3);
        db.letPass(ofSeconds(20));
        reminders.untilSent(id, 1);
        db.letPass(ofDays(2));
        assertThatThrownBy(() -> handle.result(SOON)).isInstanceOf(ExecutionFailedException.class);
        assertThat(db.violations()).isEmpty();
        durable.retry(id);
        reminders.untilSent(id, 1);
        assertThat(reminders.hoursUntil(id, "reminder[1]")).isEqualTo(24);
        db.letPass(ofDays(1));
        reminders.untilSent(id, 2);
        assertThat(reminders.texts()).containsExactly("1 to ", "1 to ");
        assertThat(sent.getFirst().idempotencyKey()).isNotEqualTo(sent.getLast().idempotencyKey());
        durable.questions().answer(id, "boss", Approval.approved("jane"));
        assertThat(durable.handle(id, flow).result(SOON)).isEqualTo("by jane");
      }
    }
  }

  @Nested
  @DisplayName("Reminders anywhere")
  class Anywhere {

    @Test
    @DisplayName("Each item of a forEach has reminders of its own")
    void inItems() {
      Workflow<Integer, Integer> flow =
          Workflow.define("reminding_items", Integer.class)
              .forEach(
                  "each",
                  Integer.class,
                  n -> IntStream.range(0, n).boxed().toList(),
                  each ->
                      each.ask(
                          "why",
                          i ->
                              Question.text("?")
                                  .assignee("p" + i)
                                  .remindEvery(ofDays(i + 1), sent::add),
                          (i, why) -> i),
                  with -> with.concurrency(10))
              .build();
      try (Durable durable = reminders.start(flow)) {
        UUID id = durable.start(flow, 3).id();
        Gate.until(() -> durable.questions().open(id).size() == 3);
        reminders.untilSent(id, 0);
        db.letPass(ofDays(1));
        reminders.untilSent(id, 1);
        db.letPass(ofDays(1));
        reminders.untilSent(id, 3);
        assertThat(reminders.texts()).containsExactlyInAnyOrder("1 to p0", "2 to p0", "1 to p1");
        assertThat(sent).extracting(Reminder::idempotencyKey).doesNotHaveDuplicates();
        durable.cancel(id);
      }
    }

    @Test
    @DisplayName("A branch is reminded while another one works")
    void besideABusyBranch() {
      Gate gate = new Gate();
      Workflow<String, String> flow = reminders.besideWork("reminding_branch", ofMillis(40), gate);
      try (Durable durable = reminders.start(flow)) {
        ExecutionHandle<String> handle = durable.start(flow, "");
        Gate.until(() -> sent.size() >= 3);
        assertThat(handle.status()).isEqualTo(ExecutionStatus.RUNNING);
        durable.questions().answer(handle.id(), "why", "so", "joe");
        gate.open();
        assertThat(handle.result(SOON)).isEqualTo("so");
      }
      assertThat(sent).extracting(Reminder::number).startsWith(1, 2, 3).doesNotHaveDuplicates();
    }

    @Test
    @DisplayName("The database's clock decides, not this worker's")
    void byTheDatabasesClock() {
      Gate gate = new Gate();
      Workflow<String, String> flow = reminders.besideWork("another_clock", ofMillis(300), gate);
      try (Durable durable = reminders.start(flow)) {
        ExecutionHandle<String> handle = durable.start(flow, "");
        untilItAsks(durable, handle.id());
        assertThat(db.postpone(handle.id(), ofMillis(600))).isOne();
        Gate.until(() -> sent.size() == 1);
        Gate.until(() -> reminders.rows(handle.id()).getFirst().equals("reminder[1] completed"));
        assertThat(
                db.number(
                    "select count(*) from durable.step_executions where workflow_id = ?"
                        + " and step_name = 'reminder[1]' and completed_at >= wake_at",
                    handle.id()))
            .isEqualTo(1);
        durable.questions().answer(handle.id(), "why", "so", "joe");
        gate.open();
        assertThat(handle.result(SOON)).isEqualTo("so");
      }
    }

    @Test
    @DisplayName("A body that fails and is tried again continues with the same question")
    void acrossTheRetriesOfABody() {
      AtomicInteger entries = new AtomicInteger();
      Workflow<String, String> flow =
          Workflow.define("reminding_retries", String.class)
              .step(
                  "body",
                  String.class,
                  (text, step) -> {
                    if (entries.incrementAndGet() == 2) {
                      throw new IllegalStateException("a bad moment");
                    }
                    return step.ask("why", Question.text("?").remindEvery(ofDays(1), sent::add));
                  },
                  with -> with.retry(RetryPolicy.constant(ofMillis(1))))
              .build();
      try (Durable durable = reminders.start(flow)) {
        ExecutionHandle<String> handle = durable.start(flow, "");
        UUID id = handle.id();
        reminders.untilSent(id, 0);
        UUID question = durable.questions().open(id).getFirst().id();
        db.letPass(ofDays(1));
        reminders.untilSent(id, 1);
        assertThat(sent.getFirst().question().id()).isEqualTo(question);
        durable.questions().answer(id, "why", "so", "joe");
        assertThat(handle.result(SOON)).isEqualTo("so");
      }
      assertThat(sent).hasSize(1);
    }
  }

  @Test
  @DisplayName("Times that make no sense are refused when the question is made")
  void impossibleTimes() {
    assertThatThrownBy(() -> Question.text("?").remindEvery(Duration.ZERO, sent::add))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("every must be positive: PT0S");
    assertThatThrownBy(() -> Question.text("?").escalateAfter(ofDays(-1), "joe"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("after must be positive");
  }
}
