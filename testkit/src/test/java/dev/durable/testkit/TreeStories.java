package dev.durable.testkit;

import static java.time.Duration.ZERO;
import static java.time.Duration.ofMillis;
import static java.time.Duration.ofSeconds;

import dev.durable.question.Approval;
import dev.durable.question.Question;
import dev.durable.retry.NonRetryableException;
import dev.durable.retry.RetryPolicy;
import dev.durable.wait.Event;
import dev.durable.workflow.CompensationTrigger;
import dev.durable.workflow.Decision;
import dev.durable.workflow.StepBody;
import dev.durable.workflow.Workflow;
import dev.durable.workflow.WorkflowBuilder;
import dev.durable.workflow.WorkflowOptions;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;

/** A small tree for each kind of node, and for each way in which it fails. */
final class TreeStories {

  static final Event<String> PAID = Event.of("paid", String.class);
  static final Event<String> SENT = Event.of("sent", String.class);
  static final RetryPolicy THRICE = RetryPolicy.constant(ZERO).maxAttempts(3);
  static final Workflow<String, String> CHILD =
      Workflow.define("tree child", String.class).step("only", text -> "child " + text).build();
  static final Workflow<String, String> BAD_CHILD =
      Workflow.define("bad tree child", String.class).run("only", TreeStories::refuse).build();

  private static final List<Story<?>> ALL = new ArrayList<>();

  private TreeStories() {}

  private interface Path extends UnaryOperator<WorkflowBuilder<String, String>> {}

  /** Refuses all texts of the stories. */
  static void refuse(String text) {
    if (!text.isEmpty()) {
      throw new NonRetryableException("Refused: " + text);
    }
  }

  /** Fails a number of times. */
  static StepBody<String, String, String> flaky(int failures) {
    return (text, step) -> {
      if (step.attempt() <= failures) {
        throw new IllegalStateException("attempt " + step.attempt());
      }
      return text + " " + step.attempt();
    };
  }

  private static void add(String name, Path path) {
    add(name, new Acts(), path);
  }

  private static void add(String name, Acts acts, Path path) {
    add(name, acts, with -> {}, path);
  }

  private static void add(
      String name, Acts acts, Consumer<? super WorkflowOptions> with, Path path) {
    ALL.add(
        Story.<String>of(
                name,
                () -> path.apply(Workflow.define("tree: " + name, String.class, with)).build(),
                "a",
                CHILD,
                BAD_CHILD)
            .with(acts));
  }

  static List<Story<?>> all() {
    ALL.clear();
    steps();
    choices();
    waits();
    forks();
    rounds();
    children();
    undoing();
    return ALL;
  }

  private static void steps() {
    add("a step", path -> path.step("one", text -> text + "1").step("two", text -> text + "2"));
    add("a result put into the data", path -> path.step("one", t -> 1, (t, one) -> t + one));
    add("no result", path -> path.run("one", text -> {}));
    add("a failure", path -> path.run("one", TreeStories::refuse).step("two", text -> text));
    add("a null", path -> path.step("one", text -> null));
    add(
        "an error",
        path ->
            path.step(
                "one",
                t -> {
                  throw new AssertionError("no");
                }));
    add("retried", path -> path.step("one", flaky(2), with -> with.retry(THRICE)));
    add("given up", path -> path.step("one", flaky(9), with -> with.retry(THRICE)));
    add("parked", path -> path.step("one", flaky(9), with -> with.retry(THRICE.thenPark())));
    add(
        "refused by retryIf",
        path -> path.step("one", flaky(9), with -> with.retry(THRICE.retryIf(f -> false))));
    add(
        "retryIf throws",
        path ->
            path.step(
                "one",
                flaky(9),
                with ->
                    with.retry(
                        THRICE.retryIf(
                            f -> {
                              throw new IllegalStateException("?");
                            }))));
    add(
        "unwritable",
        path ->
            path.step("one", Object.class, t -> Thread.currentThread())
                .step("two", String.class, t -> "no"));
    add(
        "a transaction",
        path -> path.transaction("one", (text, tx) -> text + tx.attempt() + tx.input()));
    add(
        "a failed transaction",
        path ->
            path.transaction(
                "one",
                (text, tx) -> {
                  throw new IllegalStateException("no");
                }));
    add(
        "an earlier result",
        path ->
            path.step("one", text -> text + "1").step("two", (text, step) -> step.input() + text));
  }

