package dev.durable.acceptance;

import static dev.durable.testing.DurableFixture.SOON;
import static dev.durable.testing.DurableFixture.failureOf;
import static dev.durable.testing.DurableFixture.untilStatus;
import static dev.durable.testing.DurableFixture.untilWaiting;
import static java.time.Duration.ZERO;
import static java.time.Duration.ofDays;
import static java.time.Duration.ofHours;
import static java.time.Duration.ofMillis;
import static java.time.Duration.ofMinutes;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.durable.Durable;
import dev.durable.execution.ErrorInfo;
import dev.durable.execution.ExecutionHandle;
import dev.durable.execution.ExecutionStatus;
import dev.durable.retry.NonRetryableException;
import dev.durable.retry.RetryAfterException;
import dev.durable.retry.RetryPolicy;
import dev.durable.testing.DatabaseExtension;
import dev.durable.testing.Gate;
import dev.durable.testing.TestDatabase;
import dev.durable.wait.Event;
import dev.durable.workflow.EffectFailedException;
import dev.durable.workflow.EffectOptions;
import dev.durable.workflow.StepContext;
import dev.durable.workflow.Workflow;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@ExtendWith(DatabaseExtension.class)
@DisplayName("An effect with a retry policy")
@Tag("newest")
class EffectRetryTest {

  private static final RetryPolicy AT_ONCE = RetryPolicy.constant(ZERO).maxAttempts(3);
  private static final RetryPolicy HOURLY = RetryPolicy.constant(ofHours(1)).maxAttempts(3);
  private static final RetryPolicy SOON_AGAIN = RetryPolicy.constant(ofMillis(20));
  private static final Event<String> GO = Event.of("go", String.class);

  private final TestDatabase db;
  private final Notes ran = new Notes();
  private final AtomicInteger calls = new AtomicInteger();

  EffectRetryTest(TestDatabase db) {
    this.db = db;
  }

  /** A workflow of one step, which is itself retried. */
  private static Workflow<String, String> flow(String name, Effects.Body body) {
    return Workflow.define(name, String.class)
        .step("body", (text, step) -> body.run(step), with -> with.retry(AT_ONCE))
        .build();
  }

  /** Fails until it has been called so often. */
  private Callable<String> flaky(int succeedsAt) {
    return () -> {
      int call = calls.incrementAndGet();
      ran.add("call " + call);
      if (call < succeedsAt) {
        throw new IllegalStateException("no " + call);
      }
      return "done " + call;
    };
  }

  private static List<String> rows(Durable durable, UUID id) {
    return durable.steps(id).stream()
        .map(row -> row.path() + " " + row.attempt() + " " + row.status().text())
        .toList();
  }

  @Test
  @DisplayName("is tried again in place: each attempt is a row, and the step counts none")
  void inPlace() {
    Workflow<String, String> flow =
        flow(
            "in_place",
            step -> {
              ran.add("body " + step.attempt());
              step.run("before", () -> ran.add("before"));
              return step.run("flaky", String.class, flaky(3), with -> with.retry(AT_ONCE));
            });
    try (Durable durable = db.start(flow)) {
      ExecutionHandle<String> handle = durable.start(flow, "x");
      assertThat(handle.result(SOON)).isEqualTo("done 3");
      assertThat(ran).containsExactly("body 1", "before", "call 1", "call 2", "call 3");
      assertThat(rows(durable, handle.id()))
          .containsExactly(
              "body/before 1 completed",
              "body/flaky 1 failed",
              "body/flaky 2 failed",
              "body/flaky 3 completed",
              "body 1 completed");
      assertThat(durable.steps(handle.id()).get(1).error())
          .satisfies(error -> assertThat(error).isNotNull())
          .extracting(error -> error.message())
          .isEqualTo("no 1");
    }
  }

