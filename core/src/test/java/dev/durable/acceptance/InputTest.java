package dev.durable.acceptance;

import static dev.durable.testing.DurableFixture.SOON;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.durable.Durable;
import dev.durable.execution.ExecutionFailedException;
import dev.durable.execution.ExecutionHandle;
import dev.durable.execution.ExecutionNotFoundException;
import dev.durable.execution.ExecutionStatus;
import dev.durable.json.TypeRef;
import dev.durable.question.Approval;
import dev.durable.question.FormField;
import dev.durable.question.InvalidAnswerException;
import dev.durable.question.OpenQuestion;
import dev.durable.question.Question;
import dev.durable.question.QuestionClosedException;
import dev.durable.question.QuestionStatus;
import dev.durable.question.QuestionType;
import dev.durable.testing.DatabaseExtension;
import dev.durable.testing.Gate;
import dev.durable.testing.Proves;
import dev.durable.testing.TestDatabase;
import dev.durable.workflow.Workflow;
import java.math.BigDecimal;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.time.LocalDate;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(DatabaseExtension.class)
@Proves({"R-176 to R-189", "R-208", "R-209", "R-215"})
@DisplayName("Asking people")
class InputTest {

  private final TestDatabase db;

  InputTest(TestDatabase db) {
    this.db = db;
  }

  /** An expense that needs an approval. */
  record Expense(String what, int amount, String decision) {
    Expense decided(Approval approval) {
      return new Expense(
          what,
          amount,
          (approval.approved() ? "approved" : "rejected")
              + " by "
              + approval.by()
              + ": "
              + approval.comment());
    }
  }

  /** An expense's urgency. */
  enum Urgency {
    LOW,
    HIGH;

    /** What people read is not what is stored. */
    @Override
    public String toString() {
      return "as urgent as " + name().length();
    }
  }

  /** A form. */
  record Equipment(
      String item,
      int count,
      BigDecimal price,
      LocalDate needed,
      boolean used,
      Urgency urgency,
      @Nullable String comment) {}

  private static final Workflow<Expense, Expense> EXPENSE =
      Workflow.define("expense", Expense.class)
          .ask(
              "manager",
              expense ->
                  Question.approval("Approve " + expense.amount() + "?")
                      .assignee("group:managers")
                      .metadata("cost_center", "4711"),
              Expense::decided,
              with -> with.timeout(Duration.ofDays(1)))
          .build();

  private static void untilAsked(Durable durable, UUID id) {
    Gate.until(
        () ->
            !durable.questions().open(id).isEmpty()
                && durable.find(id).orElseThrow().status() == ExecutionStatus.WAITING);
  }

  @Test
  @DisplayName(
      "A question handed over by its worker can be answered, and cancelled, before it is claimed")
  void answersWhatHasBeenHandedOver() {
    UUID answered;
    UUID cancelled;
    try (Durable durable = db.start(EXPENSE)) {
      answered = durable.start(EXPENSE, new Expense("chair", 300, "")).id();
      cancelled = durable.start(EXPENSE, new Expense("desk", 900, "")).id();
      untilAsked(durable, answered);
      untilAsked(durable, cancelled);
    }
    db.makePending(answered);
    db.makePending(cancelled);
    try (Durable client = Durable.on(db.dataSource()).register(EXPENSE).build()) {
      client.questions().answer(answered, "manager", Approval.approved("jane", "fine"));
      client.cancelWaits(cancelled);
    }
    try (Durable durable = db.start(EXPENSE)) {
      assertThat(durable.handle(answered, EXPENSE).result(SOON).decision())
          .isEqualTo("approved by jane: fine");
      assertThatThrownBy(() -> durable.handle(cancelled, EXPENSE).result(SOON))
          .hasMessageContaining("cancelled");
    }
  }

