package dev.durable.acceptance;

import static dev.durable.testing.DurableFixture.SOON;
import static dev.durable.testing.DurableFixture.history;
import static dev.durable.testing.DurableFixture.untilEnded;
import static dev.durable.testing.DurableFixture.untilStatus;
import static java.time.Duration.ZERO;
import static java.time.Duration.ofHours;
import static java.time.Duration.ofMillis;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.durable.Durable;
import dev.durable.execution.CompensationResult;
import dev.durable.execution.ErrorInfo;
import dev.durable.execution.Execution;
import dev.durable.execution.ExecutionStatus;
import dev.durable.question.Question;
import dev.durable.retry.RetryPolicy;
import dev.durable.testing.DatabaseExtension;
import dev.durable.testing.Gate;
import dev.durable.testing.Proves;
import dev.durable.testing.TestDatabase;
import dev.durable.wait.Event;
import dev.durable.workflow.ChildFailedException;
import dev.durable.workflow.CompensationTrigger;
import dev.durable.workflow.EffectFailedException;
import dev.durable.workflow.EffectOptions;
import dev.durable.workflow.StepContext;
import dev.durable.workflow.Workflow;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

@ExtendWith(DatabaseExtension.class)
@DisplayName("A body that is entered once more to be undone")
@Tag("newest")
class UndoEntryTest {

  private static final Event<String> GO = Event.of("go", String.class);
  private static final Event<String> NEVER = Event.of("never", String.class);

  private static final Workflow<String, String> CHILD =
      Workflow.of("new_child", String.class, String.class, (text, step) -> text);
  private static final AtomicInteger DONE = new AtomicInteger();
  private static final Runnable NEW = DONE::incrementAndGet;

  private final TestDatabase db;
  private final Notes ran = new Notes();
  private final AtomicInteger entries = new AtomicInteger();
  private final AtomicReference<Body> next = new AtomicReference<>(step -> {});

  UndoEntryTest(TestDatabase db) {
    this.db = db;
  }

  interface Body {
    void run(StepContext<String> step) throws Exception;
  }

  /** A workflow whose body is what {@link #next} has at the time. */
  private Workflow<String, Void> flow(String name) {
    return Workflow.of(
        name,
        String.class,
        (text, step) -> {
          entries.incrementAndGet();
          next.get().run(step);
        });
  }

  private static String fails(String why) {
    throw new IllegalStateException(why);
  }

  private void book(StepContext<?> step, String name, Object known) throws Exception {
    step.run(name, () -> {}, with -> with.compensate("free", none -> ran.add(name + " " + known)));
  }

  private Execution ended(Durable durable, UUID id, ExecutionStatus status) {
    untilEnded(durable, id);
    Execution execution = durable.find(id).orElseThrow();
    assertThat(execution.status()).isEqualTo(status);
    return execution;
  }

  private static String problem(Execution execution) {
    CompensationResult failed =
        execution.compensations().stream()
            .filter(result -> result.error() != null)
            .findFirst()
            .orElseThrow();
    assertThat(failed.error().type()).isEqualTo(ErrorInfo.DEFINITION_CHANGED);
    return failed.error().message();
  }

  // ---- what is remembered ----

