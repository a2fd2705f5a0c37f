package dev.durable.acceptance;

import static dev.durable.acceptance.Waits.PAID;
import static dev.durable.acceptance.Waits.SHIPPED;
import static dev.durable.acceptance.Waits.body;
import static dev.durable.testing.DurableFixture.SOON;
import static dev.durable.testing.DurableFixture.failureOf;
import static dev.durable.testing.DurableFixture.steps;
import static dev.durable.testing.DurableFixture.untilStatus;
import static dev.durable.testing.DurableFixture.untilWaiting;
import static java.time.Duration.ZERO;
import static java.time.Duration.ofDays;
import static java.time.Duration.ofHours;
import static java.time.Duration.ofMillis;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.durable.Durable;
import dev.durable.execution.ErrorInfo;
import dev.durable.execution.ExecutionHandle;
import dev.durable.execution.ExecutionStatus;
import dev.durable.question.Approval;
import dev.durable.question.Question;
import dev.durable.retry.NonRetryableException;
import dev.durable.retry.RetryPolicy;
import dev.durable.testing.DatabaseExtension;
import dev.durable.testing.Gate;
import dev.durable.testing.TestDatabase;
import dev.durable.workflow.AttemptContext;
import dev.durable.workflow.BranchFailedException;
import dev.durable.workflow.BranchOutcome;
import dev.durable.workflow.ForkedBranch;
import dev.durable.workflow.ForkedBranches;
import dev.durable.workflow.StepContext;
import dev.durable.workflow.StepTimeoutException;
import dev.durable.workflow.Workflow;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(DatabaseExtension.class)
@DisplayName("A parallel in a body")
@Tag("newest")
class BodyParallelTest {

  private static final RetryPolicy AT_ONCE = RetryPolicy.constant(ZERO).maxAttempts(3);

  private final TestDatabase db;
  private final Notes ran = new Notes();

  BodyParallelTest(TestDatabase db) {
    this.db = db;
  }

  private static String text(BranchOutcome<String> outcome) {
    return switch (outcome) {
      case BranchOutcome.Completed<String>(String value) -> value;
      case BranchOutcome.Failed<String>(ErrorInfo error) -> "failed: " + error.message();
      case BranchOutcome.Cancelled<String> cancelled -> "cancelled";
    };
  }

  /** A workflow of one step, which is itself retried. */
  private static Workflow<String, String> retried(String name, Waits.Body body) {
    return Workflow.define(name, String.class)
        .step("body", (text, step) -> body.run(text, step), with -> with.retry(AT_ONCE))
        .build();
  }

  @Nested
  @DisplayName("with results")
  class Results {

    @Test
    @DisplayName("runs its branches at once, and each result is a row")
    void atOnce() {
      CyclicBarrier meeting = new CyclicBarrier(2);
      Workflow<String, String> flow =
          body(
              "at_once",
              (text, step) -> {
                ForkedBranches<String> par = step.parallel("checks");
                ForkedBranch<Integer> fraud =
                    par.run("fraud", Integer.class, () -> meeting.await(30, TimeUnit.SECONDS));
                ForkedBranch<String> review =
                    par.branch(
                        "review",
                        String.class,
                        branch -> {
                          meeting.await(30, TimeUnit.SECONDS);
                          return branch.run("note", String.class, () -> "fine");
                        });
                ForkedBranch<Void> note = par.run("note", () -> ran.add("note"));
                par.join();
                assertThat(note.get()).isNull();
                return (fraud.get() >= 0) + " " + review.get();
              });
      try (Durable durable = db.start(flow)) {
        ExecutionHandle<String> handle = durable.start(flow, "x");
        assertThat(handle.result(SOON)).isEqualTo("true fine");
        assertThat(steps(durable, handle.id()))
            .containsExactlyInAnyOrder(
                "body/checks/fraud completed",
                "body/checks/review/note completed",
                "body/checks/review completed",
                "body/checks/note completed",
                "body completed");
      }
    }