  @Test
  @Proves({"R-176", "R-177", "R-178", "R-179", "R-180", "R-186", "R-208", "R-215"})
  @DisplayName("An approval is asked, listed, answered and recorded")
  void asksForAnApproval() {
    try (Durable durable = db.start(EXPENSE)) {
      ExecutionHandle<Expense> handle = durable.start(EXPENSE, new Expense("chair", 300, ""));
      untilAsked(durable, handle.id());
      OpenQuestion asked =
          durable
              .questions()
              .list(
                  q ->
                      q.assignee("group:managers")
                          .type(QuestionType.APPROVAL)
                          .execution(handle.id()))
              .getFirst();
      assertThat(asked.name()).isEqualTo("manager");
      assertThat(asked.path()).isEqualTo("manager/manager");
      assertThat(asked.prompt()).isEqualTo("Approve 300?");
      assertThat(asked.metadata()).isEqualTo(Map.of("cost_center", "4711"));
      assertThat(asked.workflow()).isEqualTo("expense");
      assertThat(Duration.between(asked.insertedAt(), asked.timeoutAt()))
          .isEqualTo(Duration.ofDays(1));
      durable.questions().answer(handle.id(), "manager", Approval.approved("jane", "fine"));
      assertThat(handle.result(SOON).decision()).isEqualTo("approved by jane: fine");
      assertThat(durable.questions().open(handle.id())).isEmpty();
      assertThat(
              durable
                  .questions()
                  .list(q -> q.execution(handle.id()).status(QuestionStatus.COMPLETED)))
          .singleElement()
          .satisfies(
              answered -> {
                assertThat(answered.respondedBy()).isEqualTo("jane");
                assertThat(answered.response()).contains("\"approved\":true", "fine");
                assertThat(answered.completedAt()).isNotNull();
              });
    }
  }

  @Test
  @Proves({"R-181", "R-182", "R-183", "R-184", "R-185", "R-188", "R-189", "B-30"})
  @DisplayName("Every kind of answer comes back as its type")
  void everyKindOfAnswer() {
    Workflow<String, String> flow =
        Workflow.of(
            "kinds",
            String.class,
            String.class,
            (data, step) -> {
              String one = step.ask("one", Question.choice("?", List.of("red", "green")));
              List<String> some =
                  step.ask("some", Question.multiChoice("?", List.of("a", "b", "c")));
              String text = step.ask("text", Question.text("Why?"));
              Equipment form =
                  step.ask(
                      "form",
                      Question.form("?", Equipment.class)
                          .field(
                              "count",
                              f ->
                                  new FormField.NumberField(
                                      f.name(), true, true, BigDecimal.ONE, BigDecimal.TEN)));
              return one + some + text + form;
            });
    Equipment chair =
        new Equipment(
            "chair",
            2,
            new BigDecimal("10.50"),
            LocalDate.of(2026, 1, 31),
            false,
            Urgency.HIGH,
            null);
    try (Durable durable = db.start(flow)) {
      ExecutionHandle<String> handle = durable.start(flow, "");
      UUID id = handle.id();
      untilAsked(durable, id);
      assertThat(durable.questions().open(id).getFirst().choices()).containsExactly("red", "green");
      durable.questions().answer(id, "one", "green", "joe");
      Gate.until(() -> isAsked(durable, id, "some"));
      durable.questions().answer(id, "some", List.of("c", "a"), "joe");
      Gate.until(() -> isAsked(durable, id, "text"));
      durable.questions().answer(id, "text", "because", "joe");
      Gate.until(() -> isAsked(durable, id, "form"));
      assertThat(durable.questions().open(id).getFirst().fields())
          .extracting(FormField::name)
          .containsExactly("item", "count", "price", "needed", "used", "urgency", "comment");
      durable.questions().answer(id, "form", chair, "joe");
      assertThat(handle.result(SOON)).isEqualTo("green[c, a]because" + chair);
    }
  }

  private static boolean isAsked(Durable durable, UUID id, String name) {
    return durable.questions().open(id).stream().anyMatch(asked -> asked.name().equals(name));
  }