  @Test
  @DisplayName("finds what is remembered: results, failures, waits and their ends, children")
  void remembered() {
    Workflow<String, String> child =
        Workflow.of("kept_child", String.class, String.class, (text, step) -> "c");
    Workflow<String, String> broken =
        Workflow.of("broken_child", String.class, String.class, (text, step) -> fails("b"));
    Workflow<String, Void> flow = flow("remembered");
    next.set(
        step -> {
          String known = step.run("effect", String.class, () -> ran.note("effect", "e"));
          try {
            step.run(
                "failing",
                () -> fails("f"),
                with -> with.retry(RetryPolicy.constant(ZERO).maxAttempts(2)));
          } catch (EffectFailedException failed) {
            known += failed.error().message();
          }
          known += step.await("go", GO);
          known += step.await("never", NEVER, ofMillis(1)).getClass().getSimpleName();
          step.sleep("rest", ofMillis(1));
          known += step.call("child", child, "x");
          try {
            step.call("broken", broken, "x");
          } catch (ChildFailedException failed) {
            known += failed.status();
          }
          UUID started = step.start("started", child, "x");
          String all = known + step.execution().id().equals(started) + step.isCancelled();
          book(step, "room", all + step.attempt() + step.input() + step.path());
          fails("no");
        });
    try (Durable durable = db.start(flow, child, broken)) {
      UUID id = durable.startAndSend(flow, "x", GO, "g").id();
      ended(durable, id, ExecutionStatus.COMPENSATED);
      assertThat(durable.children(id)).hasSize(3);
    }
    assertThat(ran).containsExactly("effect", "room efgTimedOutcFAILEDfalsefalse1xbody");
  }

  @Test
  @DisplayName("passes by a sleep, whose end is committed only with the body's")
  void sleeps() {
    Workflow<String, Void> flow =
        Workflow.of(
            "sleeps",
            String.class,
            (text, step) -> {
              step.sleep("rest", ofMillis(1));
              book(step, "room", "r");
              entries.incrementAndGet();
              new CountDownLatch(1).await();
            },
            with -> with.compensateOn(CompensationTrigger.CANCEL));
    try (Durable durable = db.start(flow)) {
      UUID id = durable.start(flow, "x").id();
      Gate.until(() -> entries.get() == 1);
      durable.cancel(id, "no longer wanted");
      ended(durable, id, ExecutionStatus.COMPENSATED);
    }
    assertThat(ran).containsExactly("room r");
  }

  @Test
  @DisplayName("finds what other threads of the body have done")
  void threads() {
    Workflow<String, Void> flow = flow("threads");
    next.set(
        step -> {
          List<CompletableFuture<Void>> both =
              List.of("a", "b").stream()
                  .map(
                      name ->
                          CompletableFuture.runAsync(
                              () -> {
                                try {
                                  if (name.equals("b") && entries.get() > 1) {
                                    step.run("new", () -> ran.add("new"));
                                  }
                                  book(step, name, "");
                                } catch (Exception failed) {
                                  throw new IllegalStateException(failed);
                                }
                              }))
                  .toList();
          if (entries.get() > 1) {
            // What ends one thread does not end the others.
            assertThatThrownBy(() -> both.get(1).join()).hasRootCauseInstanceOf(Error.class);
          } else {
            both.get(1).join();
          }
          book(step, "c", "");
          both.get(0).join();
          fails("no");
        });
    try (Durable durable = db.start(flow)) {
      UUID id = durable.start(flow, "x").id();
      Execution execution = ended(durable, id, ExecutionStatus.COMPENSATION_FAILED);
      assertThat(problem(execution)).contains("came to 'body/new', which is not remembered");
    }
    assertThat(ran).containsExactlyInAnyOrder("a ", "c ");
  }

  // ---- what is not ----

  @SuppressWarnings("ImmutableEnumChecker") // Lambdas without state.
  enum Call {
    RUN(step -> step.run("more", () -> NEW.run())),
    RETRIED(step -> step.run("more", () -> NEW.run(), with -> with.retry(RetryPolicy.none()))),
    TRANSACTION(step -> step.transaction("more", tx -> NEW.run())),
    AWAIT(step -> step.await("more", NEVER)),
    AWAIT_LIMITED(step -> step.await("more", NEVER, ofHours(1))),
    AWAIT_ANY(step -> step.awaitAny("more", any -> any.on(NEVER, s -> s))),
    ASK(step -> step.ask("more", Question.text("Who?"))),
    CALL(step -> step.call("more", CHILD, "x")),
    START(step -> step.start("more", CHILD, "x")),
    ON_COMPENSATE(step -> step.onCompensate("more", undo -> NEW.run()));

    final Body body;

