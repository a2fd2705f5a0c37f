package dev.durable.cli.operate;

import static java.time.Duration.ofDays;
import static java.time.Duration.ofHours;
import static java.time.Duration.ofSeconds;
import static org.assertj.core.api.Assertions.assertThat;

import dev.durable.Durable;
import dev.durable.cli.Cli;
import dev.durable.cli.CommandTest;
import dev.durable.execution.ExecutionHandle;
import dev.durable.execution.ExecutionStatus;
import dev.durable.question.Approval;
import dev.durable.question.FormField;
import dev.durable.question.OpenQuestion;
import dev.durable.question.Question;
import dev.durable.question.QuestionStatus;
import dev.durable.wait.Event;
import dev.durable.workflow.Workflow;
import java.math.BigDecimal;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.UUID;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

@DisplayName("pending, answer, reassign, send-event and children")
class WaitCommandsTest extends CommandTest {

  private static final String NOWHERE = "01a20790-3f89-7000-a7e9-7563f4f745b3";
  private static final Event<String> PAID = Event.of("payment.success", String.class);
  private static final Event<String> GO = Event.of("go", String.class);

  /** A form. */
  record Equipment(String item, int count, LocalDate needed, boolean used, Urgency urgency) {}

  /** A form with limits of texts. */
  record Offer(String title, String comment, String note) {}

  /** A choice in the form. */
  enum Urgency {
    LOW,
    HIGH
  }

  private static final Workflow<String, Approval> EXPENSE =
      Workflow.of(
          "expense",
          String.class,
          Approval.class,
          (what, step) ->
              step.ask(
                      "manager",
                      Question.approval("Approve " + what + "?\nReally?")
                          .assignee("group:managers")
                          .metadata("cost_center", "4711"),
                      ofDays(3))
                  .orElseThrow());

  private static final Workflow<String, String> DINNER =
      Workflow.of(
          "dinner",
          String.class,
          String.class,
          (data, step) ->
              step.ask("colour", Question.choice("Which?", List.of("red", "green")))
                  + step.ask(
                      "toppings", Question.multiChoice("?", List.of("ham", "olives", "corn")))
                  + step.ask("why", Question.text("?").assignee("jane")));

  private static final Workflow<String, Equipment> REQUEST =
      Workflow.of(
          "request",
          String.class,
          Equipment.class,
          (data, step) ->
              step.ask(
                  "form",
                  Question.form("?", Equipment.class)
                      .field(
                          "count",
                          f ->
                              new FormField.NumberField(
                                  f.name(), true, true, BigDecimal.ONE, BigDecimal.TEN))));

  private static final Workflow<String, Offer> OFFER =
      Workflow.of(
          "offer",
          String.class,
          Offer.class,
          (data, step) ->
              step.ask(
                  "form",
                  Question.form("?", Offer.class)
                      .minLength("title", 3)
                      .minLength("comment", 1)
                      .maxLength("comment", 200)));

  private static final Workflow<String, String> PAYMENT =
      Workflow.define("payment", String.class)
          .await(
              "paid",
              PAID,
              (data, got) -> data + " got " + got,
              with ->
                  with.timeout(ofHours(3))
                      .onTimeout(data -> data + " -")
                      .onCancel(data -> data + " -"))
          .build();

  private static final Workflow<String, String> BROKEN =
      Workflow.define("broken", String.class)
          .step(
              "fail",
              (String data) -> {
                throw new IllegalStateException("no\nway");
              })
          .build();

  private static final Workflow<String, String> MIDDLE =
      Workflow.define("middle", String.class)
          .call("deep", PAYMENT, data -> data, (data, result) -> result)
          .build();

  private static final Workflow<String, String> TOP =
      Workflow.of(
          "top",
          String.class,
          String.class,
          (data, step) -> {
            step.start("bad", BROKEN, data, with -> {});
            return step.call(MIDDLE, data);
          });

  private static final Workflow<String, String> BOTH =
      Workflow.define("both", String.class)
          .awaitAll("all", all -> all.on(PAID, (data, paid) -> data).on(GO, (data, go) -> data))
          .build();