  @Test
  @Proves({"R-181", "R-182", "R-183", "R-184", "R-185"})
  @DisplayName("Every kind of question is a node of its own, and may change the type")
  void everyKindIsANode() {
    Workflow<String, Integer> flow =
        Workflow.define("kinds_of_nodes", String.class)
            .ask(
                "colour",
                data -> Question.choice(data + "?", List.of("red", "green")),
                (data, colour) -> data + " " + colour)
            .ask(
                "toppings",
                data -> Question.multiChoice("?", List.of("ham", "corn")),
                (data, all) -> data + all)
            .ask(
                "why", data -> Question.text("?").assignee("jane"), (data, why) -> data + " " + why)
            .ask(
                "form",
                data -> Question.form("?", Equipment.class),
                (data, form) -> data + form.item())
            .ask(
                "length",
                TypeRef.of(Integer.class),
                data -> Question.text(data),
                (data, more) -> (data + more).length())
            .build();
    try (Durable durable = db.start(flow)) {
      ExecutionHandle<Integer> handle = durable.start(flow, "car");
      UUID id = handle.id();
      answer(durable, id, "colour", "red");
      answer(durable, id, "toppings", List.of("ham"));
      answer(durable, id, "why", "so");
      answer(
          durable,
          id,
          "form",
          new Equipment(
              "desk", 1, BigDecimal.ONE, LocalDate.of(2026, 12, 1), false, Urgency.LOW, null));
      Gate.until(() -> durable.questions().open(id).size() == 1);
      assertThat(durable.questions().open(id).getFirst().prompt()).isEqualTo("car red[ham] sodesk");
      answer(durable, id, "length", "!");
      assertThat(handle.result(SOON)).isEqualTo("car red[ham] sodesk!".length());
    }
  }

  private static void answer(Durable durable, UUID id, String question, Object answer) {
    Gate.until(() -> isAsked(durable, id, question));
    durable.questions().answer(id, question, answer, "jane");
  }

  @Test
  @DisplayName("A bad answer is refused with all its reasons, and the question stays open")
  void badAnswersAreRefused() {
    Workflow<String, String> flow =
        Workflow.define("order_form", String.class)
            .ask("form", data -> Question.form("?", Equipment.class), (data, form) -> form.item())
            .build();
    try (Durable durable = db.start(flow)) {
      ExecutionHandle<String> handle = durable.start(flow, "");
      untilAsked(durable, handle.id());
      assertThatThrownBy(
              () ->
                  durable
                      .questions()
                      .answerJson(
                          handle.id(),
                          "form",
                          "{\"item\": 5, \"count\": 1.5, \"needed\": \"soon\", \"used\": \"no\","
                              + " \"urgency\": \"NOW\", \"colour\": \"red\"}",
                          "joe"))
          .isInstanceOfSatisfying(
              InvalidAnswerException.class,
              refused ->
                  assertThat(refused.reasons())
                      .containsExactly(
                          "'item' must be a text.",
                          "'count' must be a whole number.",
                          "'price' is required.",
                          "'needed' must be a date such as 2026-01-31.",
                          "'used' must be true or false.",
                          "'urgency' must be one of [LOW, HIGH].",
                          "The form has no field 'colour'."));
      assertThat(durable.questions().open(handle.id())).hasSize(1);
      durable
          .questions()
          .answerJson(
              handle.id(),
              "form",
              "{\"item\": \"desk\", \"count\": 1, \"price\": 2.5, \"needed\": \"2026-02-01\","
                  + " \"used\": true, \"urgency\": \"LOW\"}",
              "joe");
      assertThat(handle.result(SOON)).isEqualTo("desk");
    }
  }