    @Test
    @DisplayName("of branches that have ended are remembered while others wait")
    void remembered() {
      Workflow<String, String> flow =
          body(
              "remembered",
              (text, step) -> {
                ran.add("body");
                ForkedBranches<String> par = step.parallel("checks");
                ForkedBranch<String> one =
                    par.branch("one", String.class, branch -> ran.note("one", "1"));
                ForkedBranch<String> two = par.run("two", String.class, () -> ran.note("two", "2"));
                ForkedBranch<String> paid =
                    par.branch("paid", String.class, branch -> branch.await(PAID));
                ForkedBranch<String> shipped =
                    par.branch(
                        "shipped",
                        String.class,
                        branch -> {
                          branch.run("first", () -> ran.add("first"));
                          return branch.await(SHIPPED) + branch.attempt();
                        });
                par.join();
                return one.get() + two.get() + paid.get() + shipped.get();
              });
      try (Durable durable = db.start(flow)) {
        ExecutionHandle<String> handle = durable.start(flow, "x");
        untilWaiting(durable, handle.id());
        assertThat(BodyEntries.paths(durable, handle.id()))
            .containsExactly("body/checks/paid/payment.success", "body/checks/shipped/shipped");
        durable.send(handle.id(), SHIPPED, "s");
        Gate.until(() -> BodyEntries.paths(durable, handle.id()).size() == 1);
        durable.send(handle.id(), PAID, "p");
        assertThat(handle.result(SOON)).isEqualTo("12ps1");
        assertThat(ran).containsOnlyOnce("one", "two", "first").contains("body");
      }
    }

    @Test
    @DisplayName("of a void branch, and of none at all, are no trouble")
    void none() {
      Workflow<String, String> flow =
          body(
              "none",
              (text, step) -> {
                step.parallel("empty").join();
                ForkedBranches<String> par = step.parallel("checks");
                ForkedBranch<Void> quiet = par.branch("quiet", branch -> ran.add("quiet"));
                par.join();
                step.sleep("later", ofMillis(1));
                assertThat(quiet.get()).isNull();
                return "null";
              });
      assertThat(db.run(flow, "x")).isEqualTo("null");
      assertThat(ran).containsExactly("quiet");
    }

    @Test
    @DisplayName("of branches in branches, with transactions, sleeps, questions and children")
    void everything() {
      Workflow<String, String> child =
          Workflow.of("everything_child", String.class, String.class, (text, step) -> text + "!");
      Workflow<String, String> flow =
          body(
              "everything",
              (text, step) -> {
                ForkedBranches<String> par = step.parallel("outer");
                ForkedBranch<String> inner =
                    par.branch(
                        "inner",
                        String.class,
                        branch -> {
                          ForkedBranches<String> more = branch.parallel("more");
                          ForkedBranch<String> paid =
                              more.branch("paid", String.class, each -> each.await(PAID));
                          ForkedBranch<String> called =
                              more.branch("called", String.class, each -> each.call(child, "c"));
                          more.join();
                          return paid.get() + called.get();
                        });
                ForkedBranch<Boolean> asked =
                    par.branch(
                        "asked",
                        Boolean.class,
                        branch -> branch.ask("boss", Question.approval("?")).approved());
                ForkedBranch<String> slept =
                    par.branch(
                        "slept",
                        String.class,
                        branch -> {
                          branch.sleep("nap", ofMillis(5));
                          return branch.transaction(
                              "sql",
                              String.class,
                              tx -> ran.note("sql", String.valueOf(tx.execution().workflow())));
                        });
                par.join();
                return inner.get() + asked.get() + slept.get();
              });
      try (Durable durable = db.start(flow, child)) {
        ExecutionHandle<String> handle = durable.start(flow, "x");
        Gate.until(() -> !durable.questions().open(handle.id()).isEmpty());
        durable.questions().answer(handle.id(), "boss", Approval.approved("jane"));
        durable.send(handle.id(), PAID, "p");
        assertThat(handle.result(SOON)).isEqualTo("pc!trueeverything");
        assertThat(ran).containsExactly("sql");
      }
    }
  }

