package dev.durable.acceptance;

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
import dev.durable.input.Approval;
import dev.durable.input.InputReminder;
import dev.durable.input.InputRequest;
import dev.durable.input.InputStatus;
import dev.durable.input.PendingInput;
import dev.durable.input.Reminder;
import dev.durable.retry.RetryPolicy;
import dev.durable.testing.DatabaseExtension;
import dev.durable.testing.Gate;
import dev.durable.testing.Proves;
import dev.durable.testing.TestDatabase;
import dev.durable.wait.WaitCancelledException;
import dev.durable.workflow.BranchRef;
import dev.durable.workflow.Workflow;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@ExtendWith(DatabaseExtension.class)
@Proves({"G3", "G7", "G8"})
@DisplayName("Reminding and escalating")
class ReminderTest {

  private final TestDatabase db;
  private final List<Reminder> sent = new CopyOnWriteArrayList<>();

  ReminderTest(TestDatabase db) {
    this.db = db;
  }

  @AfterEach
  void nothingIsWrong() {
    assertThat(db.violations()).isEmpty();
  }

  private static Workflow<String, String> approval(
      String name, UnaryOperator<InputRequest<Approval>> with) {
    return Workflow.define(name, String.class)
        .approval("boss", (text, ask) -> with.apply(ask), (text, got) -> text + got.by())
        .build();
  }

  private Durable start(Workflow<?, ?>... workflows) {
    return Durable.on(db.dataSource()).pollInterval(ofMillis(20)).register(workflows).start();
  }

  /** Until it rests, with this many reminders and escalations behind it. */
  private void untilSent(UUID id, int number) {
    Gate.until(
        () ->
            db.number(
                    "select count(*) from durable.workflow_executions e where e.id = ?"
                        + " and e.status = 'waiting' and (select count(*)"
                        + " from durable.step_executions s where s.workflow_id = e.id"
                        + " and s.path ~ '(reminder|escalation)\\[' and s.status = 'completed') = ?",
                    id,
                    number)
                == 1);
  }

  /** The rows of reminders and escalations. */
  private List<String> rows(UUID id) {
    return db.rows(
        "select step_name || ' ' || status || coalesce(' ' || output::text, '')"
            + " from durable.step_executions where workflow_id = ?"
            + " and path ~ '(reminder|escalation)\\[' order by seq",
        id);
  }

  /** In how many hours a row is due, rounded. */
  private long hoursUntil(UUID id, String row) {
    return db.number(
        "select round(extract(epoch from wake_at - now()) / 3600)::bigint"
            + " from durable.step_executions where workflow_id = ? and step_name = ?"
            + " and status = 'waiting'",
        id,
        row);
  }

  private List<String> sent() {
    return sent.stream().map(each -> each.number() + " to " + each.assignee()).toList();
  }

  /** A branch that asks, beside one that works until the gate opens. */
  private Workflow<String, String> besideWork(String name, Duration every, Gate gate) {
    return Workflow.define(name, String.class)
        .parallel(
            "both",
            par -> {
              BranchRef<String> asks =
                  par.branch(
                      "asks",
                      String.class,
                      path ->
                          path.text(
                              "why",
                              (text, ask) -> ask.remindEvery(every, sent::add),
                              (text, why) -> why));
              par.branch(
                  "works",
                  String.class,
                  (text, step) -> {
                    gate.pass();
                    return text;
                  });
              return par.join((text, results) -> results.get(asks));
            })
        .build();
  }

  @Nested
  @DisplayName("A reminder")
  class AReminder {

