package dev.durable.acceptance;

import static dev.durable.acceptance.Waits.PAID;
import static dev.durable.acceptance.Waits.SHIPPED;
import static dev.durable.acceptance.Waits.body;
import static dev.durable.testing.DurableFixture.SOON;
import static dev.durable.testing.DurableFixture.steps;
import static dev.durable.testing.DurableFixture.untilStatus;
import static java.time.Duration.ZERO;
import static java.time.Duration.ofDays;
import static java.time.Duration.ofMillis;
import static org.assertj.core.api.Assertions.assertThat;

import dev.durable.Durable;
import dev.durable.execution.ExecutionHandle;
import dev.durable.execution.ExecutionStatus;
import dev.durable.question.Approval;
import dev.durable.question.OpenQuestion;
import dev.durable.question.Question;
import dev.durable.retry.RetryPolicy;
import dev.durable.testing.DatabaseExtension;
import dev.durable.testing.Gate;
import dev.durable.testing.TestDatabase;
import dev.durable.workflow.BranchBody;
import dev.durable.workflow.ForkedBranches;
import dev.durable.workflow.StepContext;
import dev.durable.workflow.Workflow;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

@ExtendWith(DatabaseExtension.class)
@DisplayName("Beside a branch of a body whose effect runs, the wait of another one")
@Tag("newest")
class BodyForkWaitsTest {

  private static final Workflow<String, String> CHILD =
      Workflow.of(
          "beside_child", String.class, String.class, (text, step) -> step.await("c", SHIPPED));

  private final TestDatabase db;
  private final Notes ran = new Notes();
  private final Gate gate = new Gate();

  BodyForkWaitsTest(TestDatabase db) {
    this.db = db;
  }

  /** What a branch waits for, and how that comes. */
  enum Wait {
    SLEEP {
      @Override
      void await(StepContext<?> branch, AtomicInteger calls) {
        branch.sleep("nap", ofMillis(200));
      }
    },
    LIMIT {
      @Override
      void await(StepContext<?> branch, AtomicInteger calls) {
        branch.await("late", PAID, ofMillis(200));
      }
    },
    EVENT {
      @Override
      void await(StepContext<?> branch, AtomicInteger calls) {
        branch.await(PAID);
      }

      @Override
      void end(Durable durable, UUID id) {
        Gate.until(() -> !durable.waits(id).isEmpty());
        durable.send(id, PAID, "p");
      }
    },
    EVENT_AFTER_ANOTHER {
      @Override
      void await(StepContext<?> branch, AtomicInteger calls) {
        branch.await(PAID);
        branch.await(SHIPPED);
      }

      @Override
      void end(Durable durable, UUID id) {
        durable.send(id, PAID, "p");
        Gate.until(() -> durable.waits(id).stream().anyMatch(w -> w.path().contains("shipped")));
        durable.send(id, SHIPPED, "s");
      }
    },
    QUESTION {
      @Override
      void await(StepContext<?> branch, AtomicInteger calls) {
        branch.ask("boss", Question.approval("?"));
      }

      @Override
      void end(Durable durable, UUID id) {
        answer(durable, id);
      }
    },
    CHILD_CALL {
      @Override
      void await(StepContext<?> branch, AtomicInteger calls) {
        branch.call(CHILD, "c");
      }

      @Override
      void end(Durable durable, UUID id) {
        Gate.until(() -> steps(durable, id).stream().anyMatch(row -> row.contains("beside_child")));
        UUID child =
            durable.steps(id).stream()
                .filter(row -> row.childId() != null)
                .findFirst()
                .orElseThrow()
                .childId();
        durable.send(child, SHIPPED, "s");
      }
    },
    RETRY {
      @Override
      void await(StepContext<?> branch, AtomicInteger calls) throws Exception {
        branch.run(
            "flaky",
            () -> {
              if (calls.incrementAndGet() < 3) {
                throw new IllegalStateException("not yet");
              }
            },
            with -> with.retry(RetryPolicy.constant(ofMillis(100))));
      }
    },
    NESTED {
      @Override
      void await(StepContext<?> branch, AtomicInteger calls) throws Exception {
        ForkedBranches<?> inner = branch.parallel("inner");
        inner.branch("nap", each -> each.sleep("nap", ofMillis(100)));
        inner.branch("paid", each -> each.await(PAID));
        inner.join();
      }

      @Override
      void end(Durable durable, UUID id) {
        EVENT.end(durable, id);
      }
    };