  @Nested
  @DisplayName("at rest")
  class Rests {

    @Test
    @DisplayName(
        "rests until the earliest wake of its branches, after all have gone as far as they can")
    void earliest() {
      Gate slow = new Gate();
      Workflow<String, String> flow =
          body(
              "earliest",
              (text, step) -> {
                ForkedBranches<String> par = step.parallel("p");
                par.branch("long", branch -> branch.sleep("days", ofDays(3)));
                par.branch("short", branch -> branch.sleep("hours", ofHours(2)));
                par.branch("event", branch -> branch.await(PAID));
                par.branch(
                    "slow",
                    branch -> {
                      branch.run("gate", slow::pass);
                      branch.await(SHIPPED);
                    });
                par.join();
                return "done";
              });
      try (Durable durable = db.start(flow)) {
        ExecutionHandle<String> handle = durable.start(flow, "x");
        slow.awaitReached();
        Gate.until(() -> durable.waits(handle.id()).size() == 1);
        slow.open();
        untilWaiting(durable, handle.id());
        assertThat(BodyEntries.paths(durable, handle.id())).hasSize(2);
        assertThat(
                db.number(
                    "select round(extract(epoch from wake_at - now()) / 3600)::int"
                        + " from durable.workflow_executions where id = ?::uuid",
                    handle.id().toString()))
            .isEqualTo(2);
        durable.send(handle.id(), PAID, "p");
        durable.send(handle.id(), SHIPPED, "s");
        Gate.until(() -> durable.unread(handle.id()).isEmpty());
        untilWaiting(durable, handle.id());
        db.letPass(ofDays(4));
        assertThat(handle.result(SOON)).isEqualTo("done");
      }
    }

    @Test
    @DisplayName("rests for an effect's next attempt in a branch, which is not run in between")
    void effectRetry() {
      AtomicInteger calls = new AtomicInteger();
      Workflow<String, String> flow =
          body(
              "effect_retry",
              (text, step) -> {
                ForkedBranches<String> par = step.parallel("p");
                ForkedBranch<String> flaky =
                    par.run(
                        "flaky",
                        String.class,
                        () -> {
                          if (calls.incrementAndGet() < 2) {
                            throw new IllegalStateException("not yet");
                          }
                          return "ok";
                        },
                        with -> with.retry(RetryPolicy.constant(ofHours(1))));
                ForkedBranch<String> paid =
                    par.branch("paid", String.class, branch -> branch.await(PAID));
                par.join();
                return flaky.get() + paid.get();
              });
      try (Durable durable = db.start(flow)) {
        ExecutionHandle<String> handle = durable.start(flow, "x");
        untilWaiting(durable, handle.id());
        durable.send(handle.id(), PAID, "p");
        Gate.until(() -> steps(durable, handle.id()).contains("body/p/paid completed"));
        untilWaiting(durable, handle.id());
        assertThat(calls).hasValue(1);
        db.letPass(ofHours(2));
        assertThat(handle.result(SOON)).isEqualTo("okp");
        assertThat(calls).hasValue(2);
      }
    }
  }

  @Nested
  @DisplayName("with a branch that fails")
  class Failures {

    @Test
    @DisplayName("a branch that was stopped because another one broke does not hide why")
    void stoppedHidesNothing() {
      CountDownLatch begun = new CountDownLatch(1);
      Workflow<String, String> flow =
          body(
              "stopped",
              (text, step) -> {
                ForkedBranches<String> par = step.parallel("p");
                par.run(
                    "stopped",
                    () -> {
                      begun.countDown();
                      new CountDownLatch(1).await();
                    });
                par.branch(
                    "broken",
                    branch -> {
                      begun.await();
                      throw new java.io.IOException("broken");
                    });
                par.join();
                return "never";
              });
      try (Durable durable = db.start(flow)) {
        assertThatThrownBy(() -> durable.start(flow, "x").result(SOON))
            .hasMessageContaining("java.io.IOException: broken");
      }
    }

