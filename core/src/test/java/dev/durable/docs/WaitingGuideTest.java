package dev.durable.docs;

import static dev.durable.testing.DurableFixture.SOON;
import static dev.durable.testing.DurableFixture.untilWaiting;
import static java.time.Duration.ofDays;
import static java.time.Duration.ofHours;
import static java.time.Duration.ofMillis;
import static java.time.Duration.ofSeconds;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.durable.Durable;
import dev.durable.execution.ExecutionHandle;
import dev.durable.question.Approval;
import dev.durable.question.InvalidAnswerException;
import dev.durable.question.OpenQuestion;
import dev.durable.question.Question;
import dev.durable.question.Reassignment;
import dev.durable.testing.DatabaseExtension;
import dev.durable.testing.Gate;
import dev.durable.testing.TestDatabase;
import dev.durable.wait.Delivery;
import dev.durable.wait.Event;
import dev.durable.wait.WaitOutcome;
import dev.durable.wait.WaitOutcome.Cancelled;
import dev.durable.wait.WaitOutcome.Received;
import dev.durable.wait.WaitOutcome.TimedOut;
import dev.durable.workflow.ChildFailedException;
import dev.durable.workflow.Workflow;
import java.time.Instant;
import java.time.LocalDate;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** The snippets of docs/waiting.md, docs/people.md and docs/children.md. */
@ExtendWith(DatabaseExtension.class)
class WaitingGuideTest {

  static final Event<Payment> PAYMENT = Event.of("payment.success", Payment.class);
  static final Event<String> REFUSED = Event.of("payment.refused", String.class);

  private final TestDatabase db;

  WaitingGuideTest(TestDatabase db) {
    this.db = db;
  }

  record Payment(int cents) {}

  record Order(String id, int cents, String state) {
    Order now(String next) {
      return new Order(id, cents, next);
    }
  }

  record Trial(String customer, Instant endsAt) {}

  record Expense(String what, int amount, String decision) {
    Expense decided(Approval approval) {
      return new Expense(what, amount, approval.approved() ? "approved" : approval.comment());
    }
  }

  enum Urgency {
    LOW,
    HIGH
  }

  record EquipmentRequest(
      String item, int count, LocalDate neededBy, Urgency urgency, @Nullable String comment) {}

  @Test
  void sleeping() {
    Workflow<Trial, Trial> trial =
        Workflow.define("trial", Trial.class)
            .sleep("first_days", ofDays(3))
            .step("tips", t -> t)
            .sleepUntil("trial_end", t -> t.endsAt())
            .step("last_call", t -> t)
            .build();
    try (Durable durable = db.start(trial)) {
      UUID id = durable.start(trial, new Trial("ada", Instant.EPOCH)).id();
      untilWaiting(durable, id);
      durable.cancel(id);
    }
  }

  @Test
  void firstOfSeveral() {
    Workflow<Order, Order> order =
        Workflow.define("order", Order.class)
            .awaitAny(
                "answer",
                any ->
                    any.on(PAYMENT, (placed, paid) -> placed.now("paid " + paid.cents()))
                        .on(REFUSED, (placed, reason) -> placed.now("refused: " + reason)),
                with -> with.timeout(ofDays(7)).onTimeout(placed -> placed.now("expired")))
            .build();
    try (Durable durable = db.start(order)) {
      ExecutionHandle<Order> handle = durable.start(order, new Order("o-1", 5, "new"));
      durable.send(handle.id(), REFUSED, "no cover");
      assertThat(handle.result(SOON).state()).isEqualTo("refused: no cover");
    }
  }

  @Test
  void events() {
    Workflow<Order, Order> order =
        Workflow.define("order", Order.class)
            .await(
                "payment",
                PAYMENT,
                (placed, paid) -> placed.now("paid " + paid.cents()),
                with ->
                    with.timeout(ofDays(7))
                        .onTimeout(placed -> placed.now("expired"))
                        .onCancel(placed -> placed.now("withdrawn")))
            .build();
    try (Durable durable = db.start(order)) {
      ExecutionHandle<Order> handle =
          durable.start(order, new Order("o-1", 5, "new"), o -> o.key("o-1"));
      untilWaiting(durable, handle.id());
      // In the webhook:
      Delivery delivery =
          durable.sendByKey(
              order, "o-1", PAYMENT, new Payment(5), m -> m.idempotencyKey("webhook-4711"));
      assertThat(delivery).isEqualTo(Delivery.DELIVERED);
      assertThat(handle.result(ofSeconds(20)).state()).isEqualTo("paid 5");
    }
  }

