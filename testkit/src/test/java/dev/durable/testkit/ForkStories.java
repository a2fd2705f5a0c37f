package dev.durable.testkit;

import static java.time.Duration.ZERO;
import static java.time.Duration.ofHours;
import static java.time.Duration.ofMillis;
import static java.time.Duration.ofSeconds;

import dev.durable.json.TypeRef;
import dev.durable.retry.NonRetryableException;
import dev.durable.retry.RetryPolicy;
import dev.durable.workflow.BranchFailedException;
import dev.durable.workflow.BranchOutcome;
import dev.durable.workflow.ChildKeyTakenException;
import dev.durable.workflow.ForkOptions;
import dev.durable.workflow.StepBody;
import dev.durable.workflow.StepContext;
import dev.durable.workflow.Workflow;
import dev.durable.workflow.WorkflowBuilder;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;

/** Bodies that fork, undo and report, and what becomes of their failures. */
final class ForkStories {

  private static final List<Story<?>> ALL = new ArrayList<>();

  private ForkStories() {}

  private interface Path extends UnaryOperator<WorkflowBuilder<String, String>> {}

  private static void body(String name, Acts acts, StepBody<String, String, String> body) {
    tree(name, acts, path -> path.step("body", String.class, body));
  }

  private static void body(String name, StepBody<String, String, String> body) {
    body(name, new Acts(), body);
  }

  /** A body, and then a failure. */
  private static void undone(String name, StepBody<String, String, String> body) {
    tree(
        name,
        new Acts(),
        path ->
            path.step("first", t -> t, with -> with.compensate("back", t -> {}))
                .step("body", String.class, body)
                .step("last", t -> t, with -> with.compensate("back", t -> {}))
                .step("fails", ForkStories::refuse));
  }

  private static void tree(String name, Acts acts, Path path) {
    ALL.add(
        Story.<String>of(
                name,
                () -> path.apply(Workflow.define("fork: " + name, String.class)).build(),
                "a",
                TreeStories.CHILD,
                TreeStories.BAD_CHILD)
            .with(acts));
  }

  private static String refuse(String text) {
    throw new NonRetryableException("Refused: " + text);
  }

  private static String fail(String text) {
    throw new IllegalStateException("Failed: " + text);
  }

  static List<Story<?>> all() {
    ALL.clear();
    policies();
    parts();
    items();
    undoing();
    undoingLess();
    failures();
    progress();
    children();
    return ALL;
  }

  // ---- forks ----

  private static void policy(String name, Consumer<? super ForkOptions> with, boolean secondFails) {
    body(
        name,
        new Acts().event("body/both/waits/paid", TreeStories.PAID, "p"),
        (t, step) -> {
          var both = step.parallel("both", with);
          var one = both.run("one", Integer.class, () -> 1);
          var waits =
              both.branch(
                  "waits",
                  String.class,
                  branch ->
                      branch.run("before", String.class, branch::path)
                          + branch.await(TreeStories.PAID)
                          + branch.run("after", String.class, branch::idempotencyKey).length());
          var two =
              both.branch("two", String.class, branch -> secondFails ? fail("two") : branch.path());
          both.join();
          return t + kind(one.outcome()) + kind(waits.outcome()) + kind(two.outcome());
        });
  }

  private static String kind(BranchOutcome<?> outcome) {
    return outcome.getClass().getSimpleName();
  }