  @Test
  @DisplayName("holds its execution when its policy parks, whatever the body catches")
  void parks() {
    Workflow<String, String> flow =
        flow(
            "parks",
            step -> {
              try {
                return step.run(
                    "flaky", String.class, flaky(4), with -> with.retry(AT_ONCE.thenPark()));
              } catch (Exception swallowed) {
                return "swallowed";
              }
            });
    try (Durable durable = db.start(flow)) {
      ExecutionHandle<String> handle = durable.start(flow, "x");
      untilStatus(handle, ExecutionStatus.PARKED);
      assertThat(durable.find(handle.id()).orElseThrow().error())
          .satisfies(error -> assertThat(error).isNotNull())
          .extracting(error -> error.type())
          .isEqualTo(ErrorInfo.RETRIES_EXHAUSTED);
      assertThat(ran).containsExactly("call 1", "call 2", "call 3");
      durable.retry(handle.id());
      assertThat(handle.result(SOON)).isEqualTo("done 4");
      assertThat(rows(durable, handle.id()))
          .filteredOn(row -> row.startsWith("body/"))
          .containsExactly(
              "body/flaky 1 failed",
              "body/flaky 2 failed",
              "body/flaky 3 failed",
              "body/flaky 4 completed");
    }
  }

  @Test
  @DisplayName("does not hold an execution that is being undone")
  void compensationsDoNotPark() {
    Workflow<String, String> flow =
        Workflow.define("undone", String.class)
            .step(
                "book",
                text -> text,
                with ->
                    with.compensate(
                        "unbook",
                        (text, undo) ->
                            undo.run(
                                "call",
                                String.class,
                                flaky(9),
                                how -> how.retry(AT_ONCE.thenPark()))))
            .step("pay", text -> failing())
            .build();
    try (Durable durable = db.start(flow)) {
      ExecutionHandle<String> handle = durable.start(flow, "x");
      untilStatus(handle, ExecutionStatus.COMPENSATION_FAILED);
      assertThat(ran).containsExactly("call 1", "call 2", "call 3");
    }
  }

  private static String failing() {
    throw new IllegalStateException("no money");
  }

  @Test
  @DisplayName("rests at no cost until the next attempt is due, also across workers")
  void rests() {
    Workflow<String, String> flow =
        flow(
            "rests",
            step -> {
              ran.add("body " + step.attempt());
              step.run("before", () -> ran.add("before"));
              return step.run("flaky", String.class, flaky(3), with -> with.retry(HOURLY));
            });
    UUID id;
    try (Durable durable = db.start(flow)) {
      id = durable.start(flow, "x").id();
      untilWaiting(durable, id);
      assertThat(rows(durable, id))
          .containsExactly("body/before 1 completed", "body/flaky 1 failed");
      db.letPass(ofHours(1));
      Gate.until(() -> calls.get() == 2);
      untilWaiting(durable, id);
    }
    try (Durable durable = db.start(flow)) {
      untilWaiting(durable, id);
      assertThat(calls).hasValue(2);
      db.letPass(ofHours(1));
      assertThat(durable.handle(id, flow).result(SOON)).isEqualTo("done 3");
      assertThat(ran)
          .containsExactly("body 1", "before", "call 1", "body 1", "call 2", "body 1", "call 3");
    }
  }

  @Test
  @DisplayName("fails, and is counted, although another thread of its body waits already")
  void failsInABodyThatWaits() {
    CountDownLatch begun = new CountDownLatch(1);
    Workflow<String, String> flow =
        flow(
            "left",
            step -> {
              CountDownLatch left = new CountDownLatch(1);
              Thread waiter =
                  Thread.startVirtualThread(
                      () -> {
                        try {
                          begun.await();
                          ran.add("got " + step.await(GO));
                        } catch (InterruptedException | Error suspended) {
                          ran.add("waits");
                        } finally {
                          left.countDown();
                        }
                      });
              Callable<String> flaky = flaky(2);
              try {
                return step.run(
                    "flaky",
                    String.class,
                    () -> {
                      begun.countDown();
                      left.await();
                      return flaky.call();
                    },
                    with -> with.retry(HOURLY));
              } finally {
                waiter.join();
              }
            });
    try (Durable durable = db.start(flow)) {
      ExecutionHandle<String> handle = durable.start(flow, "x");
      untilWaiting(durable, handle.id());
      assertThat(rows(durable, handle.id())).contains("body/flaky 1 failed");
      durable.send(handle.id(), GO, "now");
      Gate.until(() -> durable.unread(handle.id()).isEmpty());
      untilWaiting(durable, handle.id());
      assertThat(calls).hasValue(1);
      db.letPass(ofHours(1));
      assertThat(handle.result(SOON)).isEqualTo("done 2");
      assertThat(ran).containsSubsequence("waits", "call 1", "got now", "call 2");
    }
  }