    abstract void await(StepContext<?> branch, AtomicInteger calls) throws Exception;

    void end(Durable durable, UUID id) {}
  }

  private static void answer(Durable durable, UUID id) {
    Gate.until(() -> !durable.questions().open(id).isEmpty());
    durable.questions().answer(id, "boss", Approval.approved("boss"));
  }

  private BranchBody<String, String> waiting(Wait wait, AtomicInteger calls) {
    return branch -> {
      wait.await(branch, calls);
      branch.run("after", () -> ran.add("after"));
      return "waited";
    };
  }

  @ParameterizedTest
  @EnumSource(Wait.class)
  @DisplayName("begins at once, and its branch goes on when it is over")
  void goesOn(Wait wait) {
    AtomicInteger calls = new AtomicInteger();
    Workflow<String, String> flow =
        body(
            "beside_" + wait,
            (text, step) -> {
              ForkedBranches<String> par = step.parallel("p");
              par.branch("works", branch -> branch.run("gate", gate::pass));
              var waits = par.branch("waits", String.class, waiting(wait, calls));
              par.join();
              return waits.get();
            });
    try (Durable durable = db.start(flow, CHILD)) {
      ExecutionHandle<String> handle = durable.start(flow, "x");
      gate.awaitReached();
      wait.end(durable, handle.id());
      Gate.until(() -> ran.all().contains("after"));
      assertThat(handle.status()).isEqualTo(ExecutionStatus.RUNNING);
      gate.open();
      assertThat(handle.result(SOON)).isEqualTo("waited");
      assertThat(ran).containsOnlyOnce("after");
      assertThat(durable.waits(handle.id())).isEmpty();
      assertThat(durable.unread(handle.id())).isEmpty();
      assertThat(steps(durable, handle.id())).noneMatch(row -> row.endsWith(" waiting"));
    }
  }

  @ParameterizedTest
  @EnumSource(Wait.class)
  @DisplayName("wins if one is enough, and the effect is interrupted")
  void wins(Wait wait) {
    AtomicInteger calls = new AtomicInteger();
    Workflow<String, String> flow =
        body(
            "wins_" + wait,
            (text, step) -> {
              ForkedBranches<String> par = step.parallel("p", with -> with.any());
              var works = par.branch("works", branch -> branch.run("gate", gate::pass));
              var waits = par.branch("waits", String.class, waiting(wait, calls));
              par.join();
              return waits.get() + " " + works.outcome().getClass().getSimpleName();
            });
    try (Durable durable = db.start(flow, CHILD)) {
      ExecutionHandle<String> handle = durable.start(flow, "x");
      wait.end(durable, handle.id());
      assertThat(handle.result(SOON)).isEqualTo("waited Cancelled");
      assertThat(ran).containsOnlyOnce("after");
    }
  }

  @ParameterizedTest
  @EnumSource(Wait.class)
  @DisplayName("of an item does so, too, and its place is free meanwhile")
  void ofItems(Wait wait) {
    AtomicInteger calls = new AtomicInteger();
    Workflow<String, String> flow =
        body(
            "items_" + wait,
            (text, step) -> {
              step.forEach(
                  "each",
                  List.of("works", "waits"),
                  (item, branch) -> {
                    if (item.equals("works")) {
                      branch.run("gate", gate::pass);
                    } else {
                      wait.await(branch, calls);
                      branch.run("after", () -> ran.add("after"));
                    }
                  },
                  with -> with.concurrency(2));
              return "done";
            });
    try (Durable durable = db.start(flow, CHILD)) {
      ExecutionHandle<String> handle = durable.start(flow, "x");
      gate.awaitReached();
      wait.end(durable, handle.id());
      Gate.until(() -> ran.all().contains("after"));
      gate.open();
      assertThat(handle.result(SOON)).isEqualTo("done");
    }
  }

  /** A question in one branch, and in another one an effect that fails when it is told to. */
  private Workflow<String, String> asking(String name, Runnable effect) {
    return Workflow.define(name, String.class)
        .step(
            "body",
            (text, step) -> {
              ForkedBranches<String> par = step.parallel("p");
              par.branch("works", branch -> branch.run("gate", effect::run));
              par.branch("asks", branch -> branch.ask("boss", Question.approval("?")));
              par.join();
              return "joined";
            },
            with -> with.retry(RetryPolicy.constant(ZERO).maxAttempts(3)))
        .build();
  }