  @Test
  @Proves("R-187")
  @DisplayName("A question that was never asked, or was answered, says so and by whom")
  void closedQuestionsSaySo() {
    try (Durable durable = db.start(EXPENSE)) {
      ExecutionHandle<Expense> handle = durable.start(EXPENSE, new Expense("desk", 1, ""));
      untilAsked(durable, handle.id());
      assertThatThrownBy(
              () -> durable.questions().answer(handle.id(), "boss", Approval.approved("jane")))
          .isInstanceOf(QuestionClosedException.class)
          .hasMessageContaining("asks no question 'boss'")
          .hasMessageContaining("[manager]");
      UUID unknown = UUID.randomUUID();
      assertThatThrownBy(() -> durable.questions().answer(unknown, "boss", "yes", "ada"))
          .isInstanceOf(ExecutionNotFoundException.class)
          .hasMessageContaining(unknown.toString());
      durable.questions().answer(handle.id(), "manager", Approval.rejected("joe", "no"));
      assertThatThrownBy(
              () -> durable.questions().answer(handle.id(), "manager", Approval.approved("jane")))
          .isInstanceOf(QuestionClosedException.class)
          .hasMessageContaining("completed by joe");
      assertThat(handle.result(SOON).decision()).isEqualTo("rejected by joe: no");
    }
  }

  @Test
  @Proves("B-52")
  @DisplayName("Of fifty answers at once the first wins, and the others learn of it")
  void theFirstAnswerWins() throws Exception {
    try (Durable durable = db.start(EXPENSE);
        ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      ExecutionHandle<Expense> handle = durable.start(EXPENSE, new Expense("lamp", 1, ""));
      untilAsked(durable, handle.id());
      List<Future<Boolean>> answers =
          IntStream.range(0, 50)
              .mapToObj(
                  i ->
                      threads.submit(
                          () -> {
                            try {
                              durable
                                  .questions()
                                  .answer(handle.id(), "manager", Approval.approved("p" + i));
                              return true;
                            } catch (QuestionClosedException late) {
                              return false;
                            }
                          }))
              .toList();
      int winners = 0;
      for (Future<Boolean> answer : answers) {
        winners += answer.get() ? 1 : 0;
      }
      assertThat(winners).isEqualTo(1);
      String by =
          durable
              .questions()
              .list(q -> q.execution(handle.id()).status(QuestionStatus.COMPLETED))
              .getFirst()
              .respondedBy();
      assertThat(handle.result(SOON).decision()).startsWith("approved by " + by);
    }
  }

  @Test
  @Proves({"R-179", "B-20"})
  @DisplayName("Without an answer in time, the value given for the timeout is the answer")
  void aTimeoutHasAnAnswer() {
    Workflow<Expense, Expense> flow =
        Workflow.define("impatient_expense", Expense.class)
            .ask(
                "manager",
                expense -> Question.approval("Approve?"),
                Expense::decided,
                with ->
                    with.timeout(Duration.ofMillis(60))
                        .onTimeout(
                            expense -> expense.decided(Approval.rejectedBecause("no answer"))))
            .build();
    try (Durable durable = db.start(flow)) {
      ExecutionHandle<Expense> handle = durable.start(flow, new Expense("lamp", 1, ""));
      assertThat(handle.result(SOON).decision()).isEqualTo("rejected by null: no answer");
      assertThat(
              durable
                  .questions()
                  .list(q -> q.execution(handle.id()).status(QuestionStatus.TIMEOUT)))
          .hasSize(1);
      assertThatThrownBy(
              () -> durable.questions().answer(handle.id(), "manager", Approval.approved("late")))
          .isInstanceOf(QuestionClosedException.class)
          .hasMessageContaining("timeout");
    }
  }

  @Test
  @Proves("B-20")
  @DisplayName("Without such a value the step fails, and an operator's retry asks again")
  void aTimeoutMayFail() {
    Workflow<Expense, Expense> flow =
        Workflow.define("failing_expense", Expense.class)
            .ask(
                "manager",
                expense -> Question.approval("?"),
                Expense::decided,
                with -> with.timeout(Duration.ofMillis(30)))
            .build();
    try (Durable durable = db.start(flow)) {
      ExecutionHandle<Expense> handle = durable.start(flow, new Expense("lamp", 1, ""));
      assertThatThrownBy(() -> handle.result(SOON))
          .isInstanceOf(ExecutionFailedException.class)
          .hasMessageContaining(
              "Waited for an answer to 'manager/manager', which did not come in time.");
      // Long enough for somebody to answer: the definition is mended, as it were.
      db.hideFromClaims(handle.id());
      durable.retry(handle.id());
      assertThat(durable.find(handle.id()).orElseThrow().status())
          .isEqualTo(ExecutionStatus.PENDING);
    }
    Workflow<Expense, Expense> patient =
        Workflow.define("failing_expense", Expense.class)
            .ask("manager", expense -> Question.approval("?"), Expense::decided)
            .build();
    try (Durable durable = db.start(patient)) {
      UUID id = durable.executions(q -> q.workflow("failing_expense")).items().getFirst().id();
      db.showToClaims(id);
      untilAsked(durable, id);
      durable.questions().answer(id, "manager", Approval.approved("jane", "late"));
      assertThat(durable.handle(id, patient).result(SOON).decision())
          .isEqualTo("approved by jane: late");
    }
  }