  private static void choices() {
    add("when", path -> path.when("if", t -> true, yes -> yes.step("one", t -> t + "y")));
    add("when not", path -> path.when("if", t -> false, yes -> yes.step("one", t -> t + "y")));
    add(
        "otherwise",
        path ->
            path.branch(
                "by",
                t -> t,
                cases ->
                    cases
                        .when("x", x -> x.step("one", t -> t))
                        .otherwise(o -> o.step("two", t -> t + "o"))));
    add(
        "a failed selector",
        path ->
            path.when(
                "if",
                t -> {
                  throw new IllegalStateException("?");
                },
                yes -> yes));
    add("a null selector", path -> path.when("if", t -> null, yes -> yes));
    add(
        "a jump",
        path ->
            path.decide("where", List.of("three"), t -> Decision.goTo("three", t + "j"))
                .step("two", t -> t + "2")
                .step("three", t -> t + "3"));
    add(
        "a jump into a case",
        path ->
            path.decide("where", List.of("if/true/three"), t -> Decision.goTo("if/true/three"))
                .when("if", t -> false, y -> y.step("two", t -> t + 2).step("three", t -> t + 3)));
    add(
        "no jump",
        path ->
            path.decide("where", List.of("two"), t -> Decision.next()).step("two", t -> t + "2"));
    add(
        "a wrong jump",
        path ->
            path.decide("where", List.of("two"), t -> Decision.goTo("x"))
                .step("two", t -> t + "2"));
    add(
        "no decision",
        path -> path.decide("where", List.of("two"), t -> null).step("two", t -> t + "2"));
  }

  private static void waits() {
    add("a sleep", path -> path.sleep("rest", ofMillis(5)));
    add("a sleep that fails", path -> path.sleep("rest", t -> null));
    add("an event", new Acts().early(PAID, "p"), path -> path.await("pay", PAID, (t, p) -> t + p));
    add(
        "a late event",
        new Acts().event("pay/pay", PAID, "p"),
        path -> path.await("pay", PAID, (t, p) -> t + p));
    add("no event", path -> path.await("pay", PAID, (t, p) -> t + p));
    add(
        "out of time",
        path -> path.await("pay", PAID, (t, p) -> t + p, with -> with.timeout(ofMillis(5))));
    add(
        "instead in time",
        path ->
            path.await(
                "pay",
                PAID,
                (t, p) -> t + p,
                with -> with.timeout(ofMillis(5)).onTimeout(t -> t + "late")));
    add(
        "a cancelled wait",
        new Acts().cancelWait("pay/pay"),
        path ->
            path.await("pay", PAID, (t, p) -> t + p, with -> with.onCancel(t -> t + "cancelled")));
    add(
        "a cancelled wait without an instead",
        new Acts().cancelWait("pay/pay"),
        path -> path.await("pay", PAID, (t, p) -> t + p));
    add(
        "any event",
        new Acts().early(SENT, "s"),
        path -> path.awaitAny("any", on -> on.on(PAID, (t, p) -> t + p).on(SENT, (t, s) -> t + s)));
    add(
        "all events",
        new Acts().early(SENT, "s").early(PAID, "p"),
        path -> path.awaitAll("all", on -> on.on(PAID, (t, p) -> t + p).on(SENT, (t, s) -> t + s)));
    add(
        "not all events",
        new Acts().early(SENT, "s"),
        path ->
            path.awaitAll(
                    "all",
                    on -> on.on(PAID, (t, p) -> t + p).on(SENT, (t, s) -> t + s),
                    with -> with.timeout(ofMillis(30)).onTimeout(t -> t + "late"))
                .await("sent", SENT, (t, s) -> t + s, with -> with.timeout(ofMillis(30))));
    add(
        "an approval",
        new Acts().answer("ok/ok", new Approval(true, "ada", "fine")),
        path -> path.ask("ok", t -> Question.approval("?"), (t, a) -> t + a));
    add("no answer", path -> path.ask("ok", t -> Question.text("?"), (t, a) -> t + a));
    add("no question", path -> path.ask("ok", t -> (Question<String>) null, (t, a) -> t + a));
    add(
        "the workflow's time",
        new Acts(),
        with -> with.timeout(ofSeconds(1)),
        path -> path.step("one", t -> t).await("pay", PAID, (t, p) -> t + p));
    add("cancelled", new Acts().cancel("pay/pay"), path -> path.await("pay", PAID, (t, p) -> t));
  }

  private static void forks() {
    add(
        "parallel",
        path ->
            path.parallel(
                "both",
                par -> {
                  var one = par.step("one", String.class, t -> t + "1");
                  var two = par.path("two", String.class, p -> p.step("x", t -> t + "2"));
                  return par.join((t, all) -> t + all.get(one) + all.get(two));
                }));
    add(
        "a failed branch",
        path ->
            path.parallel(
                "both",
                par -> {
                  var one =
                      par.step(
                          "one",
                          String.class,
                          (t, step) -> {
                            throw new IllegalStateException("no");
                          });
                  return par.join((t, all) -> t + all.get(one));
                }));
    add(
        "completeAll",
        path ->
            path.parallel(
                "both",
                par -> {
                  var one = par.step("one", String.class, t -> t + "1");
                  var two =
                      par.step(
                          "two",
                          String.class,
                          (t, step) -> {
                            throw new IllegalStateException("no");
                          });
                  return par.join(
                      (t, all) -> all.get(one) + all.outcome(two).getClass().getSimpleName());
                },
                with -> with.completeAll()));
    add(
        "a join that asks for a failure",
        path ->
            path.parallel(
                "both",
                par -> {
                  var two =
                      par.step(
                          "two",
                          String.class,
                          (t, step) -> {
                            throw new IllegalStateException("no");
                          });
                  return par.join((t, all) -> all.get(two));
                },
                with -> with.completeAll()));
    add(
        "a quorum out of reach",
        path ->
            path.parallel(
                "both",
                par -> {
                  par.step(
                      "one",
                      String.class,
                      (t, step) -> {
                        throw new IllegalStateException("no");
                      });
                  return par.join((t, all) -> t);
                },
                with -> with.quorum(1)));
    add(
        "forEach",
        path ->
            path.forEach(
                "each",
                Integer.class,
                t -> List.of(1, 2, 3),
                e -> e.step("one", n -> n * 2),
                (t, all) -> t + all.completed()));
    add(
        "forEach of none",
        path -> path.forEach("each", Integer.class, t -> List.of(), e -> e.step("one", n -> n)));
    add(
        "forEach of null",
        path -> path.forEach("each", Integer.class, t -> null, e -> e.step("one", n -> n)));
    add(
        "a failed item",
        path ->
            path.forEach(
                "each",
                Integer.class,
                t -> List.of(1, 2),
                e ->
                    e.step(
                        "one",
                        n -> {
                          if (n == 2) {
                            throw new IllegalStateException("no " + n);
                          }
                          return n;
                        }),
                (t, all) -> t + all.completed() + all.failed().keySet(),
                with -> with.completeAll()));
  }