  private static final Workflow<String, String> NAP =
      Workflow.define("nap", String.class).sleep("rest", ofHours(5)).build();

  private Durable durable;

  @BeforeEach
  void startWorker() {
    durable =
        Durable.on(dataSource)
            .migrate(true)
            .register(EXPENSE, DINNER, REQUEST, OFFER, PAYMENT, BROKEN, MIDDLE, TOP, BOTH, NAP)
            .startWorker();
  }

  @AfterEach
  void stopWorker() {
    durable.close();
  }

  private Cli here() {
    return cli().with("DURABLE_URL", url);
  }

  private static JsonNode json(Cli.Result result) {
    return JsonMapper.builder().build().readTree(assertOk(result).out());
  }

  private static void until(BooleanSupplier condition) {
    long end = System.nanoTime() + ofSeconds(20).toNanos();
    while (!condition.getAsBoolean()) {
      assertThat(System.nanoTime() - end).as("time left").isNegative();
      LockSupport.parkNanos(2_000_000);
    }
  }

  private <O> ExecutionHandle<O> waiting(Workflow<String, O> workflow, String input) {
    ExecutionHandle<O> handle = durable.start(workflow, input);
    until(() -> handle.status() == ExecutionStatus.WAITING);
    return handle;
  }

  private void untilAsked(UUID id, String name) {
    until(() -> durable.questions().open(id).stream().anyMatch(asked -> asked.name().equals(name)));
  }

  /** A prefix long enough to be unique: these ids differ in their times. */
  private static String beginning(UUID id) {
    return id.toString().substring(0, 24);
  }

  @Nested
  class Ids {

    @ParameterizedTest
    @ValueSource(strings = {"pending", "children"})
    void mayBeShortened(String command) {
      UUID id = durable.start(TOP, "x").id();
      until(() -> durable.children(id).size() == 2);
      Cli.Result whole = here().call(command, id.toString(), "--json");
      Cli.Result part = here().call(command, beginning(id).toUpperCase(Locale.ROOT), "--json");
      assertThat(json(part)).isEqualTo(json(whole));
    }

    @Test
    void oneThatSeveralBeginWithListsThem() {
      UUID first = durable.start(NAP, "").id();
      UUID second = durable.start(PAYMENT, "").id();
      Cli.Result result = here().call("pending", first.toString().substring(0, 4));
      assertThat(result.exitCode()).isEqualTo(2);
      assertThat(result.out()).isEmpty();
      assertThat(result.err())
          .contains(first + "  nap", second + "  payment", "Give more of the id");
    }

    @Test
    void notMoreThanTenAreListed() {
      for (int i = 0; i < 11; i++) {
        durable.start(NAP, "");
      }
      String common =
          durable.executions(q -> {}).items().getFirst().id().toString().substring(0, 4);
      Cli.Result result = here().call("children", common);
      assertThat(result.exitCode()).isEqualTo(2);
      assertThat(result.err().lines().filter(line -> line.contains("  nap  "))).hasSize(10);
      assertThat(result.err()).contains("... and more");
    }

    @ParameterizedTest
    @ValueSource(strings = {"pending", "children"})
    void unknownOrImpossibleOnesAreRefused(String command) {
      Cli.Result unknown = here().call(command, NOWHERE);
      assertThat(unknown.exitCode()).isEqualTo(1);
      assertThat(unknown.err()).contains("There is no execution " + NOWHERE);
      Cli.Result beginning = here().call(command, "0000-");
      assertThat(beginning.exitCode()).isEqualTo(2);
      assertThat(beginning.err()).contains("'0000-' is not the beginning of a UUID");
      Cli.Result nothing = here().call(command, "00000000-0000-");
      assertThat(nothing.exitCode()).isEqualTo(1);
      Cli.Result shorter = here().call(command, "01a");
      assertThat(shorter.exitCode()).isEqualTo(2);
      assertThat(shorter.err()).contains("at least 4 characters");
    }
  }