    @Test
    @DisplayName("throws what it throws if another attempt may help: the step's policy decides")
    void retried() {
      AtomicInteger calls = new AtomicInteger();
      Workflow<String, String> flow =
          BodyParallelTest.retried(
              "retried",
              (text, step) -> {
                ForkedBranches<String> par = step.parallel("p");
                ForkedBranch<String> good =
                    par.run("good", String.class, () -> ran.note("good", "g"));
                ForkedBranch<String> bad =
                    par.branch(
                        "bad",
                        String.class,
                        branch -> {
                          if (calls.incrementAndGet() < 3) {
                            Gate.until(() -> ran.iterator().hasNext());
                            throw new java.io.IOException("no " + branch.path());
                          }
                          return "b";
                        });
                par.join();
                return good.get() + bad.get();
              });
      try (Durable durable = db.start(flow)) {
        ExecutionHandle<String> handle = durable.start(flow, "x");
        assertThat(handle.result(SOON)).isEqualTo("gb");
        assertThat(ran).contains("good");
        assertThat(
                durable.steps(handle.id()).stream()
                    .map(
                        row ->
                            row.path() + " " + (row.error() == null ? "" : row.error().message()))
                    .filter(row -> row.contains("no")))
            .containsExactly("body no body/p/bad", "body no body/p/bad");
      }
    }

    @Test
    @DisplayName("fails for good with it, closes the waits of the others, and remembers that")
    void forGood() {
      Workflow<String, String> flow =
          BodyParallelTest.retried(
              "for_good",
              (text, step) -> {
                ran.add("body");
                ForkedBranches<String> par = step.parallel("p");
                par.branch("waits", branch -> branch.await(PAID));
                par.branch(
                    "fails",
                    branch -> {
                      branch.await(SHIPPED);
                      ran.add("fails");
                      throw new NonRetryableException("never");
                    });
                try {
                  par.join();
                } catch (BranchFailedException failed) {
                  assertThat(failed.error().type())
                      .isEqualTo(NonRetryableException.class.getName());
                  step.await("again", SHIPPED);
                  throw failed;
                }
                return "joined";
              });
      try (Durable durable = db.start(flow)) {
        ExecutionHandle<String> handle = durable.start(flow, "x");
        untilWaiting(durable, handle.id());
        durable.send(handle.id(), SHIPPED, "1");
        Gate.until(() -> BodyEntries.paths(durable, handle.id()).equals(List.of("body/again")));
        durable.send(handle.id(), SHIPPED, "2");
        assertThat(failureOf(handle)).contains("'body/p/fails' failed").contains("never");
        assertThat(ran).containsOnlyOnce("fails");
        assertThat(steps(durable, handle.id()))
            .contains("body/p/fails failed", "body/p/waits/payment.success cancelled");
        durable.retry(handle.id());
        Gate.until(() -> Collections.frequency(ran.all(), "fails") == 2);
      }
    }

    @Test
    @DisplayName("interrupts the others, and goes on only when their code has ended")
    void interrupts() {
      AtomicBoolean ended = new AtomicBoolean();
      AtomicReference<Boolean> cancelled = new AtomicReference<>();
      Workflow<String, String> flow =
          body(
              "interrupts",
              (text, step) -> {
                Gate began = new Gate();
                ForkedBranches<String> par = step.parallel("p");
                par.run(
                    "slow",
                    () -> {
                      try {
                        began.pass();
                      } catch (InterruptedException interrupted) {
                        cancelled.set(step.isCancelled());
                        TimeUnit.MILLISECONDS.sleep(20);
                        ended.set(true);
                        throw interrupted;
                      }
                    });
                par.run(
                    "fails",
                    () -> {
                      began.awaitReached();
                      throw new NonRetryableException("no");
                    });
                try {
                  par.join();
                } catch (BranchFailedException failed) {
                  return ended + " " + step.isCancelled() + " " + Thread.interrupted();
                }
                return "joined";
              });
      assertThat(db.run(flow, "x")).isEqualTo("true false false");
      assertThat(cancelled).hasValue(true);
    }