    @Test
    @DisplayName("A reminder is sent once per interval, until an answer comes")
    void oncePerInterval() {
      Workflow<String, String> flow =
          approval(
              "reminding",
              ask -> ask.prompt("Well?").assignee("jane").remindEvery(ofDays(1), sent::add));
      try (Durable durable = start(flow)) {
        ExecutionHandle<String> handle = durable.start(flow, "by ");
        UUID id = handle.id();
        untilSent(id, 0);
        assertThat(hoursUntil(id, "reminder[1]")).isEqualTo(24);
        db.letPass(ofHours(23));
        assertThat(
                db.number(
                    "select count(*) from durable.workflow_executions where id = ?"
                        + " and wake_at > now() + interval '50 minutes'",
                    id))
            .isEqualTo(1);
        db.letPass(ofHours(1));
        untilSent(id, 1);
        db.letPass(ofDays(1));
        untilSent(id, 2);
        assertThat(sent()).containsExactly("1 to jane", "2 to jane");
        PendingInput question = durable.inputs().pending(id).getFirst();
        assertThat(sent.getLast().question()).isEqualTo(question);
        assertThat(sent.getLast().idempotencyKey()).isEqualTo(question.id() + "/reminder[2]");
        durable.inputs().provide(id, "boss", Approval.approved("jane"));
        assertThat(handle.result(SOON)).isEqualTo("by jane");
        assertThat(rows(id))
            .containsExactly(
                "reminder[1] completed \"jane\"",
                "reminder[2] completed \"jane\"",
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
      try (Durable durable = start(flow)) {
        id = durable.start(flow, "").id();
        untilSent(id, 0);
      }
      db.letPass(ofHours(24 * 5 + 12));
      try (Durable durable = start(flow)) {
        untilSent(id, 1);
        assertThat(hoursUntil(id, "reminder[2]")).isEqualTo(24);
        assertThat(sent()).containsExactly("1 to null");
        durable.cancel(id);
        assertThat(rows(id)).containsExactly("reminder[1] completed", "reminder[2] cancelled");
      }
    }

    @Test
    @DisplayName(
        "A failing reminder is tried again a moment later, with the same key; the question "
            + "stays open")
    void aFailingOne() {
      AtomicInteger calls = new AtomicInteger();
      InputReminder flaky =
          reminder -> {
            sent.add(reminder);
            if (calls.incrementAndGet() < 3) {
              Thread.currentThread().interrupt();
              throw calls.get() == 1 ? new IllegalStateException("no mail") : new Exception("no");
            }
          };
      Workflow<String, String> flow =
          approval("failing_reminder", ask -> ask.remindEvery(ofHours(1), flaky));
      try (Durable durable = start(flow)) {
        ExecutionHandle<String> handle = durable.start(flow, "by ");
        UUID id = handle.id();
        untilSent(id, 0);
        db.letPass(ofHours(1));
        untilFailed(id, 2);
        assertThat(secondsUntil(id)).isBetween(5L, 10L);
        assertThat(durable.inputs().pending(id)).hasSize(1);
        assertThat(durable.steps(id))
            .noneSatisfy(row -> assertThat(row.status().text()).isEqualTo("failed"))
            .anySatisfy(row -> assertThat(row.error()).isNotNull());
        db.letPass(ofSeconds(10));
        untilFailed(id, 3);
        assertThat(secondsUntil(id)).isBetween(15L, 20L);
        db.letPass(ofSeconds(20));
        untilSent(id, 1);
        assertThat(sent).hasSize(3).containsOnly(sent.getFirst());
        assertThat(hoursUntil(id, "reminder[2]")).isEqualTo(1);
        assertThat(durable.steps(id)).noneSatisfy(row -> assertThat(row.error()).isNotNull());
        durable.inputs().provide(id, "boss", Approval.approved("joe"));
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
      try (Durable durable = start(before)) {
        id = durable.start(before, "by ").id();
        untilSent(id, 0);
      }
      Workflow<String, String> after =
          Workflow.define("removed", String.class)
              .approval("boss", (text, ask) -> ask, (text, got) -> text + got.by())
              .step("more", text -> text + "!")
              .build();
      db.letPass(ofDays(1));
      try (Durable durable = start(after)) {
        Gate.until(
            () -> rows(id).equals(List.of("escalation[1] cancelled", "reminder[1] cancelled")));
        untilSent(id, 0);
        assertThat(durable.find(id).orElseThrow().wakeAt()).isNull();
        durable.inputs().provide(id, "boss", Approval.approved("jane"));
        assertThat(durable.handle(id, after).result(SOON)).isEqualTo("by jane!");
      }
      assertThat(sent).isEmpty();
    }

    @Test
    @DisplayName("Reminders begin again with a question that is asked again, under another key")
    void afterARetry() {
      AtomicInteger calls = new AtomicInteger();
      InputReminder flaky =
          reminder -> {
            if (calls.incrementAndGet() < 3) {
              throw new IllegalStateException("no mail");
            }
            sent.add(reminder);
          };
      Workflow<String, String> flow =
          approval(
              "asked_anew",
              ask ->
                  ask.remindEvery(ofDays(1), flaky)
                      .timeout(ofDays(2).plusHours(1))
                      .escalateAfter(ofDays(5), "group:all"));
      try (Durable durable = start(flow)) {
        ExecutionHandle<String> handle = durable.start(flow, "by ");
        UUID id = handle.id();
        untilSent(id, 0);
        db.letPass(ofDays(1));
        untilFailed(id, 2);
        db.letPass(ofSeconds(10));
        untilFailed(id, 3);
        db.letPass(ofSeconds(20));
        untilSent(id, 1);
        db.letPass(ofDays(2));
        assertThatThrownBy(() -> handle.result(SOON)).isInstanceOf(ExecutionFailedException.class);
        assertThat(db.violations()).isEmpty();
        durable.retry(id);
        untilSent(id, 1);
        assertThat(hoursUntil(id, "reminder[1]")).isEqualTo(24);
        db.letPass(ofDays(1));
        untilSent(id, 2);
        assertThat(sent()).containsExactly("1 to null", "1 to null");
        assertThat(sent.getFirst().idempotencyKey()).isNotEqualTo(sent.getLast().idempotencyKey());
        durable.inputs().provide(id, "boss", Approval.approved("jane"));
        assertThat(durable.handle(id, flow).result(SOON)).isEqualTo("by jane");
      }
    }
  }

  @Nested
  @DisplayName("The end of a question ends its reminders")
  class TheEnd {

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
      try (Durable durable = start(flow)) {
        ExecutionHandle<String> handle = durable.start(flow, "by ");
        UUID id = handle.id();
        untilSent(id, 0);
        db.letPass(ofDays(1));
        gate.awaitReached();
        durable.inputs().provide(id, "boss", Approval.approved("jane"));
        gate.open();
        assertThat(handle.result(SOON)).isEqualTo("by jane");
        assertThat(rows(id)).containsExactly("reminder[1] completed", "reminder[2] cancelled");
      }
      assertThat(sent).hasSize(1);
    }

    @ParameterizedTest(name = "cancelled: {0}")
    @ValueSource(booleans = {false, true})
    @DisplayName("A person who has answered is not reminded, even before this worker hears of it")
    void anAnswerBefore(boolean cancelled) {
      Gate gate = new Gate();
      Workflow<String, String> flow = besideWork("ended_before" + cancelled, ofMillis(400), gate);
      try (Durable durable =
          Durable.on(db.dataSource()).notifications(false).register(flow).start()) {
        ExecutionHandle<String> handle = durable.start(flow, "");
        UUID id = handle.id();
        untilItAsks(durable, id);
        if (cancelled) {
          durable.cancelWait(id);
        } else {
          durable.inputs().provide(id, "why", "so", "joe");
        }
        Gate.until(() -> rows(id).equals(List.of("reminder[1] cancelled")));
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
              ask ->
                  ask.remindEvery(ofDays(1), sent::add)
                      .timeout(ofDays(3))
                      .onTimeout(Approval.rejected("no answer")));
      try (Durable durable = start(flow)) {
        ExecutionHandle<String> handle = durable.start(flow, "by ");
        UUID id = handle.id();
        untilSent(id, 0);
        db.letPass(ofDays(1));
        untilSent(id, 1);
        db.letPass(ofDays(1));
        untilSent(id, 2);
        assertThat(hoursUntil(id, "boss")).isEqualTo(24);
        db.letPass(ofDays(1));
        assertThat(handle.result(SOON)).isEqualTo("by null");
        assertThat(rows(id)).hasSize(3).last().isEqualTo("reminder[3] cancelled");
        assertThat(durable.inputs().list(q -> q.execution(id).status(InputStatus.TIMEOUT)))
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
                  return step.text("why", ask -> ask.remindEvery(ofDays(1), sent::add));
                } catch (WaitCancelledException cancelled) {
                  step.sleep("a_while", ofDays(10));
                  return "withdrawn";
                }
              });
      try (Durable durable = start(flow)) {
        ExecutionHandle<String> handle = durable.start(flow, "");
        UUID id = handle.id();
        untilSent(id, 0);
        durable.cancelWait(id);
        Gate.until(() -> rows(id).equals(List.of("reminder[1] cancelled")));
        untilSent(id, 0);
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
                      par.branch(
                          name,
                          String.class,
                          path ->
                              path.text(
                                  "why_" + name,
                                  (text, ask) -> ask.remindEvery(ofDays(1), sent::add),
                                  (text, why) -> why));
                    }
                    return par.any().join((text, results) -> text);
                  })
              .sleep("a_while", ofDays(5))
              .build();
      try (Durable durable = start(flow)) {
        UUID id = durable.start(flow, "").id();
        Gate.until(() -> durable.inputs().pending(id).size() == 2);
        untilSent(id, 0);
        durable.inputs().provide(id, "why_two", "so", "joe");
        Gate.until(
            () -> rows(id).equals(List.of("reminder[1] cancelled", "reminder[1] cancelled")));
        durable.cancel(id);
      }
      assertThat(sent).isEmpty();
    }
  }

  @Nested
  @DisplayName("An escalation")
  class AnEscalation {

    @Test
    @DisplayName(
        "It hands the question to the next person, level by level, and postpones reminders")
    void levelByLevel() {
      Workflow<String, String> flow =
          approval(
              "escalating",
              ask ->
                  ask.assignee("jane")
                      .remindEvery(ofDays(1), sent::add)
                      .escalateAfter(ofDays(2), "group:leads", sent::add)
                      .escalateAfter(ofHours(12), "group:directors"));
      try (Durable durable = start(flow)) {
        ExecutionHandle<String> handle = durable.start(flow, "by ");
        UUID id = handle.id();
        untilSent(id, 0);
        assertThat(rows(id)).containsExactly("escalation[1] waiting", "reminder[1] waiting");
        db.letPass(ofDays(1));
        untilSent(id, 1);
        db.letPass(ofDays(1));
        untilSent(id, 2);
        assertThat(sent()).containsExactly("1 to jane", "1 to group:leads");
        assertThat(sent.getLast().question().assignee()).isEqualTo("jane");
        assertThat(durable.inputs().list(q -> q.assignee("jane").execution(id))).isEmpty();
        assertThat(durable.inputs().list(q -> q.assignee("group:leads").execution(id))).hasSize(1);
        assertThat(hoursUntil(id, "reminder[2]")).isEqualTo(24);
        assertThat(hoursUntil(id, "escalation[2]")).isEqualTo(12);
        db.letPass(ofHours(12));
        untilSent(id, 3);
        assertThat(hoursUntil(id, "reminder[2]")).isEqualTo(24);
        db.letPass(ofDays(1));
        untilSent(id, 4);
        assertThat(sent()).containsExactly("1 to jane", "1 to group:leads", "2 to group:directors");
        durable.inputs().provide(id, "boss", Approval.approved("mary"));
        assertThat(handle.result(SOON)).isEqualTo("by mary");
        assertThat(rows(id))
            .containsExactlyInAnyOrder(
                "escalation[1] completed \"group:leads\"",
                "escalation[2] completed \"group:directors\"",
                "reminder[1] completed \"jane\"",
                "reminder[2] completed \"group:directors\"",
                "reminder[3] cancelled");
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
      try (Durable durable = start(flow)) {
        ExecutionHandle<String> handle = durable.start(flow, "by ");
        UUID id = handle.id();
        untilSent(id, 0);
        db.letPass(ofDays(1));
        gate.awaitReached();
        assertThat(durable.inputs().list(q -> q.assignee("jane").execution(id))).hasSize(1);
        durable.inputs().provide(id, "boss", Approval.approved("jane"));
        gate.open();
        assertThat(handle.result(SOON)).isEqualTo("by jane");
        assertThat(durable.inputs().list(q -> q.execution(id).status(InputStatus.COMPLETED)))
            .singleElement()
            .satisfies(question -> assertThat(question.assignee()).isEqualTo("jane"));
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
                              InputRequest.text()
                                  .assignee("p" + i)
                                  .remindEvery(ofDays(i + 1), sent::add),
                          (i, why) -> i),
                  with -> with.concurrency(10))
              .build();
      try (Durable durable = start(flow)) {
        UUID id = durable.start(flow, 3).id();
        Gate.until(() -> durable.inputs().pending(id).size() == 3);
        untilSent(id, 0);
        db.letPass(ofDays(1));
        untilSent(id, 1);
        db.letPass(ofDays(1));
        untilSent(id, 3);
        assertThat(sent()).containsExactlyInAnyOrder("1 to p0", "2 to p0", "1 to p1");
        assertThat(sent).extracting(Reminder::idempotencyKey).doesNotHaveDuplicates();
        durable.cancel(id);
      }
    }

    @Test
    @DisplayName("A branch is reminded while another one works")
    void besideABusyBranch() {
      Gate gate = new Gate();
      Workflow<String, String> flow = besideWork("reminding_branch", ofMillis(40), gate);
      try (Durable durable = start(flow)) {
        ExecutionHandle<String> handle = durable.start(flow, "");
        Gate.until(() -> sent.size() >= 3);
        assertThat(handle.status()).isEqualTo(ExecutionStatus.RUNNING);
        durable.inputs().provide(handle.id(), "why", "so", "joe");
        gate.open();
        assertThat(handle.result(SOON)).isEqualTo("so");
      }
      assertThat(sent).extracting(Reminder::number).startsWith(1, 2, 3).doesNotHaveDuplicates();
    }

    @Test
    @DisplayName("The database's clock decides, not this worker's")
    void byTheDatabasesClock() {
      Gate gate = new Gate();
      Workflow<String, String> flow = besideWork("another_clock", ofMillis(300), gate);
      try (Durable durable = start(flow)) {
        ExecutionHandle<String> handle = durable.start(flow, "");
        untilItAsks(durable, handle.id());
        db.update(
            "update durable.step_executions set wake_at = wake_at + interval '600 ms'"
                + " where workflow_id = ? and step_name = 'reminder[1]'",
            handle.id());
        Gate.until(() -> sent.size() == 1);
        Gate.until(() -> rows(handle.id()).getFirst().equals("reminder[1] completed"));
        assertThat(
                db.number(
                    "select count(*) from durable.step_executions where workflow_id = ?"
                        + " and step_name = 'reminder[1]' and completed_at >= wake_at",
                    handle.id()))
            .isEqualTo(1);
        durable.inputs().provide(handle.id(), "why", "so", "joe");
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
                    return step.text("why", ask -> ask.remindEvery(ofDays(1), sent::add));
                  },
                  with -> with.retry(RetryPolicy.constant(ofMillis(1))))
              .build();
      try (Durable durable = start(flow)) {
        ExecutionHandle<String> handle = durable.start(flow, "");
        UUID id = handle.id();
        untilSent(id, 0);
        UUID question = durable.inputs().pending(id).getFirst().id();
        db.letPass(ofDays(1));
        untilSent(id, 1);
        assertThat(sent.getFirst().question().id()).isEqualTo(question);
        durable.inputs().provide(id, "why", "so", "joe");
        assertThat(handle.result(SOON)).isEqualTo("so");
      }
      assertThat(sent).hasSize(1);
    }
  }

  @Test
  @DisplayName("Times that make no sense are refused when the question is made")
  void impossibleTimes() {
    assertThatThrownBy(() -> InputRequest.text().remindEvery(Duration.ZERO, sent::add))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("every must be positive: PT0S");
    assertThatThrownBy(() -> InputRequest.text().escalateAfter(ofDays(-1), "joe"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("after must be positive");
  }
}