  @Nested
  class Pending {

    @Test
    void listsQuestionsOneToALine() {
      UUID expense = waiting(EXPENSE, "12 €").id();
      UUID dinner = waiting(DINNER, "").id();
      Cli.Result result = assertOk(here().run("pending"));
      assertThat(result.out().lines())
          .satisfiesExactly(
              heading -> assertThat(heading).startsWith("EXECUTION  ").endsWith("QUESTION"),
              line ->
                  assertThat(line)
                      .startsWith(expense + "  expense   manager  approval  group:managers  ")
                      .endsWith("  in 3 d  Approve 12 €? Really? [approve, reject]"),
              line ->
                  assertThat(line)
                      .startsWith(dinner + "  dinner    colour   choice    -  ")
                      .endsWith("  Which? [red, green]"));
      assertThat(result.err()).isEmpty();
      Cli.Result first = assertOk(here().call("pending", "--limit", "1"));
      assertThat(first.out().lines()).hasSize(2);
      assertThat(first.err()).contains("There may be more");
    }

    @Test
    void filters() {
      UUID expense = waiting(EXPENSE, "x").id();
      UUID dinner = waiting(DINNER, "").id();
      UUID request = waiting(REQUEST, "").id();
      assertThat(asking("--assignee", "group:managers")).containsExactly(expense);
      assertThat(asking("--assignee", "nobody", "--assignee", "group:managers"))
          .containsExactly(expense);
      assertThat(asking("--type", "choice")).containsExactly(dinner);
      assertThat(asking("--workflow", "request")).containsExactly(request);
      assertThat(asking(beginning(dinner))).containsExactly(dinner);
      assertThat(asking("--type", "text")).isEmpty();
      Cli.Result none = assertOk(here().call("pending", "--type", "text"));
      assertThat(none.out()).isEmpty();
      assertThat(none.err()).contains("no open question of that kind");
      Cli.Result wrong = here().call("pending", "--type", "essay");
      assertThat(wrong.exitCode()).isEqualTo(2);
      assertThat(wrong.err()).contains("approval, choice, multi_choice, text, form");
    }

    private List<UUID> asking(String... filter) {
      List<String> line = new ArrayList<>(List.of("pending", "--json"));
      line.addAll(List.of(filter));
      return json(here().call(line.toArray(String[]::new)))
          .valueStream()
          .map(each -> UUID.fromString(each.get("execution").asString()))
          .toList();
    }

    @Test
    void printsJson() {
      UUID expense = waiting(EXPENSE, "x").id();
      OpenQuestion asked = durable.questions().open(expense).getFirst();
      JsonNode question = json(here().call("pending", expense.toString(), "--json")).get(0);
      assertThat(question.get("name").asString()).isEqualTo("manager");
      assertThat(question.get("path").asString()).isEqualTo("body/manager");
      assertThat(question.get("prompt").asString()).isEqualTo("Approve x?\nReally?");
      assertThat(question.get("metadata").get("cost_center").asString()).isEqualTo("4711");
      assertThat(question.get("timeoutAt").asString()).isEqualTo(asked.timeoutAt().toString());
      UUID request = waiting(REQUEST, "").id();
      JsonNode fields = json(here().call("pending", "--type=form", "--json")).get(0).get("fields");
      assertThat(fields)
          .extracting(field -> field.get("name") + " " + field.get("kind"))
          .containsExactly(
              "\"item\" \"text\"",
              "\"count\" \"whole_number\"",
              "\"needed\" \"date\"",
              "\"used\" \"flag\"",
              "\"urgency\" \"choice\"");
      assertThat(fields.get(1).get("most").asInt()).isEqualTo(10);
      assertThat(here().call("pending", request.toString()).out())
          .contains("count: whole number 1..10", "urgency: LOW|HIGH");
    }