    Call(Body body) {
      this.body = body;
    }
  }

  @ParameterizedTest
  @EnumSource(Call.class)
  @Proves("G3")
  @DisplayName("does nothing: the first call that is not remembered ends it, even if it is caught")
  void doesNothing(Call call) {
    Workflow<String, Void> flow = flow("does_nothing_" + call);
    next.set(
        step -> {
          book(step, "room", "r");
          if (entries.get() > 1) {
            try {
              call.body.run(step);
              ran.add("went on");
            } catch (Throwable left) {
              ran.add(left.getClass().getSimpleName());
            }
          }
          book(step, "car", "c");
          fails("no");
        });
    try (Durable durable = db.start(flow, CHILD)) {
      UUID id = durable.start(flow, "x").id();
      Execution execution = ended(durable, id, ExecutionStatus.COMPENSATION_FAILED);
      assertThat(problem(execution))
          .isEqualTo(
              "'body/car' is to be undone by 'free', but the body of 'body', entered once more,"
                  + " came to 'body/more', which is not remembered before it said how. Register a"
                  + " body that comes to 'car' and undoes it by 'free', then retry the"
                  + " execution.");
      assertThat(ran).containsExactly("SuspendedError", "room r");
      assertThat(history(durable, id))
          .containsExactly(
              "effect body/room completed",
              "effect body/car completed",
              "step body failed",
              "compensation body/room~free completed");
      assertThat(durable.children(id)).isEmpty();
      assertThat(durable.waits(id)).isEmpty();
      assertThat(DONE).hasValue(0);
      assertThat(durable.find(id).orElseThrow().error().message()).isEqualTo("no");
    }
  }

  @Test
  @Proves("R-078")
  @DisplayName("without a compensation that is recorded: a failure that a deploy and a retry mend")
  void missing() {
    Workflow<String, Void> flow = flow("missing");
    Body good =
        step -> {
          book(step, "room", "r");
          fails("no");
        };
    next.set(
        step -> {
          if (entries.get() == 1) {
            good.run(step);
          }
        });
    try (Durable durable = db.start(flow)) {
      UUID id = durable.start(flow, "x").id();
      assertThat(problem(ended(durable, id, ExecutionStatus.COMPENSATION_FAILED)))
          .contains("'body/room'", "'free'", "came to its end before it said how");
      next.set(step -> step.run("room", () -> {}, with -> with.compensate("let", none -> {})));
      durable.retry(id);
      assertThat(problem(ended(durable, id, ExecutionStatus.COMPENSATION_FAILED)))
          .contains("'body/room' is to be undone by 'free', but", "now calls that 'let'");
      next.set(step -> fails("lost"));
      durable.retry(id);
      assertThat(problem(ended(durable, id, ExecutionStatus.COMPENSATION_FAILED)))
          .contains("threw java.lang.IllegalStateException: lost");
      assertThat(ran).isEmpty();
      next.set(good);
      durable.retry(id);
      ended(durable, id, ExecutionStatus.COMPENSATED);
      assertThat(ran).containsExactly("room r");
    }
  }

  @Test
  @DisplayName("is ended by the timeout of its step")
  void timeout() {
    Workflow<String, String> flow =
        Workflow.define("entry_timeout", String.class)
            .step(
                "body",
                (text, step) -> {
                  if (entries.incrementAndGet() > 1) {
                    new CountDownLatch(1).await();
                  }
                  book(step, "room", "r");
                  return fails("no");
                },
                with -> with.timeout(ofMillis(100)))
            .build();
    try (Durable durable = db.start(flow)) {
      UUID id = durable.start(flow, "x").id();
      assertThat(problem(ended(durable, id, ExecutionStatus.COMPENSATION_FAILED)))
          .contains("took longer than its timeout");
    }
  }