    @Test
    @DisplayName("hands all outcomes to the body if all are to complete, in every entry the same")
    void completeAll() {
      Workflow<String, String> flow =
          BodyParallelTest.retried(
              "complete_all",
              (text, step) -> {
                ForkedBranches<String> par = step.parallel("p", with -> with.completeAll());
                ForkedBranch<String> good = par.run("good", String.class, () -> "g");
                ForkedBranch<String> bad =
                    par.run(
                        "bad",
                        String.class,
                        () -> {
                          ran.add("bad");
                          throw new java.io.IOException("no");
                        });
                ForkedBranch<String> worse =
                    par.run(
                        "worse",
                        String.class,
                        () -> {
                          ran.add("worse");
                          throw new java.io.IOException("never");
                        },
                        with -> with.retry(RetryPolicy.constant(ZERO).maxAttempts(2)));
                par.join();
                step.await(PAID);
                assertThatThrownBy(bad::get)
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("'body/p/bad' failed; ask for its outcome() instead: no");
                return good.get() + "; " + text(bad.outcome()) + "; " + text(worse.outcome());
              });
      try (Durable durable = db.start(flow)) {
        ExecutionHandle<String> handle = durable.start(flow, "x");
        untilWaiting(durable, handle.id());
        durable.send(handle.id(), PAID, "p");
        assertThat(handle.result(SOON)).isEqualTo("g; failed: no; failed: never");
        assertThat(ran).containsExactlyInAnyOrder("bad", "worse", "worse");
      }
    }

    @Test
    @DisplayName("is parked with it, whatever the body catches, and goes on after the retry")
    void parks() {
      AtomicInteger calls = new AtomicInteger();
      Workflow<String, String> flow =
          body(
              "parks",
              (text, step) -> {
                ForkedBranches<String> par = step.parallel("p");
                par.branch("waits", branch -> branch.await(PAID));
                ForkedBranch<String> held =
                    par.run(
                        "held",
                        String.class,
                        () -> {
                          if (calls.incrementAndGet() == 1) {
                            throw new IllegalStateException("once");
                          }
                          return "ok";
                        },
                        with -> with.retry(RetryPolicy.none().thenPark()));
                try {
                  par.join();
                } catch (Exception swallowed) {
                  return "swallowed";
                }
                return held.get();
              });
      try (Durable durable = db.start(flow)) {
        ExecutionHandle<String> handle = durable.start(flow, "x");
        untilStatus(handle, ExecutionStatus.PARKED);
        durable.retry(handle.id());
        Gate.until(() -> durable.waits(handle.id()).size() == 1);
        durable.send(handle.id(), PAID, "p");
        assertThat(handle.result(SOON)).isEqualTo("ok");
        assertThat(calls).hasValue(2);
      }
    }
  }

  @Nested
  @DisplayName("of which some are enough")
  class Enough {