    @Test
    void listsTheWaitsOfAnExecution() {
      UUID both = waiting(BOTH, "").id();
      assertThat(assertOk(here().call("pending", both.toString(), "--waits")).out())
          .contains("all/all", "event payment.success and event go");
      JsonNode wait = json(here().call("pending", "--waits", "--json", beginning(both))).get(0);
      assertThat(wait.get("mode").asString()).isEqualTo("all");
      assertThat(wait.get("signals").get(1).asString()).isEqualTo("event:go");
      UUID expense = waiting(EXPENSE, "x").id();
      assertThat(here().call("pending", "--waits", expense.toString()).out())
          .contains("answer to 'manager'", "in 3 d");
      UUID answered = waiting(EXPENSE, "y").id();
      durable.queues().pause("default", "it must not read the answer");
      try {
        durable.questions().answer(answered, "manager", Approval.approved("fine"));
        assertThat(here().call("pending", "--waits", answered.toString()).out())
            .contains("answer to 'manager'");
      } finally {
        durable.queues().resume("default");
      }
      UUID nap = waiting(NAP, "").id();
      Cli.Result asleep = assertOk(here().call("pending", "--waits", nap.toString()));
      assertThat(asleep.out()).isEmpty();
      assertThat(asleep.err()).contains("nothing from outside", "waiting, due in 5 h");
      assertThat(here().call("pending", "--waits").exitCode()).isEqualTo(2);
      assertThat(here().call("pending", "--waits", nap.toString(), "--type=form").exitCode())
          .isEqualTo(2);
      assertThat(here().call("pending", "--limit=0").exitCode()).isEqualTo(2);
    }
  }

  @Nested
  class Answer {

    @Test
    void approvesInAWord() {
      ExecutionHandle<Approval> expense = waiting(EXPENSE, "x");
      String id = beginning(expense.id());
      Cli.Result maybe = here().run("answer", id, "manager", "maybe");
      assertThat(maybe.exitCode()).isEqualTo(2);
      assertThat(maybe.err()).contains("approve or reject");
      Cli.Result answered =
          assertOk(
              here().call("answer", id, "manager", "approve", "--by=jane", "--comment=so be it"));
      assertThat(answered.out()).isEmpty();
      assertThat(answered.err()).contains("Answered 'manager' of execution " + expense.id());
      assertThat(expense.result(ofSeconds(20))).isEqualTo(Approval.approved("jane", "so be it"));
      Cli.Result late = here().call("answer", id, "manager", "reject");
      assertThat(late.exitCode()).isEqualTo(1);
      assertThat(late.err()).contains("not open any more: completed by jane");
    }

    @Test
    void whoAnswersIsTheUserUnlessSaid() {
      ExecutionHandle<Approval> expense = waiting(EXPENSE, "x");
      assertOk(here().call("answer", expense.id().toString(), "manager", "reject"));
      assertThat(expense.result(ofSeconds(20)))
          .isEqualTo(new Approval(false, System.getProperty("user.name"), null));
      assertThat(
              durable
                  .questions()
                  .list(q -> q.execution(expense.id()).status(QuestionStatus.COMPLETED))
                  .getFirst()
                  .respondedBy())
          .isEqualTo(System.getProperty("user.name"));
    }

    @Test
    void choicesAndTexts() {
      ExecutionHandle<String> dinner = waiting(DINNER, "");
      String id = dinner.id().toString();
      Cli.Result blue = here().call("answer", id, "colour", "blue");
      assertThat(blue.exitCode()).isEqualTo(1);
      assertThat(blue.err()).contains("must be one of [red, green]");
      assertThat(here().call("answer", id, "colour", "red", "green").exitCode()).isEqualTo(2);
      assertThat(here().call("answer", id, "colour", "red", "--comment=x").exitCode()).isEqualTo(2);
      assertOk(here().call("answer", id, "body/colour", "green"));
      untilAsked(dinner.id(), "toppings");
      assertOk(here().call("answer", id, "toppings", "corn", "ham"));
      untilAsked(dinner.id(), "why");
      assertOk(here().call("provide-input", id, "why", "it's \"so\""));
      assertThat(dinner.result(ofSeconds(20))).isEqualTo("green[corn, ham]it's \"so\"");
    }

