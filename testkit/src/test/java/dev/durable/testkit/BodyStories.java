package dev.durable.testkit;

import static java.time.Duration.ofMillis;
import static java.time.Duration.ofMinutes;

import dev.durable.question.Question;
import dev.durable.workflow.AttemptContext;
import dev.durable.workflow.ChildFailedException;
import dev.durable.workflow.StepBody;
import dev.durable.workflow.Workflow;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/** Small bodies: effects, waits and children, and the ways in which they fail. */
final class BodyStories {

  private static final List<Story<?>> ALL = new ArrayList<>();

  private BodyStories() {}

  /** A form. */
  record Address(String street, int number) {}

  private static void add(String name, StepBody<String, String, String> body) {
    add(name, new Acts(), body);
  }

  private static void add(String name, Acts acts, StepBody<String, String, String> body) {
    ALL.add(
        Story.<String>of(
                name, () -> Workflow.of("body: " + name, String.class, String.class, body), "a")
            .with(acts));
  }

  static List<Story<?>> all() {
    ALL.clear();
    effects();
    waits();
    children();
    return ALL;
  }

  private static void effects() {
    add(
        "effects",
        (t, step) -> {
          step.run("nothing", () -> {});
          return t
              + step.run("one", Integer.class, () -> 1)
              + step.run("two", String.class, () -> "2");
        });
    add(
        "twice a name",
        (t, step) ->
            t + step.run("one", Integer.class, () -> 1) + step.run("one", Integer.class, () -> 1));
    add(
        "a failed effect",
        (t, step) ->
            step.run(
                "one",
                String.class,
                () -> {
                  throw new IllegalStateException("no");
                }));
    add("a null effect", (t, step) -> step.run("one", String.class, () -> null));
    add(
        "an effect of an effect",
        (t, step) ->
            step.run(
                "one", String.class, () -> step.run("two", String.class, () -> t + "2") + "1"));
    add("a strange name", (t, step) -> step.run("a/b[1]~%", String.class, () -> t));
    Map<String, AtomicInteger> counts = new ConcurrentHashMap<>();
    add(
        "a retried effect",
        (t, step) ->
            t
                + step.run(
                    "one",
                    Integer.class,
                    () -> {
                      String run = step.execution().id().toString();
                      int number =
                          counts
                              .computeIfAbsent(run, none -> new AtomicInteger())
                              .incrementAndGet();
                      if (number < 3) {
                        throw new IllegalStateException("not yet: " + number);
                      }
                      return number;
                    },
                    with -> with.retry(TreeStories.THRICE)));
    add(
        "an effect given up",
        (t, step) ->
            step.run(
                "one",
                String.class,
                () -> {
                  throw new IllegalStateException("never");
                },
                with -> with.retry(TreeStories.THRICE)));
    add(
        "a parked effect",
        (t, step) ->
            step.run(
                "one",
                String.class,
                () -> {
                  throw new IllegalStateException("never");
                },
                with -> with.retry(TreeStories.THRICE.thenPark())));
    add(
        "a closed effect",
        (t, step) ->
            step.run(
                "one",
                String.class,
                () -> step.run("two", String.class, () -> t),
                with -> with.timeout(ofMinutes(1))));
    add(
        "an effect in a transaction",
        (t, step) -> step.transaction("one", String.class, tx -> t + tx.attempt()));
    add(
        "the key of an effect",
        (t, step) -> {
          String own = key(step);
          return own + step.run("one", String.class, () -> key(AttemptContext.current()));
        });
  }

  /** The key without the id. */
  private static String key(AttemptContext<?> step) {
    return step.idempotencyKey().replace(step.execution().id().toString(), "") + step.path();
  }

  private static void waits() {
    add(
        "a nap",
        (t, step) -> {
          step.sleep("rest", ofMillis(5));
          return t;
        });
    add(
        "an awaited event",
        new Acts().early(TreeStories.PAID, "p"),
        (t, step) -> t + step.await(TreeStories.PAID));
    add("an event that does not come", (t, step) -> t + step.await(TreeStories.PAID, ofMillis(5)));
    add("an event that never comes", (t, step) -> t + step.await(TreeStories.PAID));
    add(
        "two of a name",
        new Acts().early(TreeStories.PAID, "p").early(TreeStories.PAID, "q"),
        (t, step) ->
            step.await("first", TreeStories.PAID) + step.await("second", TreeStories.PAID));
    add(
        "any of two",
        new Acts().early(TreeStories.SENT, "s"),
        (t, step) ->
            step.<String>awaitAny(
                "any",
                none ->
                    none.<String, String>on(TreeStories.PAID, p -> "p" + p)
                        .on(TreeStories.SENT, s -> "s" + s)));
    add(
        "all of two",
        new Acts().early(TreeStories.SENT, "s").early(TreeStories.PAID, "p"),
        (t, step) -> {
          var all = step.awaitAll("all", TreeStories.PAID, TreeStories.SENT);
          return all.get(TreeStories.PAID) + all.get(TreeStories.SENT);
        });
    add(
        "a form",
        new Acts().answer("body/where", new Address("High", 3)),
        (t, step) -> t + step.ask("where", Question.form("?", Address.class)));
    add(
        "a choice",
        new Acts().answer("body/which", "x"),
        (t, step) -> t + step.ask("which", Question.choice("?", "x", "y")));
    add(
        "several choices",
        new Acts().answer("body/which", List.of("y", "x")),
        (t, step) -> t + step.ask("which", Question.multiChoice("?", "x", "y")));
    add(
        "a body that catches all",
        (t, step) -> {
          try {
            return step.await(TreeStories.PAID);
          } catch (Throwable caught) {
            return "caught";
          }
        });
    add(
        "an effect before and after a wait",
        new Acts().event("body/paid", TreeStories.PAID, "p"),
        (t, step) ->
            step.run("one", String.class, () -> "1")
                + step.await(TreeStories.PAID)
                + step.run("two", String.class, () -> "2"));
  }

  private static void children() {
    add("a called child", (t, step) -> t + step.call(TreeStories.CHILD, "x"));
    add(
        "a caught child",
        (t, step) -> {
          try {
            return step.call(TreeStories.BAD_CHILD, "x");
          } catch (ChildFailedException failed) {
            return failed.status() + failed.error().message();
          }
        });
    add("a child in time", (t, step) -> t + step.call("c", TreeStories.CHILD, "x", ofMinutes(1)));
    add(
        "a started child",
        (t, step) -> {
          step.start(TreeStories.CHILD, "x");
          return t;
        });
  }
}