    @Test
    @DisplayName("cancels the children, and closes the waits, of the others")
    void any() {
      Workflow<String, String> child =
          Workflow.of("any_child", String.class, String.class, (text, step) -> step.await(SHIPPED));
      Gate after = new Gate();
      Workflow<String, String> flow =
          body(
              "any",
              (text, step) -> {
                ForkedBranches<String> par = step.parallel("p", with -> with.any());
                ForkedBranch<String> paid =
                    par.branch("paid", String.class, branch -> branch.await(PAID));
                ForkedBranch<String> called =
                    par.branch("called", String.class, branch -> branch.call(child, "c"));
                ForkedBranch<String> asked =
                    par.branch(
                        "asked",
                        String.class,
                        branch -> String.valueOf(branch.ask("boss", Question.approval("?"))));
                par.join();
                step.run("after", after::pass);
                step.await("end", PAID);
                return text(paid.outcome()) + text(called.outcome()) + text(asked.outcome());
              });
      try (Durable durable = db.start(flow, child)) {
        ExecutionHandle<String> handle = durable.start(flow, "x");
        Gate.until(() -> durable.waits(handle.id()).size() == 3);
        UUID called =
            durable.steps(handle.id()).stream()
                .map(row -> row.childId())
                .filter(id -> id != null)
                .findFirst()
                .orElseThrow();
        durable.send(handle.id(), PAID, "p");
        after.awaitReached();
        // While the body still runs.
        assertThat(durable.waits(handle.id())).isEmpty();
        assertThat(durable.questions().open(handle.id())).isEmpty();
        untilStatus(durable, called, ExecutionStatus.CANCELLED);
        after.open();
        Gate.until(() -> durable.waits(handle.id()).size() == 1);
        durable.send(handle.id(), PAID, "end");
        assertThat(handle.result(SOON)).isEqualTo("pcancelledcancelled");
      }
    }

    @Test
    @DisplayName("fails when too few can complete")
    void outOfReach() {
      Workflow<String, String> flow =
          body(
              "out_of_reach",
              (text, step) -> {
                ForkedBranches<String> par = step.parallel("p", with -> with.quorum(2));
                par.run("a", String.class, () -> "a");
                par.run("b", Effect.failing("b"));
                par.run("c", Effect.failing("c"));
                par.join();
                return "joined";
              });
      try (Durable durable = db.start(flow)) {
        assertThat(failureOf(durable.start(flow, "x")))
            .contains("quorum_not_reached")
            .contains("needs 2 of its 3 branches, but 2 have failed; the first with: b");
      }
    }

    @Test
    @DisplayName("of branches that are too few from the start is refused")
    void tooFew() {
      Workflow<String, String> flow =
          body(
              "too_few",
              (text, step) -> {
                ForkedBranches<String> par = step.parallel("p", with -> with.quorum(2));
                par.run("a", () -> ran.add("a"));
                par.join();
                return "joined";
              });
      try (Durable durable = db.start(flow)) {
        assertThat(failureOf(durable.start(flow, "x"))).contains("needs 2 branches, but has 1");
        assertThat(ran).isEmpty();
      }
    }
  }

  /** Effects without results. */
  private interface Effect {
    static dev.durable.workflow.EffectAction failing(String why) {
      return () -> {
        throw new java.io.IOException(why);
      };
    }
  }

  @Nested
  @DisplayName("of a body that ends")
  class Ends {

    @Test
    @DisplayName("refuses calls on the context of a branch that has ended, in whatever way")
    void pastContexts() {
      Workflow<String, String> flow =
          body(
              "past_contexts",
              (text, step) -> {
                List<StepContext<?>> past = new CopyOnWriteArrayList<>();
                ForkedBranches<String> par = step.parallel("p", with -> with.completeAll());
                par.branch("good", past::add);
                par.branch(
                    "bad",
                    branch -> {
                      past.add(branch);
                      throw new NonRetryableException("bad");
                    });
                par.join();
                for (StepContext<?> branch : past) {
                  assertThatThrownBy(() -> branch.run("late", () -> ran.add("late")))
                      .isInstanceOf(IllegalStateException.class)
                      .hasMessage(
                          "The context of '"
                              + branch.path()
                              + "' is asked for 'late', but the code that it was given to has"
                              + " ended. Ask the context of the code that is running.");
                }
                return past.size() + step.run("now", String.class, () -> "!");
              });
      try (Durable durable = db.start(flow)) {
        assertThat(durable.start(flow, "x").result(SOON)).isEqualTo("2!");
        assertThat(ran).isEmpty();
      }
    }