  @Test
  void inABody() {
    Workflow<Order, Order> order =
        Workflow.of(
            "order_body",
            Order.class,
            Order.class,
            (placed, step) -> {
              String link = step.run("link", String.class, () -> "https://pay/" + placed.id());
              WaitOutcome<String> state =
                  step.awaitAny(
                      "answer",
                      ofHours(1),
                      any ->
                          any.on(PAYMENT, paid -> "paid at " + link)
                              .on(REFUSED, reason -> "refused: " + reason));
              return switch (state) {
                case Received<String>(String what) -> placed.now(what);
                case TimedOut<String> late -> placed.now("expired");
                case Cancelled<String> cancelled -> placed.now("withdrawn");
              };
            });
    try (Durable durable = db.start(order)) {
      ExecutionHandle<Order> handle = durable.start(order, new Order("o-2", 5, "new"));
      durable.send(handle.id(), REFUSED, "no money");
      assertThat(handle.result(ofSeconds(20)).state()).isEqualTo("refused: no money");
    }
  }

  @Test
  void people() {
    Workflow<Expense, Expense> expenses =
        Workflow.define("expenses", Expense.class)
            .ask(
                "manager",
                expense ->
                    Question.approval(
                            "Approve " + expense.amount() + " for " + expense.what() + "?")
                        .assignee("group:managers"),
                Expense::decided,
                with ->
                    with.timeout(ofDays(3))
                        .onTimeout(
                            expense -> expense.decided(Approval.rejectedBecause("no answer"))))
            .build();
    try (Durable durable = db.start(expenses)) {
      ExecutionHandle<Expense> handle = durable.start(expenses, new Expense("a chair", 300, ""));
      untilWaiting(durable, handle.id());
      List<OpenQuestion> open =
          durable.questions().list(q -> q.assignee("group:managers").workflow("expenses"));
      UUID id = open.getFirst().executionId();
      durable.questions().reassign(id, "manager", List.of("bob", "group:leads"), "jane");
      OpenQuestion reassigned = durable.questions().open(id, "manager");
      Reassignment last = reassigned.reassignments().getLast();
      assertThat(last.from()).containsExactly("group:managers");
      assertThat(last.to()).isEqualTo(reassigned.assignees()).containsExactly("bob", "group:leads");
      durable.questions().answer(id, "manager", Approval.approved("jane", "sit well"));
      assertThat(handle.result(ofSeconds(20)).decision()).isEqualTo("approved");
    }
  }

  /** Sends mails. */
  private interface Mails {
    String send(List<String> to, String text);

    default String send(String to, String text) {
      return send(List.of(to), text);
    }
  }

  private final List<String> sent = new CopyOnWriteArrayList<>();
  private final Mails mails =
      (to, text) -> {
        sent.add(String.join(", ", to) + ": " + text);
        return "mail " + sent.size();
      };

  @Test
  void reminders() {
    Workflow<Expense, Expense> expenses =
        Workflow.define("reminding_expenses", Expense.class)
            .ask(
                "manager",
                expense ->
                    Question.approval("Approve " + expense.what() + "?")
                        .assignee("jane")
                        .remindEvery(
                            ofDays(1), due -> mails.send(due.assignees(), "Please answer."))
                        .escalateAfter(
                            ofDays(3),
                            "group:directors",
                            due -> mails.send(due.assignees(), "Jane is silent.")),
                Expense::decided,
                with -> with.timeout(ofDays(7)))
            .build();
    try (Durable durable =
        Durable.on(db.dataSource())
            .worker(w -> w.pollInterval(ofMillis(20)))
            .register(expenses)
            .startWorker()) {
      ExecutionHandle<Expense> handle = durable.start(expenses, new Expense("a desk", 900, ""));
      for (int day = 1; day <= 3; day++) {
        untilPlanned(handle.id(), "reminder[" + day + "]");
        db.letPass(ofDays(1));
      }
      untilPlanned(handle.id(), "reminder[3]");
      assertThat(sent)
          .containsExactly(
              "jane: Please answer.", "jane: Please answer.", "group:directors: Jane is silent.");
      assertThat(durable.questions().list(q -> q.assignee("group:directors").name("manager")))
          .hasSize(1);
      durable.questions().answer(handle.id(), "manager", Approval.approved("mary", "fine"));
      assertThat(handle.result(ofSeconds(20)).decision()).isEqualTo("approved");
    }
  }