  private static void policies() {
    policy("fail fast", with -> with.failFast(), false);
    policy("all complete", with -> with.completeAll(), true);
    policy("a quorum of all", with -> with.quorum(3), false);
    body(
        "a quorum",
        (t, step) -> {
          var both = step.parallel("both", with -> with.quorum(2));
          var bad = both.branch("bad", String.class, branch -> fail("bad"));
          var one = both.run("one", Integer.class, () -> 1);
          var two = both.branch("two", String.class, StepContext::path);
          both.join();
          return t + kind(bad.outcome()) + one.get() + two.get();
        });
    body(
        "a quorum beyond reach",
        (t, step) -> {
          var both = step.parallel("both", with -> with.quorum(2));
          both.run("one", Integer.class, () -> 1);
          both.branch("bad", String.class, branch -> refuse("bad"));
          both.join();
          return t;
        });
    body(
        "a failed branch",
        (t, step) -> {
          var both = step.parallel("both");
          both.branch("bad", String.class, branch -> refuse("bad"));
          both.join();
          return t;
        });
    body(
        "a caught failure of a branch",
        (t, step) -> {
          var both = step.parallel("both");
          both.branch("bad", String.class, branch -> refuse("bad"));
          try {
            both.join();
          } catch (BranchFailedException caught) {
            return caught.error().type() + caught.error().step() + caught.getMessage();
          }
          return t;
        });
    tree(
        "a broken branch is tried again with its body",
        new Acts(),
        path ->
            path.step(
                "body",
                String.class,
                (t, step) -> {
                  var both = step.parallel("both");
                  var one = both.run("one", Integer.class, () -> 1);
                  both.join();
                  var again = step.parallel("again");
                  var flaky =
                      again.branch(
                          "flaky",
                          String.class,
                          branch -> step.attempt() < 3 ? fail("flaky") : "done");
                  again.join();
                  return t + one.get() + flaky.get();
                },
                with -> with.retry(TreeStories.THRICE)));
  }

  private static void parts() {
    body(
        "a branch in a branch",
        (t, step) -> {
          var outer = step.parallel("outer");
          var one =
              outer.branch(
                  "one",
                  String.class,
                  branch -> {
                    var inner = branch.parallel("inner");
                    var deep = inner.run("deep", String.class, () -> key(branch));
                    inner.join();
                    return deep.get() + key(step);
                  });
          outer.join();
          return t + one.get();
        });
    body(
        "a branch that is not joined",
        (t, step) -> {
          step.parallel("both").run("one", () -> {});
          return t;
        });
    body(
        "a branch that sleeps",
        (t, step) -> {
          var both = step.parallel("both");
          both.branch("one", branch -> branch.sleep("nap", ofMillis(5)));
          both.branch("two", branch -> branch.sleep("nap", ofMillis(5)));
          both.join();
          return t;
        });
    body(
        "a retried branch",
        (t, step) -> {
          var both = step.parallel("both", with -> with.completeAll());
          var bad =
              both.run(
                  "bad", String.class, () -> fail("bad"), with -> with.retry(TreeStories.THRICE));
          both.join();
          return t + kind(bad.outcome());
        });
    body(
        "a parked branch",
        (t, step) -> {
          var both = step.parallel("both", with -> with.completeAll());
          both.run(
              "bad",
              String.class,
              () -> fail("bad"),
              with -> with.retry(TreeStories.THRICE.thenPark()));
          both.join();
          return t;
        });
    body(
        "a branch that waits for ever",
        (t, step) -> {
          var both = step.parallel("both");
          both.branch("waits", String.class, branch -> branch.await(TreeStories.PAID));
          both.run("one", () -> {});
          both.join();
          return t;
        });
  }

  private static String key(StepContext<?> step) {
    return step.idempotencyKey().replace(step.execution().id().toString(), "");
  }