  @Test
  @DisplayName("waits on when another wait of its body wakes it too early")
  void early() {
    Workflow<String, String> flow =
        flow(
            "early",
            step -> {
              CompletableFuture<Void> event =
                  CompletableFuture.runAsync(() -> ran.add("got " + step.await(GO)));
              try {
                return step.run("flaky", String.class, flaky(2), with -> with.retry(HOURLY));
              } finally {
                event.exceptionally(left -> null).join();
              }
            });
    try (Durable durable = db.start(flow)) {
      ExecutionHandle<String> handle = durable.start(flow, "x");
      untilWaiting(durable, handle.id());
      durable.send(handle.id(), GO, "now");
      Gate.until(() -> ran.iterator().hasNext() && durable.unread(handle.id()).isEmpty());
      untilWaiting(durable, handle.id());
      assertThat(calls).hasValue(1);
      db.letPass(ofHours(1));
      assertThat(handle.result(SOON)).isEqualTo("done 2");
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  @DisplayName("fails after its last attempt, and the step's policy does not try that again")
  void exhausted(boolean wrapped) {
    Workflow<String, String> flow =
        flow(
            "exhausted",
            step -> {
              ran.add("body " + step.attempt());
              try {
                return step.run("flaky", String.class, flaky(99), with -> with.retry(AT_ONCE));
              } catch (EffectFailedException failed) {
                assertThat(failed.error().type()).isEqualTo(IllegalStateException.class.getName());
                assertThat(failed.error().message()).isEqualTo("no 3");
                throw wrapped ? new CompletionException(new IllegalStateException(failed)) : failed;
              }
            });
    try (Durable durable = db.start(flow)) {
      ExecutionHandle<String> handle = durable.start(flow, "x");
      assertThat(failureOf(handle)).contains("no 3");
      assertThat(ran).containsExactly("body 1", "call 1", "call 2", "call 3");
    }
  }

  @Test
  @DisplayName("has failed for good: a body that goes on finds the same whenever it is entered")
  void remembered() {
    Workflow<String, String> flow =
        flow(
            "remembered",
            step -> {
              try {
                return step.run("flaky", String.class, flaky(99), with -> with.retry(AT_ONCE));
              } catch (EffectFailedException failed) {
                return failed.error().message() + ", " + step.await(GO);
              }
            });
    UUID id;
    try (Durable durable = db.start(flow)) {
      id = durable.start(flow, "x").id();
      untilWaiting(durable, id);
    }
    try (Durable durable = db.start(flow)) {
      durable.send(id, GO, "go");
      assertThat(durable.handle(id, flow).result(SOON)).startsWith("no 3, ").contains("go");
      assertThat(calls).hasValue(3);
    }
  }

  @Test
  @DisplayName("is tried anew after an operator's retry")
  void operator() {
    Workflow<String, String> flow =
        flow(
            "operator",
            step -> step.run("flaky", String.class, flaky(5), with -> with.retry(AT_ONCE)));
    try (Durable durable = db.start(flow)) {
      ExecutionHandle<String> handle = durable.start(flow, "x");
      assertThat(failureOf(handle)).contains("no 3");
      durable.retry(handle.id());
      assertThat(durable.handle(handle.id(), flow).result(SOON)).isEqualTo("done 5");
      assertThat(rows(durable, handle.id())).contains("body/flaky 5 completed");
    }
  }

  @Test
  @DisplayName("is not tried again after a NonRetryableException")
  void nonRetryable() {
    Workflow<String, String> flow =
        flow(
            "final",
            step ->
                step.run(
                    "final",
                    String.class,
                    () -> {
                      calls.incrementAndGet();
                      throw new IllegalStateException(new NonRetryableException("never"));
                    },
                    with -> with.retry(AT_ONCE)));
    try (Durable durable = db.start(flow)) {
      assertThat(failureOf(durable.start(flow, "x"))).contains("never");
      assertThat(calls).hasValue(1);
    }
  }

  @Test
  @DisplayName("waits as long as a RetryAfterException says")
  void retryAfter() {
    Workflow<String, String> flow =
        flow(
            "after",
            step ->
                step.run(
                    "busy",
                    String.class,
                    () -> {
                      if (calls.incrementAndGet() == 1) {
                        throw new RetryAfterException("busy", ofDays(1));
                      }
                      return "done";
                    },
                    with -> with.retry(AT_ONCE)));
    try (Durable durable = db.start(flow)) {
      ExecutionHandle<String> handle = durable.start(flow, "x");
      untilWaiting(durable, handle.id());
      assertThat(calls).hasValue(1);
      db.letPass(ofDays(1));
      assertThat(handle.result(SOON)).isEqualTo("done");
    }
  }

  @Test
  @DisplayName("is not tried again when its result cannot be stored")
  void unserialisable() {
    Workflow<String, String> flow =
        flow(
            "unserialisable",
            step -> {
              step.run(
                  "broken",
                  Effects.Unwritable.class,
                  () -> {
                    calls.incrementAndGet();
                    return new Effects.Unwritable("x");
                  },
                  with -> with.retry(AT_ONCE));
              return "never";
            });
    try (Durable durable = db.start(flow)) {
      assertThat(failureOf(durable.start(flow, "x"))).contains("body/broken");
      assertThat(calls).hasValue(1);
    }
  }

  @Test
  @DisplayName("is not tried again when it returns null, unless it is an effect without a result")
  void nulls() {
    Workflow<String, String> flow =
        flow(
            "nulls",
            step -> {
              step.run("nothing", calls::incrementAndGet, with -> with.retry(AT_ONCE));
              return step.run(
                  "null",
                  String.class,
                  () -> {
                    calls.incrementAndGet();
                    return nothing();
                  },
                  with -> with.retry(AT_ONCE));
            });
    try (Durable durable = db.start(flow)) {
      assertThat(failureOf(durable.start(flow, "x"))).contains("'body/null' returned null");
      assertThat(calls).hasValue(2);
    }
  }

  @SuppressWarnings("NullAway") // On purpose.
  private static String nothing() {
    return null;
  }

  @Test
  @DisplayName("may be one of several at once, each with its own attempts")
  void concurrent() {
    AtomicInteger a = new AtomicInteger();
    AtomicInteger b = new AtomicInteger();
    Workflow<String, String> flow =
        flow(
            "concurrent",
            step -> {
              CompletableFuture<String> one = async(step, "a", a, ofMinutes(20));
              CompletableFuture<String> two = async(step, "b", b, ofMinutes(40));
              CompletableFuture.allOf(one, two).exceptionally(left -> null).join();
              return one.join() + two.join();
            });
    try (Durable durable = db.start(flow)) {
      ExecutionHandle<String> handle = durable.start(flow, "x");
      untilWaiting(durable, handle.id());
      db.letPass(ofMinutes(20));
      Gate.until(() -> a.get() == 2);
      untilWaiting(durable, handle.id());
      assertThat(b).hasValue(1);
      db.letPass(ofMinutes(20));
      assertThat(handle.result(SOON)).isEqualTo("ab");
      assertThat(rows(durable, handle.id()))
          .containsExactlyInAnyOrder(
              "body/a 1 failed",
              "body/b 1 failed",
              "body/a 2 completed",
              "body/b 2 completed",
              "body 1 completed");
    }
  }

  private static CompletableFuture<String> async(
      StepContext<String> step, String name, AtomicInteger calls, Duration wait) {
    return CompletableFuture.supplyAsync(
        () -> {
          try {
            return step.run(
                name,
                String.class,
                () -> {
                  if (calls.incrementAndGet() == 1) {
                    throw new IllegalStateException("not yet");
                  }
                  return name;
                },
                with -> with.retry(RetryPolicy.constant(wait)));
          } catch (Exception failure) {
            throw new CompletionException(failure);
          }
        },
        Thread::startVirtualThread);
  }

  @Test
  @DisplayName("is not begun any more once its execution has been cancelled while it rests")
  void cancelled() {
    Workflow<String, String> flow =
        flow(
            "cancelled",
            step -> step.run("flaky", String.class, flaky(99), with -> with.retry(HOURLY)));
    try (Durable durable = db.start(flow)) {
      ExecutionHandle<String> handle = durable.start(flow, "x");
      untilWaiting(durable, handle.id());
      durable.cancel(handle.id());
      untilStatus(handle, ExecutionStatus.CANCELLED);
      assertThat(calls).hasValue(1);
    }
  }

  @Test
  @DisplayName("leaves a body that catches everything")
  void leaves() {
    AtomicBoolean after = new AtomicBoolean();
    Workflow<String, String> flow =
        flow(
            "leaves",
            step -> {
              String result = "none";
              try {
                result = step.run("flaky", String.class, flaky(2), with -> with.retry(HOURLY));
              } catch (Throwable swallowed) {
                step.run("not now", () -> after.set(true));
              }
              return result;
            });
    try (Durable durable = db.start(flow)) {
      ExecutionHandle<String> handle = durable.start(flow, "x");
      untilWaiting(durable, handle.id());
      db.letPass(ofHours(1));
      assertThat(handle.result(SOON)).isEqualTo("done 2");
      assertThat(after).isFalse();
    }
  }

  @Test
  @DisplayName("is refused in an at-most-once step, which is never entered twice")
  void atMostOnce() {
    Workflow<String, String> flow =
        Workflow.define("once", String.class)
            .step(
                "body",
                (text, step) ->
                    step.run("flaky", String.class, flaky(2), with -> with.retry(AT_ONCE)),
                with -> with.atMostOnce())
            .build();
    try (Durable durable = db.start(flow)) {
      assertThat(failureOf(durable.start(flow, "x"))).contains("cannot be retried");
      assertThat(calls).hasValue(0);
    }
  }

  @Test
  @DisplayName("cannot call the body's other effects and waits")
  void closed() {
    Workflow<String, String> flow =
        flow(
            "closed",
            step ->
                step.run(
                    "outer",
                    String.class,
                    () -> step.run("inner", String.class, () -> "never"),
                    with -> with.retry(RetryPolicy.none())));
    try (Durable durable = db.start(flow)) {
      assertThat(failureOf(durable.start(flow, "x"))).contains("asks for 'inner'");
    }
  }

  @Test
  @DisplayName("can be part of a compensation, which rests as well")
  void compensation() {
    Workflow<String, String> flow =
        Workflow.define("undone", String.class)
            .step(
                "book",
                text -> text,
                with ->
                    with.compensate(
                        "give_back",
                        (text, undo) ->
                            undo.run("flaky", String.class, flaky(2), w -> w.retry(SOON_AGAIN))))
            .step(
                "pay",
                text -> {
                  throw new IllegalStateException("no money");
                })
            .build();
    try (Durable durable = db.start(flow)) {
      ExecutionHandle<String> handle = durable.start(flow, "x");
      untilStatus(handle, ExecutionStatus.COMPENSATED);
      assertThat(rows(durable, handle.id()))
          .contains(
              "book~give_back/flaky 1 failed",
              "book~give_back/flaky 2 completed",
              "book~give_back 1 completed");
    }
  }

  @Test
  @DisplayName("Without a policy, what an effect throws goes to the body and nothing is remembered")
  void withoutAPolicy() {
    Workflow<String, String> flow =
        flow("without", step -> step.run("flaky", String.class, flaky(3)));
    try (Durable durable = db.start(flow)) {
      ExecutionHandle<String> handle = durable.start(flow, "x");
      assertThat(handle.result(SOON)).isEqualTo("done 3");
      assertThat(rows(durable, handle.id()))
          .containsExactly(
              "body 1 failed", "body 2 failed", "body/flaky 1 completed", "body 3 completed");
    }
  }

  @Test
  @DisplayName("A null policy is refused where it is given")
  @SuppressWarnings("NullAway") // On purpose.
  void nullPolicy() {
    assertThatThrownBy(() -> EffectOptions.of(with -> with.retry(null)))
        .isInstanceOf(NullPointerException.class);
  }
}