    @Test
    @DisplayName("without joining it fails, and no branch has run")
    void unjoined() {
      Workflow<String, String> flow =
          body(
              "unjoined",
              (text, step) -> {
                step.parallel("p").run("a", () -> ran.add("a"));
                return "done";
              });
      try (Durable durable = db.start(flow)) {
        assertThat(failureOf(durable.start(flow, "x")))
            .contains("without joining parallel 'body/p'");
        assertThat(ran).isEmpty();
      }
    }

    @Test
    @DisplayName("by its timeout interrupts the branches, and what they do then is lost")
    void timeout() {
      Gate held = new Gate();
      Gate over = new Gate();
      AtomicInteger entries = new AtomicInteger();
      Workflow<String, String> flow =
          Workflow.define("timeout", String.class)
              .step(
                  "body",
                  (text, step) -> {
                    if (entries.incrementAndGet() > 1) {
                      return "second";
                    }
                    ForkedBranches<String> par = step.parallel("p");
                    par.branch(
                        "held",
                        branch -> {
                          try {
                            held.pass();
                          } catch (InterruptedException interrupted) {
                            ran.add("interrupted " + branch.isCancelled());
                          }
                          try {
                            branch.run("late", () -> ran.add("late"));
                          } finally {
                            over.open();
                          }
                        });
                    par.join();
                    return "first";
                  },
                  with ->
                      with.timeout(ofMillis(100)).retry(RetryPolicy.constant(ZERO).maxAttempts(2)))
              .build();
      try (Durable durable = db.start(flow)) {
        ExecutionHandle<String> handle = durable.start(flow, "x");
        assertThat(handle.result(SOON)).isEqualTo("second");
        over.pass();
        assertThat(ran).containsExactly("interrupted true");
        assertThat(durable.steps(handle.id()).getFirst().error().type())
            .isEqualTo(StepTimeoutException.class.getName());
      } catch (InterruptedException e) {
        throw new AssertionError(e);
      }
    }

    @Test
    @DisplayName("by a cancel of the execution interrupts the branches")
    void cancelled() {
      Gate held = new Gate();
      Gate interrupted = new Gate();
      Workflow<String, String> flow =
          body(
              "cancelled",
              (text, step) -> {
                ForkedBranches<String> par = step.parallel("p");
                par.branch(
                    "outer",
                    branch -> {
                      ForkedBranches<String> more = branch.parallel("more");
                      more.run(
                          "held",
                          () -> {
                            try {
                              held.pass();
                            } finally {
                              interrupted.open();
                            }
                          });
                      more.join();
                    });
                par.join();
                return "done";
              });
      try (Durable durable = db.start(flow)) {
        ExecutionHandle<String> handle = durable.start(flow, "x");
        held.awaitReached();
        durable.cancel(handle.id(), "stop");
        untilStatus(handle, ExecutionStatus.CANCELLED);
        interrupted.passUninterrupted();
      }
    }
  }

  @Nested
  @DisplayName("has branches")
  class Branches {

    @Test
    @DisplayName("whose context and key are their own, and their effects'")
    void contexts() {
      Workflow<String, String> flow =
          body(
              "contexts",
              (text, step) -> {
                ForkedBranches<String> par = step.parallel("p");
                ForkedBranch<String> effect =
                    par.run("a", String.class, () -> key(step) + " " + here());
                ForkedBranch<String> own =
                    par.branch(
                        "b",
                        String.class,
                        branch -> {
                          assertThat(AttemptContext.current()).isSameAs(branch);
                          assertThat(key(branch)).isEqualTo(key(step));
                          return key(branch)
                              + " "
                              + branch.run("c", String.class, () -> key(step) + key(branch));
                        });
                par.join();
                assertThat(AttemptContext.current()).isSameAs(step);
                return effect.get() + ", " + own.get() + ", " + key(step);
              });
      assertThat(db.run(flow, "x"))
          .isEqualTo("body/p/a body/p/a, body/p/b body/p/b/cbody/p/b/c, body");
    }