  /** Until it rests, and that is still to come. */
  private void untilPlanned(UUID id, String reminder) {
    Gate.until(
        () ->
            db.number(
                    "select count(*) from durable.workflow_executions e"
                        + " join durable.step_executions s on s.workflow_id = e.id"
                        + " where e.id = ? and e.status = 'waiting' and s.status = 'waiting'"
                        + " and s.step_name = ? and s.wake_at > now()",
                    id,
                    reminder)
                == 1);
  }

  @Test
  void escalation() {
    Workflow<Expense, Expense> expenses =
        Workflow.of(
            "escalating",
            Expense.class,
            Expense.class,
            (expense, step) -> {
              Question<Approval> question = Question.approval("Approve " + expense.what() + "?");
              WaitOutcome<Approval> manager =
                  step.ask("manager", question.assignee("jane"), ofDays(2));
              if (manager instanceof Received<Approval>(Approval approval)) {
                return expense.decided(approval);
              }
              step.run(
                  "tell", String.class, () -> mails.send("group:directors", "Jane is silent."));
              return expense.decided(step.ask("director", question.assignee("group:directors")));
            });
    try (Durable durable =
        Durable.on(db.dataSource())
            .worker(w -> w.pollInterval(ofMillis(20)))
            .register(expenses)
            .startWorker()) {
      ExecutionHandle<Expense> handle = durable.start(expenses, new Expense("a desk", 900, ""));
      untilWaiting(durable, handle.id());
      db.letPass(ofDays(2));
      Gate.until(
          () ->
              durable.questions().open(handle.id()).stream()
                  .anyMatch(open -> open.name().equals("director")));
      assertThat(sent).containsExactly("group:directors: Jane is silent.");
      durable.questions().answer(handle.id(), "director", Approval.approved("mary", "fine"));
      assertThat(handle.result(ofSeconds(20)).decision()).isEqualTo("approved");
    }
    assertThat(sent).hasSize(1);
  }

  @Test
  void forms() {
    Workflow<String, String> flow =
        Workflow.define("equipment", String.class)
            .ask(
                "request",
                name -> Question.form("What do you need?", EquipmentRequest.class),
                (name, form) -> name + " needs " + form.count() + " " + form.item())
            .build();
    try (Durable durable = db.start(flow)) {
      ExecutionHandle<String> handle = durable.start(flow, "Ada");
      untilWaiting(durable, handle.id());
      UUID id = handle.id();
      assertThatThrownBy(
              () ->
                  durable
                      .questions()
                      .answerJson(id, "request", "{\"item\": \"desk\", \"count\": 1.5}", "ada"))
          .isInstanceOf(InvalidAnswerException.class)
          .hasMessage(
              "The answer to 'request' is refused: 'count' must be a whole number. 'neededBy' is"
                  + " required. 'urgency' is required.");
      durable
          .questions()
          .answer(
              id,
              "request",
              new EquipmentRequest("desk", 1, LocalDate.of(2026, 12, 1), Urgency.LOW, null),
              "ada");
      assertThat(handle.result(ofSeconds(20))).isEqualTo("Ada needs 1 desk");
    }
  }

  @Test
  void otherAnswers() {
    Workflow<String, String> flow =
        Workflow.define("desk", String.class)
            .ask("colour", desk -> Question.choice("Which colour?", "red", "blue"), String::concat)
            .ask(
                "extras",
                desk -> Question.multiChoice("What else?", "lamp", "drawer"),
                (desk, extras) -> desk + extras)
            .ask("remark", desk -> Question.text("Anything else?"), String::concat)
            .build();
    try (Durable durable = db.start(flow)) {
      ExecutionHandle<String> handle = durable.start(flow, "desk: ");
      UUID id = handle.id();
      untilAsked(durable, id, "colour");
      durable.questions().answer(id, "colour", "red", "ada");
      untilAsked(durable, id, "extras");
      durable.questions().answer(id, "extras", List.of("lamp", "drawer"), "ada");
      untilAsked(durable, id, "remark");
      durable.questions().answer(id, "remark", "no hurry", "ada");
      assertThat(handle.result(ofSeconds(20))).isEqualTo("desk: red[lamp, drawer]no hurry");
    }
  }

