package dev.durable.testkit;

import dev.durable.retry.NonRetryableException;
import dev.durable.workflow.AttemptContext;
import dev.durable.workflow.StepBody;
import dev.durable.workflow.StepContext;
import dev.durable.workflow.Workflow;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;

/** What a context tells, and refuses once the code that it was given to has ended. */
final class ContextStories {

  private static final List<Story<?>> ALL = new ArrayList<>();

  private ContextStories() {}

  /** What is asked of a context. */
  private interface Asking {
    void ask(StepContext<?> context) throws Exception;
  }

  /** A body, which may use a context that it keeps. */
  private interface Keeping {
    String run(StepContext<String> step, AtomicReference<StepContext<?>> kept) throws Exception;
  }

  static List<Story<?>> all() {
    ALL.clear();
    keys();
    List.of("key", "effect", "transaction", "wait", "question", "child", "progress", "saved")
        .forEach(ContextStories::past);
    List.of("effect", "wait", "progress", "saved", "undo", "parallel")
        .forEach(ContextStories::over);
    List.of("effect", "transaction", "wait", "question", "child", "progress", "undo", "parallel")
        .forEach(ContextStories::outer);
    steps();
    return ALL;
  }

  private static void add(String name, StepBody<String, String, String> body) {
    ALL.add(
        Story.<String>of(
            name, () -> Workflow.of("context: " + name, String.class, String.class, body), "a"));
  }

  private static Asking asking(String what) {
    return switch (what) {
      case "key" -> AttemptContext::idempotencyKey;
      case "effect" -> context -> context.run("late", () -> {});
      case "transaction" -> context -> context.transaction("late", tx -> {});
      case "wait" -> context -> context.sleep("late", Duration.ZERO);
      case "question" -> context -> context.await("late", TreeStories.PAID);
      case "child" -> context -> context.call("late", TreeStories.CHILD, "x");
      case "progress" -> context -> context.progress("late");
      case "saved" -> context -> context.progress(String.class);
      case "undo" -> context -> context.onCompensate("late", undo -> {});
      default -> context -> context.parallel("late").join();
    };
  }

  // ---- in a compensation ----

  /** A compensation asks the context of its body, or of its item. */
  private static void past(String what) {
    Asking asking = asking(what);
    add(
        "a compensation asks its body, " + what,
        (t, step) -> {
          step.run(
              "one", () -> {}, with -> with.compensate("back", (done, undo) -> asking.ask(step)));
          throw new NonRetryableException("no");
        });
    add(
        "a compensation asks its item, " + what,
        (t, step) -> {
          step.forEach(
              "each",
              List.of("x", "y"),
              (item, each) ->
                  each.run(
                      "one",
                      () -> {},
                      with -> with.compensate("back", (done, undo) -> asking.ask(each))));
          throw new NonRetryableException("no");
        });
  }

  // ---- of code that has ended ----

  private static void over(String what) {
    Asking asking = asking(what);
    add(
        "an item that has ended is asked, " + what,
        keeping(
            (step, kept) -> {
              step.forEach("each", List.of("x"), (item, each) -> kept.set(each));
              return said(asking, kept.get());
            }));
    add(
        "a branch that has failed is asked, " + what,
        keeping(
            (step, kept) -> {
              var both = step.parallel("both", with -> with.completeAll());
              both.branch(
                  "one",
                  String.class,
                  branch -> {
                    kept.set(branch);
                    throw new NonRetryableException("no");
                  });
              both.join();
              return said(asking, kept.get());
            }));
  }

  // ---- of a body, by its parts ----

  private static void outer(String what) {
    Asking asking = asking(what);
    add(
        "an item asks its body, " + what,
        (t, step) ->
            step.forEach("each", String.class, List.of("x"), (item, each) -> said(asking, step))
                .toString());
    add(
        "an effect of a branch asks the body, " + what,
        (t, step) -> {
          var both = step.parallel("both");
          var one =
              both.branch(
                  "one",
                  String.class,
                  branch -> branch.run("effect", String.class, () -> said(asking, step)));
          both.join();
          return one.get();
        });
  }

  private static StepBody<String, String, String> keeping(Keeping body) {
    return (t, step) -> body.run(step, new AtomicReference<>());
  }

  private static String said(Asking asking, StepContext<?> context) throws Exception {
    try {
      asking.ask(context);
      return "nothing" + context.isCancelled();
    } catch (IllegalStateException refused) {
      return refused.getMessage() + context.isCancelled();
    }
  }

  private static void steps() {
    AtomicReference<StepContext<?>> first = new AtomicReference<>();
    AtomicReference<StepContext<?>> failed = new AtomicReference<>();
    ALL.add(
        Story.<String>of(
            "a step that has ended is asked",
            () ->
                Workflow.define("context: a step that has ended", String.class)
                    .step(
                        "one",
                        (t, step) -> {
                          first.set(step);
                          return t + step.isCancelled();
                        })
                    .step("two", (t, step) -> t + said(asking("effect"), first.get()))
                    .build(),
            "a"));
    ALL.add(
        Story.<String>of(
            "an attempt that has failed is asked",
            () ->
                Workflow.define("context: an attempt that has failed", String.class)
                    .step(
                        "one",
                        (t, step) -> {
                          if (step.attempt() == 1) {
                            failed.set(step);
                            throw new IllegalStateException("once more");
                          }
                          return t + said(asking("wait"), failed.get());
                        },
                        with -> with.retry(TreeStories.THRICE))
                    .build(),
            "a"));
  }

  // ---- keys ----

  private static void keys() {
    add(
        "keys",
        (t, step) -> {
          List<String> keys = new ArrayList<>();
          keys.add(key(step));
          step.run("one", String.class, () -> key(step));
          keys.addAll(
              step.forEach(
                      "each",
                      String.class,
                      List.of("x", "y"),
                      (item, each) ->
                          key(each)
                              + key(step)
                              + each.run("in", String.class, () -> key(each) + key(step)))
                  .completed());
          var both = step.parallel("both");
          var one = both.run("one", String.class, () -> key(step));
          both.join();
          keys.add(one.get());
          keys.add(step.transaction("tx", String.class, tx -> key(tx) + key(step)));
          keys.add(
              step.run(
                  "timed",
                  String.class,
                  () -> key(step),
                  with -> with.timeout(Duration.ofMinutes(1))));
          return keys.toString();
        });
    add(
        "the key of a compensation",
        (t, step) -> {
          step.onCompensate(
              "all",
              undo -> {
                throw new NonRetryableException(key(undo));
              });
          step.run(
              "one",
              () -> {},
              with ->
                  with.compensate(
                      "back",
                      (done, undo) -> {
                        String own = key(undo);
                        String inner = undo.run("in", String.class, () -> key(undo));
                        throw new NonRetryableException(own + inner);
                      }));
          throw new NonRetryableException("no");
        });
  }

  /** The key without the id. */
  private static String key(AttemptContext<?> context) {
    return context.idempotencyKey().replace(context.execution().id().toString(), "") + " ";
  }
}