    private String here() {
      return AttemptContext.current().path();
    }

    private String key(AttemptContext<?> context) {
      String key = context.idempotencyKey();
      return key.substring(key.indexOf('/') + 1);
    }

    @Test
    @DisplayName("of any name, of which each is used once, before the join")
    void names() {
      Workflow<String, String> flow =
          body(
              "names",
              (text, step) -> {
                ForkedBranches<String> par = step.parallel("a/b[1]");
                ForkedBranch<String> one = par.run("x/y~[*]", String.class, () -> "1");
                assertThatThrownBy(one::get).hasMessageContaining("has not been joined");
                assertThatThrownBy(() -> par.run("x/y~[*]", () -> {}))
                    .hasMessageContaining("has two branches");
                assertThatThrownBy(() -> par.run("a\0", () -> {}))
                    .isInstanceOf(IllegalArgumentException.class);
                assertThatThrownBy(() -> step.run("a/b[1]", () -> {}))
                    .hasMessageContaining("asks twice for 'a/b[1]'");
                par.join();
                assertThatThrownBy(par::join).hasMessageContaining("has been joined already");
                assertThatThrownBy(() -> par.run("late", () -> {}))
                    .hasMessageContaining("takes no branch 'late'");
                return one.get();
              });
      assertThat(db.run(flow, "x")).isEqualTo("1");
    }

    @Test
    @DisplayName("that cannot be null in any part")
    void nulls() {
      Workflow<String, String> flow =
          body(
              "nulls",
              (text, step) -> {
                ForkedBranches<String> par = step.parallel("p");
                for (Map.Entry<String, org.assertj.core.api.ThrowableAssert.ThrowingCallable> each :
                    Nulls.in(step, par).entrySet()) {
                  assertThatThrownBy(each.getValue())
                      .isInstanceOf(NullPointerException.class)
                      .hasMessage(each.getKey());
                }
                par.join();
                return "refused";
              });
      assertThat(db.run(flow, "x")).isEqualTo("refused");
    }

    @Test
    @DisplayName("whose names stay theirs: used for something else later, the execution is parked")
    void otherPurpose() {
      AtomicBoolean changed = new AtomicBoolean();
      Workflow<String, String> flow =
          body(
              "other_purpose",
              (text, step) -> {
                if (changed.get()) {
                  return step.run("p", String.class, () -> ran.note("effect", "e"));
                }
                ForkedBranches<String> par = step.parallel("p");
                par.run("a", () -> ran.add("a"));
                par.join();
                return step.await(PAID);
              });
      try (Durable durable = db.start(flow)) {
        ExecutionHandle<String> handle = durable.start(flow, "x");
        untilWaiting(durable, handle.id());
        changed.set(true);
        durable.send(handle.id(), PAID, "p");
        untilStatus(handle, ExecutionStatus.PARKED);
        assertThat(durable.find(handle.id()).orElseThrow().error())
            .extracting(error -> error.message())
            .asString()
            .contains("did 'body/p' as a parallel")
            .contains("now uses the name for an effect");
        assertThat(ran).containsExactly("a");
      }
    }
  }

  /** Calls with a null, by what they say. */
  private static final class Nulls {
    @SuppressWarnings({"NullAway", "DataFlowIssue"}) // That is what they are about.
    static Map<String, org.assertj.core.api.ThrowableAssert.ThrowingCallable> in(
        StepContext<String> step, ForkedBranches<String> par) {
      return Map.of(
          "name", () -> step.parallel(null),
          "with", () -> step.parallel("q", null),
          "type", () -> par.run("a", (Class<String>) null, () -> "x"),
          "effect", () -> par.run("a", String.class, null),
          "body", () -> par.branch("a", String.class, null));
    }
  }
}