  private static void untilAsked(Durable durable, UUID id, String question) {
    Gate.until(
        () -> durable.questions().open(id).stream().anyMatch(open -> open.name().equals(question)));
  }

  @Test
  void limitsOfForms() {
    Question<EquipmentRequest> limited =
        Question.form("What do you need?", EquipmentRequest.class)
            .range("count", 1, 20)
            .minLength("item", 3)
            .maxLength("comment", 200);
    assertThat(
            limited.problems(
                Map.of(
                    "item",
                    "pc",
                    "count",
                    21,
                    "neededBy",
                    "2026-12-01",
                    "urgency",
                    "LOW",
                    "comment",
                    "-".repeat(201))))
        .containsExactly(
            "'item' must have at least 3 characters, not 2.",
            "'count' must be at most 20, not 21.",
            "'comment' must have at most 200 characters, not 201.");
  }

  @Test
  void children() {
    Workflow<Integer, Payment> pay =
        Workflow.define("pay", Integer.class).step("charge", Payment.class, Payment::new).build();
    Workflow<String, String> mail =
        Workflow.define("mail", String.class).step("send", text -> text).build();
    Workflow<Order, Order> order =
        Workflow.define("order_with_children", Order.class)
            .call("payment", pay, o -> o.cents(), (o, paid) -> o.now("paid " + paid.cents()))
            .start("mail", mail, o -> "Thank you for " + o.id(), with -> with.queue("default"))
            .build();
    Workflow<Order, Payment> keyed =
        Workflow.define("keyed_order", Order.class)
            .call("payment", pay, o -> o.cents(), with -> with.key(o -> "pay-" + o.id()))
            .build();
    Workflow<Order, Order> careful =
        Workflow.of(
            "careful_order",
            Order.class,
            Order.class,
            (placed, step) -> {
              try {
                Payment paid = step.call("payment", pay, placed.cents(), ofHours(1)).orElseThrow();
                return placed.now("paid " + paid.cents());
              } catch (ChildFailedException failed) {
                return placed.now("not paid: " + failed.error().message());
              }
            });
    Workflow<String, String> campaign =
        Workflow.define("campaign", String.class)
            .callEach(
                "send",
                mail,
                list -> List.of(list.split(",")),
                (list, results) -> "sent " + results.completed().size(),
                with -> with.queue("default").concurrency(100).completeAll())
            .build();
    Workflow<String, String> campaignInABody =
        Workflow.of(
            "campaign_in_a_body",
            String.class,
            String.class,
            (list, step) -> {
              var mails =
                  step.callEach(
                      "send",
                      mail,
                      List.of(list.split(",")),
                      with -> with.queue("default").concurrency(100).completeAll());
              return "sent " + mails.completed().size();
            });
    try (Durable durable = db.start(pay, mail, order, keyed, careful, campaign, campaignInABody)) {
      ExecutionHandle<Order> handle = durable.start(order, new Order("o-3", 7, "new"));
      assertThat(handle.result(ofSeconds(20)).state()).isEqualTo("paid 7");
      assertThat(durable.children(handle.id())).hasSize(2);
      assertThat(durable.start(keyed, new Order("o-5", 9, "new")).result(ofSeconds(20)))
          .isEqualTo(new Payment(9));
      assertThat(durable.find("pay", "pay-o-5")).isPresent();
      assertThat(durable.start(careful, new Order("o-4", 8, "new")).result(ofSeconds(20)).state())
          .isEqualTo("paid 8");
      assertThat(durable.start(campaign, "ada,bob,cyd").result(ofSeconds(20))).isEqualTo("sent 3");
      assertThat(durable.start(campaignInABody, "ada,bob").result(ofSeconds(20)))
          .isEqualTo("sent 2");
    }
  }
}