    @Test
    void aFormComesAsJsonAndEveryReasonOfARefusalIsPrinted() {
      ExecutionHandle<Equipment> request = waiting(REQUEST, "");
      String id = request.id().toString();
      Cli.Result word = here().call("answer", id, "form", "chair");
      assertThat(word.exitCode()).isEqualTo(2);
      assertThat(word.err()).contains("is a form", "count: whole number 1..10");
      Cli.Result refused =
          here().call("answer", id, "form", "--json", "{\"item\": 5, \"colour\": \"red\"}");
      assertThat(refused.exitCode()).isEqualTo(1);
      assertThat(refused.out()).isEmpty();
      assertThat(refused.err().lines())
          .containsExactly(
              "durable: the answer to 'form' is refused:",
              "  'item' must be a text.",
              "  'count' is required.",
              "  'needed' is required.",
              "  'used' is required.",
              "  'urgency' is required.",
              "  The form has no field 'colour'.");
      assertOk(
          here()
              .input(
                  "{\"item\": \"desk\", \"count\": 2, \"needed\": \"2026-02-01\","
                      + " \"used\": true, \"urgency\": \"LOW\"}\n")
              .run("answer", id, "form", "-"));
      assertThat(request.result(ofSeconds(20)))
          .isEqualTo(new Equipment("desk", 2, LocalDate.of(2026, 2, 1), true, Urgency.LOW));
    }

    @Test
    void wrongUsageAndWhatIsNotThere() {
      UUID expense = waiting(EXPENSE, "x").id();
      String id = expense.toString();
      for (Cli.Result wrong :
          List.of(
              here().call("answer", id, "manager"),
              here().call("answer", id, "manager", "approve", "--json", "1"),
              here().call("answer", id, "manager", "--json", "{\"approved\": "),
              here().call("answer", id, "manager", "--json", "1", "--comment=x"),
              here().input("").call("answer", id, "manager", "-"))) {
        assertThat(wrong.exitCode()).as(wrong.err()).isEqualTo(2);
      }
      Cli.Result boss = here().call("answer", id, "boss", "approve");
      assertThat(boss.exitCode()).isEqualTo(1);
      assertThat(boss.err()).contains("asks no question 'boss'", "[manager]");
      Cli.Result nobody = here().call("answer", NOWHERE, "manager", "approve");
      assertThat(nobody.exitCode()).isEqualTo(1);
      assertThat(nobody.err()).contains("There is no execution " + NOWHERE);
      assertThat(durable.questions().open(expense)).hasSize(1);
    }
  }

  @Nested
  class Reassign {

    @Test
    void givesAQuestionToOthersAndRecordsIt() {
      ExecutionHandle<Approval> expense = waiting(EXPENSE, "x");
      String id = beginning(expense.id());
      Cli.Result done =
          assertOk(
              here().run("reassign", id, "manager", "--to=bob", "--to=group:leads", "--by=jane"));
      assertThat(done.out()).isEmpty();
      assertThat(done.err())
          .contains("Reassigned 'manager' of execution " + expense.id() + " to bob, group:leads.");
      JsonNode asked = json(here().run("pending", id, "--assignee=group:leads", "--json")).get(0);
      JsonNode first = asked.get("reassignments").get(0);
      assertThat(first.get("by").asString()).isEqualTo("jane");
      assertThat(first.get("from").toString()).isEqualTo("[\"group:managers\"]");
      assertThat(first.get("to").toString()).isEqualTo("[\"bob\",\"group:leads\"]");
      assertThat(first.get("at").asString()).endsWith("Z");

      JsonNode again = json(here().run("reassign", id, "body/manager", "--to=mary", "--json"));
      assertThat(again.get("execution").asString()).isEqualTo(expense.id().toString());
      assertThat(again.get("name").asString()).isEqualTo("manager");
      assertThat(again.get("assignees").toString()).isEqualTo("[\"mary\"]");
      assertThat(again.get("by").asString()).isEqualTo(System.getProperty("user.name"));
      assertThat(durable.questions().open(expense.id(), "manager").assignees())
          .containsExactly("mary");
    }