  @Test
  @DisplayName("Each of 1,100 open questions of one name can be answered by its path")
  void manyQuestionsOfOneName() {
    Workflow<Integer, Integer> flow =
        Workflow.define("many_questions", Integer.class)
            .forEach(
                "each",
                Integer.class,
                n -> IntStream.range(0, n).boxed().toList(),
                each -> each.ask("why", i -> Question.text("?"), (i, answer) -> i))
            .build();
    try (Durable durable = db.start(flow)) {
      UUID id = durable.start(flow, 1_100).id();
      Gate.until(() -> durable.waits(id).size() == 1_100);
      assertThatThrownBy(() -> durable.questions().answer(id, "why", "x", "joe"))
          .isInstanceOf(QuestionClosedException.class)
          .hasMessageContaining("Several questions");
      String last =
          db.rows(
                  "select path from durable.pending_inputs where workflow_id = ?"
                      + " order by inserted_at desc, id desc limit 1",
                  id)
              .getFirst();
      durable.questions().answer(id, last, "because", "joe");
      Gate.until(() -> durable.waits(id).size() == 1_099);
      durable.cancel(id);
    }
  }

  @Test
  @DisplayName("A cancelled execution asks nothing any more")
  void aCancelClosesTheQuestion() {
    try (Durable durable = db.start(EXPENSE)) {
      UUID id = durable.start(EXPENSE, new Expense("lamp", 1, "")).id();
      untilAsked(durable, id);
      durable.cancel(id);
      assertThat(durable.questions().open(id)).isEmpty();
      assertThatThrownBy(() -> durable.questions().answer(id, "manager", Approval.approved("jane")))
          .isInstanceOf(QuestionClosedException.class)
          .hasMessageContaining("cancelled");
    }
  }

  @Test
  @DisplayName("An answer commits or rolls back with the caller's transaction")
  void answersInTheCallersTransaction() throws SQLException {
    try (Durable durable = db.start(EXPENSE);
        Connection connection = db.newConnection()) {
      ExecutionHandle<Expense> handle = durable.start(EXPENSE, new Expense("lamp", 1, ""));
      untilAsked(durable, handle.id());
      connection.setAutoCommit(false);
      durable.using(connection).questions().answer(handle.id(), "manager", Approval.approved("a"));
      connection.rollback();
      durable.using(connection).questions().answer(handle.id(), "manager", Approval.approved("b"));
      connection.commit();
      assertThat(handle.result(SOON).decision()).startsWith("approved by b");
    }
  }

  @Test
  @Proves("B-62")
  @DisplayName("A question that cannot be asked is refused when it is made")
  void impossibleQuestions() {
    record Odd(Object anything) {}
    assertThatThrownBy(() -> Question.form("?", Odd.class))
        .hasMessageContaining("'anything'")
        .hasMessageContaining("can have texts, numbers");
    assertThatThrownBy(() -> Question.choice("?", List.of())).hasMessageContaining("choices");
    assertThatThrownBy(() -> Question.choice("?", List.of("a", "a")))
        .hasMessageContaining("differ");
    assertThatThrownBy(() -> Question.form("?", Equipment.class).field("colour", f -> f))
        .hasMessageContaining("no field 'colour'");
  }
}