  private static OpenQuestion question(Durable durable, UUID id) {
    Gate.until(() -> !durable.questions().open(id).isEmpty());
    assertThat(durable.questions().open(id)).hasSize(1);
    return durable.questions().open(id).getFirst();
  }

  @Test
  @DisplayName("stays open when the effect fails, and the body is tried again")
  void staysOpen() {
    AtomicInteger calls = new AtomicInteger();
    Workflow<String, String> flow =
        asking(
            "stays_open",
            () -> {
              if (calls.incrementAndGet() == 1) {
                gate.passUninterrupted();
                throw new IllegalStateException("once more");
              }
            });
    try (Durable durable = db.start(flow)) {
      ExecutionHandle<String> handle = durable.start(flow, "x");
      OpenQuestion asked = question(durable, handle.id());
      gate.open();
      Gate.until(() -> calls.get() == 2);
      untilStatus(handle, ExecutionStatus.WAITING);
      assertThat(question(durable, handle.id()).insertedAt()).isEqualTo(asked.insertedAt());
      answer(durable, handle.id());
      assertThat(handle.result(SOON)).isEqualTo("joined");
      assertThat(steps(durable, handle.id())).filteredOn(row -> row.contains("boss")).hasSize(1);
    }
  }

  @Test
  @DisplayName("is known to the worker that takes over")
  void takenOver() {
    Gate second = new Gate();
    AtomicInteger calls = new AtomicInteger();
    Workflow<String, String> flow =
        asking(
            "taken_over", () -> (calls.incrementAndGet() == 1 ? gate : second).passUninterrupted());
    try (Durable lost = db.start(flow)) {
      ExecutionHandle<String> handle = lost.start(flow, "x");
      OpenQuestion asked = question(lost, handle.id());
      db.expireLeases();
      try (Durable other = db.start(flow)) {
        second.awaitReached();
        assertThat(question(other, handle.id()).insertedAt()).isEqualTo(asked.insertedAt());
        answer(other, handle.id());
        second.open();
        gate.open();
        assertThat(other.handle(handle.id(), flow).result(SOON)).isEqualTo("joined");
        assertThat(steps(other, handle.id())).filteredOn(row -> row.contains("boss")).hasSize(1);
      } finally {
        second.open();
        gate.open();
      }
    }
  }

  @Test
  @DisplayName("is closed when the execution is cancelled")
  void cancelled() {
    Workflow<String, String> flow = asking("closed", gate::passUninterrupted);
    try (Durable durable = db.start(flow)) {
      ExecutionHandle<String> handle = durable.start(flow, "x");
      question(durable, handle.id());
      durable.cancel(handle.id());
      gate.open();
      untilStatus(handle, ExecutionStatus.CANCELLED);
      assertThat(durable.questions().open(handle.id())).isEmpty();
    }
  }

  @Test
  @DisplayName("costs nothing as long as it is not over")
  void isNotLookedAtAllTheTime() {
    AtomicInteger entered = new AtomicInteger();
    Workflow<String, String> flow =
        body(
            "quiet",
            (text, step) -> {
              ForkedBranches<String> par = step.parallel("p");
              par.branch("works", branch -> branch.run("gate", gate::pass));
              par.branch(
                  "waits",
                  branch -> {
                    entered.incrementAndGet();
                    branch.sleep("days", ofDays(1));
                  });
              par.branch("paid", branch -> branch.await(PAID));
              par.join();
              return "done";
            });
    try (Durable durable = db.start(flow)) {
      ExecutionHandle<String> handle = durable.start(flow, "x");
      Gate.until(() -> !durable.waits(handle.id()).isEmpty());
      durable.send(handle.id(), PAID, "p");
      Gate.until(() -> steps(durable, handle.id()).contains("body/p/paid completed"));
      assertThat(entered).hasValue(1);
      gate.open();
      untilStatus(handle, ExecutionStatus.WAITING);
      db.letPass(ofDays(2));
      assertThat(handle.result(SOON)).isEqualTo("done");
      assertThat(entered).hasValue(2);
    }
  }
}