    @Test
    void wrongUsageAndWhatIsNotThere() {
      ExecutionHandle<Approval> expense = waiting(EXPENSE, "x");
      String id = expense.id().toString();
      Cli.Result blank = here().run("reassign", id, "manager", "--to= ");
      assertThat(blank.exitCode()).isEqualTo(2);
      assertThat(blank.err()).contains("An assignee must have");
      durable.questions().answer(expense.id(), "manager", Approval.approved("jane"));
      Cli.Result late = here().run("reassign", id, "manager", "--to=bob");
      assertThat(late.exitCode()).isEqualTo(1);
      assertThat(late.err()).contains("completed by jane");
    }
  }

  @Test
  void limitsOfFormsAreShownAndChecked() {
    ExecutionHandle<Offer> offer = waiting(OFFER, "");
    String id = offer.id().toString();
    assertThat(assertOk(here().run("pending", id)).out())
        .contains("{title: text 3.. characters, comment: text 1..200 characters, note: text}");
    JsonNode fields = json(here().run("pending", id, "--json")).get(0).get("fields");
    assertThat(fields.get(1).get("shortest").asInt()).isEqualTo(1);
    assertThat(fields.get(1).get("longest").asInt()).isEqualTo(200);
    Cli.Result refused =
        here()
            .run(
                "answer", id, "form", "--json", "{\"title\":\"x\",\"comment\":\"\",\"note\":\"\"}");
    assertThat(refused.exitCode()).isEqualTo(1);
    assertThat(refused.err())
        .contains(
            "'title' must have at least 3 characters, not 1.",
            "'comment' must have at least 1 character, not 0.");
  }

  @Nested
  class SendEvent {

    @Test
    void printsWhatBecameOfIt() {
      ExecutionHandle<String> payment = waiting(PAYMENT, "order");
      String id = beginning(payment.id());
      assertThat(assertOk(here().call("send-event", id, "other", "[1]")).out())
          .isEqualTo("BUFFERED\n");
      assertThat(
              assertOk(here().call("send-event", id, "payment.success", "\"42\"", "--key=p1"))
                  .out())
          .isEqualTo("DELIVERED\n");
      assertThat(payment.result(ofSeconds(20))).isEqualTo("order got 42");
      assertThat(
              assertOk(here().call("send-event", id, "payment.success", "\"42\"", "--key=p1"))
                  .out())
          .isEqualTo("DUPLICATE\n");
      Cli.Result closed = here().call("send-event", id, "payment.success", "\"43\"");
      assertThat(closed.exitCode()).isEqualTo(1);
      assertThat(closed.out()).isEqualTo("CLOSED\n");
      assertThat(closed.err()).contains("has ended");
      Cli.Result nowhere = here().call("send-event", NOWHERE, "go");
      assertThat(nowhere.exitCode()).isEqualTo(1);
      assertThat(nowhere.out()).isEqualTo("NOT_FOUND\n");
    }

    @Test
    void readsStandardInputAndSendsNullForNothing() {
      ExecutionHandle<String> piped = waiting(PAYMENT, "order");
      assertOk(
          here()
              .input("\"größe\"\n")
              .call("send-event", piped.id().toString(), "payment.success", "-"));
      assertThat(piped.result(ofSeconds(20))).isEqualTo("order got größe");
      ExecutionHandle<String> none = waiting(PAYMENT, "order");
      assertOk(here().call("send-event", none.id().toString(), "payment.success"));
      until(() -> none.status() == ExecutionStatus.PARKED);
      assertThat(durable.find(none.id()).orElseThrow().error().message())
          .contains("is null, which only a Void may be");
    }