  private static void items() {
    body(
        "items",
        (t, step) ->
            t
                + step.forEach(
                        "each",
                        String.class,
                        List.of("x", "y", "z"),
                        (item, each) ->
                            each.run("one", String.class, () -> item + 1)
                                + (item.equals("y") ? refuse(item) : ""),
                        with -> with.completeAll().concurrency(2))
                    .completed());
    body(
        "no items",
        (t, step) ->
            t + step.forEach("each", String.class, List.of(), (item, each) -> "").completed());
    body(
        "a null among items",
        (t, step) -> {
          List<String> items = new ArrayList<>();
          items.add(null);
          return t + step.forEach("each", String.class, items, (item, each) -> "");
        });
    body(
        "waiting items keep their places",
        (t, step) ->
            t
                + step.forEach(
                    "each",
                    String.class,
                    List.of("x", "y", "z"),
                    (item, each) -> item.equals("z") ? "z" : each.await("never", TreeStories.PAID),
                    with -> with.concurrency(2)));
    tree(
        "another list",
        new Acts(),
        path ->
            path.step(
                "body",
                String.class,
                (t, step) -> {
                  step.forEach(
                      "each",
                      List.of(step.attempt()),
                      (item, each) -> {
                        if (step.attempt() == 1) {
                          fail("first");
                        }
                      });
                  return t;
                },
                with -> with.retry(TreeStories.THRICE)));
    body(
        "called items",
        (t, step) -> t + step.callEach("each", TreeStories.CHILD, List.of("x", "y")).completed());
    body(
        "badly called items",
        (t, step) ->
            t
                + step.callEach(
                        "each", TreeStories.BAD_CHILD, List.of("x", ""), with -> with.completeAll())
                    .failed()
                    .keySet());
    body(
        "a badly called item",
        (t, step) -> t + step.callEach("each", TreeStories.BAD_CHILD, List.of("x")));
  }

  // ---- undoing ----

  private static void undoing() {
    undone(
        "undone effects",
        (t, step) -> {
          step.run("one", Integer.class, () -> 1, with -> with.compensate("un one", n -> {}));
          step.run("two", () -> {});
          step.onCompensate("by hand", undo -> undo.run("x", () -> {}));
          step.run(
              "three",
              Integer.class,
              () -> 3,
              with ->
                  with.compensate(
                      "un three", (n, undo) -> undo.run("x", Integer.class, () -> n + 1)));
          return t + "b";
        });
    undone(
        "undone branches",
        (t, step) -> {
          var first = step.parallel("first");
          first.run("one", Integer.class, () -> 1, with -> with.compensate("un one", n -> {}));
          first.join();
          var second = step.parallel("second");
          second.branch(
              "two",
              branch -> {
                branch.run("x", Integer.class, () -> 2, with -> with.compensate("un x", n -> {}));
                branch.onCompensate("y", undo -> {});
              });
          second.join();
          step.forEach(
              "each",
              List.of("only"),
              (item, each) ->
                  each.run(
                      "z", String.class, () -> item, with -> with.compensate("un z", n -> {})));
          return t;
        });
    body(
        "undone effects of a failed body",
        (t, step) -> {
          step.run("one", Integer.class, () -> 1, with -> with.compensate("un one", n -> {}));
          step.run("two", Integer.class, () -> 2, with -> with.compensate("un two", n -> {}));
          return refuse(t);
        });
    undone(
        "an undone effect that another attempt passes by",
        (t, step) -> {
          try {
            step.run("bad", String.class, () -> fail("bad"));
          } catch (IllegalStateException tolerated) {
            t += "tolerated";
          }
          step.run("one", Integer.class, () -> 1, with -> with.compensate("un one", n -> {}));
          return t;
        });
    undone(
        "undone after a wait",
        (t, step) -> {
          step.sleep("nap", ofMillis(5));
          step.run("one", Integer.class, () -> 1, with -> with.compensate("un one", n -> {}));
          return t;
        });
    undone(
        "badly undone effects",
        (t, step) -> {
          step.run("one", Integer.class, () -> 1, with -> with.compensate("un one", n -> {}));
          step.run(
              "two", String.class, () -> "2", with -> with.compensate("un two", n -> refuse(n)));
          return t;
        });
    tree(
        "undone rounds of a body",
        new Acts(),
        path ->
            path.repeatUntil(
                    "again",
                    t -> t.length() > 3,
                    round ->
                        round.step(
                            "body",
                            String.class,
                            (t, step) -> {
                              step.run(
                                  "one",
                                  String.class,
                                  () -> t,
                                  with -> with.compensate("un one", n -> {}));
                              step.run("two", () -> {});
                              return t + "1";
                            }))
                .step("fails", ForkStories::refuse));
  }