  @Test
  @DisplayName("finds the failure of an effect that an operator's retry would have set aside")
  void afterARetry() {
    Workflow<String, Void> flow = flow("after_a_retry");
    AtomicInteger refused = new AtomicInteger();
    next.set(
        step -> {
          step.onCompensate("first", undo -> ran.add("first"));
          try {
            step.run("broken", () -> fails("b"), with -> with.retry(RetryPolicy.none()));
          } catch (EffectFailedException failed) {
            step.onCompensate(
                "second",
                undo -> {
                  if (refused.incrementAndGet() == 1) {
                    fails("not yet");
                  }
                  ran.add("second");
                });
            fails("no");
          }
        });
    try (Durable durable = db.start(flow)) {
      UUID id = durable.start(flow, "x").id();
      ended(durable, id, ExecutionStatus.COMPENSATION_FAILED);
      durable.retry(id);
      ended(durable, id, ExecutionStatus.COMPENSATED);
      assertThat(ran).containsExactly("first", "second");
    }
  }

  // ---- where it is refused ----

  @SuppressWarnings("ImmutableEnumChecker") // Lambdas without state.
  enum Refused {
    TWICE(
        step ->
            step.run("a", () -> {}, with -> with.compensate("u", n -> {}).compensate("v", n -> {})),
        "have the compensation 'u' already"),
    NAME(
        step -> step.run("a", () -> {}, with -> with.compensate("a/b", n -> {})),
        "'body/a' has a '/', '[', ']', '~' or control character"),
    BLANK(step -> step.onCompensate(" ", undo -> {}), "is blank"),
    SAME_NAME(
        step -> {
          step.run("a", () -> {});
          step.onCompensate("a", undo -> {});
        },
        "asks twice for 'a'"),
    WITHIN(
        step -> step.run("a", () -> step.run("b", () -> {}, with -> with.compensate("u", n -> {}))),
        "'body/b' cannot be undone by 'u': it is part of effect 'body/a'"),
    NULL(step -> step.onCompensate("a", null), "undo"),
    NULL_NAME(step -> step.run("a", () -> {}, with -> with.compensate(null, n -> {})), "name");

    final Body body;
    final String message;

    Refused(Body body, String message) {
      this.body = body;
      this.message = message;
    }
  }

  @ParameterizedTest
  @EnumSource(Refused.class)
  @DisplayName("is made sure of where a compensation is given")
  void refused(Refused refused) {
    Workflow<String, Void> flow = flow("refused_" + refused);
    next.set(refused.body);
    try (Durable durable = db.start(flow)) {
      assertThatThrownBy(() -> durable.start(flow, "x").result(SOON))
          .hasMessageContaining(refused.message);
    }
  }

  @Test
  @DisplayName("is not possible for an at-most-once step, nor for a compensation")
  void neverTwice() {
    Workflow<String, String> once =
        Workflow.define("undo_once", String.class)
            .step(
                "body",
                (text, step) -> {
                  step.onCompensate("u", undo -> {});
                  return text;
                },
                with -> with.atMostOnce())
            .build();
    Workflow<String, Void> twice = flow("undo_undo");
    next.set(
        step -> {
          step.onCompensate(
              "u", undo -> undo.run("a", () -> {}, with -> with.compensate("v", n -> {})));
          fails("no");
        });
    try (Durable durable = db.start(once, twice)) {
      assertThatThrownBy(() -> durable.start(once, "x").result(SOON))
          .hasMessageContaining("its at-most-once step is never begun twice");
      UUID id = durable.start(twice, "x").id();
      untilStatus(durable, id, ExecutionStatus.COMPENSATION_FAILED);
      assertThat(durable.find(id).orElseThrow().compensations().getFirst().error().message())
          .contains("part of a compensation, which is not undone itself");
    }
  }

  @Test
  @DisplayName("Options without a compensation, and with one")
  void options() {
    assertThat(EffectOptions.<String>of(with -> {}).compensation()).isEmpty();
    assertThat(
            EffectOptions.<String>of(with -> with.compensate("u", (done, undo) -> {}))
                .compensation()
                .orElseThrow()
                .name())
        .isEqualTo("u");
  }
}