    @Test
    void whatIsNotJsonIsWrongUsage() {
      UUID id = waiting(PAYMENT, "order").id();
      for (String wrong : List.of("hello", "{\"a\": ", "1 2", "")) {
        Cli.Result result = here().call("send-event", id.toString(), "payment.success", wrong);
        assertThat(result.exitCode()).as(wrong).isEqualTo(2);
        assertThat(result.out()).isEmpty();
        assertThat(result.err()).doesNotContain("Source", "Feature");
      }
      assertThat(here().call("send-event", id.toString(), " ").exitCode()).isEqualTo(2);
      assertThat(here().call("send-event", id.toString(), "go", "--key= ").exitCode()).isEqualTo(2);
      assertThat(here().call("send-event", id.toString()).exitCode()).isEqualTo(2);
      assertThat(durable.handle(id).status()).isEqualTo(ExecutionStatus.WAITING);
    }
  }

  @Nested
  class Children {

    private UUID top;
    private UUID bad;
    private UUID middle;
    private UUID deep;

    @BeforeEach
    void startFamily() {
      top = durable.start(TOP, "x").id();
      until(() -> durable.children(top).size() == 2);
      bad = durable.children(top).get(0).id();
      middle = durable.children(top).get(1).id();
      until(() -> durable.children(middle).size() == 1);
      deep = durable.children(middle).getFirst().id();
      until(() -> durable.handle(bad).status() == ExecutionStatus.FAILED);
      until(() -> durable.handle(middle).status() == ExecutionStatus.WAITING);
      until(() -> durable.handle(deep).status() == ExecutionStatus.WAITING);
    }

    @Test
    void listsThemOneToALine() {
      assertThat(assertOk(here().call("children", top.toString())).out().lines().skip(1))
          .satisfiesExactly(
              line ->
                  assertThat(line)
                      .startsWith(bad + "  broken    failed   body/bad     ")
                      .endsWith("  no way"),
              line -> assertThat(line).startsWith(middle + "  middle    waiting  body/middle  "));
      Cli.Result none = assertOk(here().call("children", deep.toString()));
      assertThat(none.out()).isEmpty();
      assertThat(none.err()).contains("started no others");
      assertThat(here().call("children", deep.toString(), "--json").out()).isEqualTo("[]\n");
    }

    @Test
    void showsTheTree() {
      assertThat(assertOk(here().call("children", top.toString(), "--tree")).out())
          .isEqualTo(
              """
              %s  top  running or waiting
              ├─ %s  broken  failed  (body/bad)
              └─ %s  middle  waiting  (body/middle)
                 └─ %s  payment  waiting  (deep/deep)
              """
                  .formatted(top, bad, middle, deep)
                  .replace("running or waiting", durable.handle(top).status().text()));
      JsonNode tree = json(here().call("children", top.toString(), "--tree", "--json"));
      assertThat(tree.get("id").asString()).isEqualTo(top.toString());
      assertThat(tree.get("children").get(0).get("error").asString()).isEqualTo("no\nway");
      assertThat(tree.get("children").get(1).get("children").get(0).get("id").asString())
          .isEqualTo(deep.toString());
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"pending", "answer", "send-event", "children"})
  void withoutADatabaseOrWithoutTables(String command) {
    String[] line =
        switch (command) {
          case "pending" -> new String[] {command};
          case "children" -> new String[] {command, NOWHERE};
          case "send-event" -> new String[] {command, NOWHERE, "go"};
          default -> new String[] {command, NOWHERE, "manager", "approve"};
        };
    Cli.Result away = cli().with("DURABLE_URL", "jdbc:postgresql://127.0.0.1:1/gone").run(line);
    assertThat(away.exitCode()).isEqualTo(3);
    assertThat(away.out()).isEmpty();
    assertThat(away.err()).contains("Could not connect").doesNotContain("\tat ");
    Cli.Result empty = here().with("DURABLE_PREFIX", "elsewhere").call(line);
    assertThat(empty.exitCode()).isEqualTo(1);
    assertThat(empty.err()).contains("\"elsewhere\"").doesNotContain("\tat ");
    assertThat(cli().run(line).err()).contains("Which database?");
  }
}