  private static void undoingLess() {
    body(
        "a bad name of a compensation",
        (t, step) -> {
          step.onCompensate("a", undo -> {});
          return step.run("one", String.class, () -> t, with -> with.compensate("a/b", n -> {}));
        });
    body(
        "a compensation within an effect",
        (t, step) ->
            step.run(
                "one",
                String.class,
                () ->
                    step.run("two", String.class, () -> t, with -> with.compensate("x", n -> {}))));
    tree(
        "a compensation of what is at most once",
        new Acts(),
        path ->
            path.step(
                "body",
                String.class,
                (t, step) -> {
                  step.onCompensate("a", undo -> {});
                  return t;
                },
                with -> with.atMostOnce()));
  }

  // ---- failures ----

  private static void failures() {
    tree(
        "a handled failure",
        new Acts(),
        path ->
            path.step(
                "body",
                TreeStories.flaky(9),
                with ->
                    with.retry(TreeStories.THRICE)
                        .onFailure((t, failure) -> t + failure.type() + failure.message())));
    tree(
        "a badly handled failure",
        new Acts(),
        path ->
            path.step(
                "body",
                TreeStories.flaky(9),
                with -> with.onFailure((t, failure) -> fail("handler"))));
    RetryPolicy brief = RetryPolicy.constant(ofHours(2)).within(ofHours(1));
    tree(
        "too late",
        new Acts(),
        path -> path.step("body", TreeStories.flaky(9), with -> with.retry(brief)));
    tree(
        "too late and parked",
        new Acts(),
        path -> path.step("body", TreeStories.flaky(9), with -> with.retry(brief.thenPark())));
    body(
        "an effect too late",
        (t, step) -> step.run("one", String.class, () -> fail("one"), with -> with.retry(brief)));
    tree(
        "in time",
        new Acts(),
        path ->
            path.step(
                "body",
                TreeStories.flaky(2),
                with -> with.retry(RetryPolicy.constant(ZERO).within(ofSeconds(60)))));
  }

  // ---- progress, and children ----

  private static void progress() {
    tree(
        "progress",
        new Acts(),
        path ->
            path.step(
                "body",
                String.class,
                (t, step) -> {
                  int last = step.progress(Integer.class).orElse(0);
                  step.progress(last + 10);
                  step.progress(last + 1);
                  if (last < 2) {
                    fail("at " + last);
                  }
                  var both = step.parallel("both");
                  both.branch("one", branch -> branch.progress(List.of("own")));
                  both.join();
                  return t + last + step.progress(TypeRef.of(Integer.class)).orElseThrow();
                },
                with -> with.retry(TreeStories.THRICE)));
  }

  private static void children() {
    body(
        "a child's key",
        (t, step) -> {
          String key = step.execution().id().toString();
          String first = step.call("one", TreeStories.CHILD, "x", with -> with.key(key));
          try {
            return step.call("two", TreeStories.CHILD, "x", with -> with.key(key));
          } catch (ChildKeyTakenException taken) {
            return t + first + (taken.existing() != null);
          }
        });
    body(
        "a started child's key",
        (t, step) -> {
          String key = step.execution().id().toString();
          step.start("one", TreeStories.CHILD, "x", with -> with.key(key));
          step.start("two", TreeStories.CHILD, "x", with -> with.key(key));
          return t;
        });
    Workflow<String, String> tells =
        Workflow.of(
            "fork child",
            String.class,
            String.class,
            (t, step) -> step.execution().key() + step.execution().tags());
    ALL.add(
        Story.<String>of(
            "what a child knows",
            () ->
                Workflow.of(
                    "fork: knowing child",
                    String.class,
                    String.class,
                    (t, step) ->
                        step.call(
                                "one",
                                tells,
                                t,
                                with -> with.key("k-" + step.execution().id()).tag("a", "b"))
                            .replace(step.execution().id().toString(), "id")),
            "a",
            tells));
  }
}