  private static void rounds() {
    add(
        "repeat",
        path ->
            path.repeatUntil(
                "again",
                t -> t.length() > 3,
                round -> round.step("one", t -> t + "1").step("two", t -> t)));
    add(
        "too many rounds",
        path ->
            path.repeatUntil(
                "again",
                t -> false,
                round -> round.step("one", t -> t + "1"),
                with -> with.atMost(3)));
    add(
        "a failed until",
        path ->
            path.repeatUntil(
                "again",
                t -> {
                  throw new IllegalStateException("?");
                },
                round -> round.step("one", t -> t + "1")));
    add(
        "undone rounds",
        path ->
            path.repeatUntil(
                    "again",
                    t -> t.length() > 3,
                    round ->
                        round
                            .step("one", t -> t + "1", with -> with.compensate("back", t -> {}))
                            .step("two", t -> t))
                .run("fails", TreeStories::refuse));
  }

  private static void children() {
    add("a call", path -> path.call("child", CHILD, t -> t, (t, c) -> t + c));
    add("a failed call", path -> path.call("child", BAD_CHILD, t -> t, (t, c) -> t + c));
    add(
        "a call instead",
        path ->
            path.call(
                "child",
                BAD_CHILD,
                t -> t,
                (t, c) -> t + c,
                with -> with.onFailure((t, failure) -> t + failure.error().type())));
    add(
        "calls",
        path ->
            path.callEach("each", CHILD, t -> List.of("x", "y"), (t, all) -> t + all.completed()));
    add("a start", path -> path.start("child", CHILD, t -> t).step("one", t -> t));
  }

  private static void undoing() {
    add(
        "undone",
        path ->
            path.step("one", t -> t + "1", with -> with.compensate("back", t -> {}))
                .step(
                    "two",
                    t -> t + "2",
                    with -> with.compensate("back", (t, undo) -> undo.run("x", () -> {})))
                .run("fails", TreeStories::refuse));
    add(
        "badly undone",
        path ->
            path.step("one", t -> t + "1", with -> with.compensate("back", t -> {}))
                .step("two", t -> t + "2", with -> with.compensate("back", TreeStories::refuse))
                .run("fails", TreeStories::refuse));
    add(
        "stopped undoing",
        new Acts(),
        with -> with.stopCompensationOnFailure(),
        path ->
            path.step("one", t -> t + "1", with -> with.compensate("back", t -> {}))
                .step("two", t -> t + "2", with -> with.compensate("back", TreeStories::refuse))
                .run("fails", TreeStories::refuse));
    add(
        "nothing to undo",
        path ->
            path.run("fails", TreeStories::refuse)
                .step("one", t -> t + "1", with -> with.compensate("back", t -> {})));
    add(
        "cancelled and undone",
        new Acts().cancel("pay/pay"),
        with -> with.compensateOn(CompensationTrigger.CANCEL),
        path ->
            path.step("one", t -> t + "1", with -> with.compensate("back", t -> {}))
                .await("pay", PAID, (t, p) -> t));
    add(
        "late and undone",
        new Acts(),
        with -> with.compensateOn(CompensationTrigger.TIMEOUT).timeout(ofSeconds(1)),
        path ->
            path.step("one", t -> t + "1", with -> with.compensate("back", t -> {}))
                .await("pay", PAID, (t, p) -> t));
    add(
        "late and not undone",
        new Acts(),
        with -> with.timeout(ofSeconds(1)),
        path ->
            path.step("one", t -> t + "1", with -> with.compensate("back", t -> {}))
                .await("pay", PAID, (t, p) -> t));
    add(
        "undone again and again",
        path ->
            path.step(
                    "one",
                    t -> t + "1",
                    with ->
                        with.compensate(
                            "back",
                            (t, undo) -> {
                              if (undo.attempt() < 3) {
                                throw new IllegalStateException("not yet");
                              }
                            },
                            how -> how.retry(THRICE)))
                .run("fails", TreeStories::refuse));
  }
}
