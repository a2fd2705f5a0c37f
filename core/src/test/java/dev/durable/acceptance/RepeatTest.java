package dev.durable.acceptance;

import static dev.durable.testing.DurableFixture.SOON;
import static dev.durable.testing.DurableFixture.history;
import static dev.durable.testing.DurableFixture.untilStatus;
import static dev.durable.testing.DurableFixture.untilWaiting;
import static java.time.Duration.ofMillis;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.durable.Durable;
import dev.durable.execution.ExecutionHandle;
import dev.durable.execution.ExecutionStatus;
import dev.durable.execution.StepExecution;
import dev.durable.execution.StepType;
import dev.durable.retry.RetryPolicy;
import dev.durable.testing.DatabaseExtension;
import dev.durable.testing.Proves;
import dev.durable.testing.TestDatabase;
import dev.durable.wait.Event;
import dev.durable.workflow.Decision;
import dev.durable.workflow.Workflow;
import dev.durable.workflow.WorkflowBuilder;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@ExtendWith(DatabaseExtension.class)
@DisplayName("Repeat")
class RepeatTest {

  private final TestDatabase db;
  private final Notes ran = new Notes();

  RepeatTest(TestDatabase db) {
    this.db = db;
  }

  @Test
  @DisplayName("It repeats until the condition holds; only the last round stays in the history")
  void untilTheConditionHolds() {
    Workflow<Integer, Integer> count =
        Workflow.define("count", Integer.class)
            .repeatUntil(
                "more", n -> n >= 50, path -> path.step("add", n -> n + 1).step("same", n -> n))
            .step("end", n -> n * 2)
            .build();
    try (Durable durable = db.start(count)) {
      ExecutionHandle<Integer> handle = durable.start(count, 0);
      assertThat(handle.result(SOON)).isEqualTo(100);
      List<StepExecution> rows = durable.steps(handle.id());
      assertThat(rows).hasSizeLessThanOrEqualTo(6);
      assertThat(rows)
          .filteredOn(row -> row.type() == StepType.REPEAT)
          .singleElement()
          .satisfies(row -> assertThat(row.attempt()).isEqualTo(50));
    }
  }

  @Test
  @DisplayName("A cancel between two rounds closes the repeat's row as well")
  void aCancelBetweenRounds() {
    Workflow<Integer, Integer> poll =
        Workflow.define("cancelled_poll", Integer.class)
            .repeatUntil(
                "poll",
                n -> false,
                path -> path.step("add", n -> n + 1),
                with -> with.every(Duration.ofHours(1)))
            .build();
    try (Durable durable = db.start(poll)) {
      ExecutionHandle<Integer> handle = durable.start(poll, 0);
      untilStatus(handle, ExecutionStatus.WAITING);
      durable.cancel(handle.id());
      assertThat(history(durable, handle.id()))
          .containsExactly("step poll[0]/add completed", "repeat poll cancelled");
    }
  }

  @Test
  @DisplayName("With a pause the execution waits without a thread; the limit fails it")
  void pausesAndLimit() {
    Workflow<Integer, Integer> poll =
        Workflow.define("poll", Integer.class)
            .repeatUntil(
                "poll",
                n -> n > 90,
                path -> path.step("add", n -> ran.note("add", n + 1)),
                with -> with.every(ofMillis(20)).atMost(3))
            .build();
    assertThat(db.run(poll, 88)).isEqualTo(91);
    assertThat(ran).hasSize(3);
    assertThatThrownBy(() -> db.run(poll, 1)).hasMessageContaining("not done after 3 rounds");
  }

  @Test
  @Proves("G3")
  @DisplayName("A repeat that has reached its limit begins no other round")
  void aLimitThatWasReachedStays() {
    AtomicInteger rounds = new AtomicInteger();
    AtomicInteger calls = new AtomicInteger();
    Workflow<Integer, Integer> workflow =
        Workflow.define("limited", Integer.class)
            .parallel(
                "both",
                par -> {
                  par.path(
                      "rounds",
                      Integer.class,
                      path ->
                          path.repeatUntil(
                              "more",
                              n -> false,
                              round -> round.step("add", n -> rounds.incrementAndGet()),
                              with -> with.atMost(2)));
                  par.step(
                      "flaky",
                      Integer.class,
                      (n, step) -> {
                        if (calls.incrementAndGet() < 3) {
                          throw new IllegalStateException("flaky");
                        }
                        return n;
                      },
                      with -> with.retry(RetryPolicy.constant(ofMillis(300)).maxAttempts(3)));
                  return par.join((n, r) -> n);
                },
                with -> with.completeAll())
            .build();
    assertThat(db.run(workflow, 1)).isEqualTo(1);
    assertThat(rounds).hasValue(2);
  }

  @Test
  @DisplayName("Each retry of a repeat that has reached its limit allows one more round")
  void retriesAfterTheLimit() {
    Event<String> go = Event.of("go", String.class);
    Workflow<String, String> workflow =
        Workflow.define("dots", String.class)
            .repeatUntil(
                "r", s -> s.length() >= 6, r -> r.step("dot", s -> s + "."), with -> with.atMost(2))
            .await("rest", go, (s, end) -> s + end)
            .build();
    try (Durable durable = db.start(workflow)) {
      ExecutionHandle<String> handle = durable.start(workflow, "in");
      for (int rounds = 2; rounds <= 3; rounds++) {
        assertThatThrownBy(() -> handle.result(SOON))
            .hasMessageContaining("not done after " + rounds + " rounds");
        durable.retry(handle.id());
      }
      untilWaiting(durable, handle.id());
      assertThat(
              durable.steps(handle.id()).stream()
                  .filter(row -> row.type() == StepType.REPEAT)
                  .map(row -> row.attempt() + " " + row.status()))
          .containsExactly("2 FAILED", "3 FAILED", "4 COMPLETED");
      durable.send(handle.id(), go, "!");
      assertThat(handle.result(SOON)).isEqualTo("in....!");
    }
  }

  private static WorkflowBuilder<String, String> resting(Event<String> go) {
    return Workflow.define("resting", String.class)
        .repeatUntil(
            "r", s -> s.length() >= 5, r -> r.step("dot", s -> s + "."), with -> with.atMost(2))
        .await("rest", go, (s, end) -> s + end);
  }

  @Test
  @DisplayName("What follows one that was retried after its limit may be edited while it rests")
  void editedAfterARetry() {
    Event<String> go = Event.of("go", String.class);
    Workflow<String, String> before = resting(go).build();
    UUID id;
    try (Durable durable = db.start(before)) {
      ExecutionHandle<String> handle = durable.start(before, "in");
      id = handle.id();
      assertThatThrownBy(() -> handle.result(SOON)).hasMessageContaining("after 2 rounds");
      durable.retry(id);
      untilWaiting(durable, id);
    }
    Workflow<String, String> after = resting(go).step("new", s -> s + "new").build();
    try (Durable durable = db.start(after)) {
      durable.send(id, go, "!");
      assertThat(durable.handle(id, after).result(SOON)).isEqualTo("in...!new");
    }
  }

  private static WorkflowBuilder<String, String> leaving(Event<String> go) {
    return Workflow.define("leaving", String.class)
        .repeatUntil(
            "r",
            s -> s.length() >= 20,
            r ->
                r.step("dot", s -> s + ".")
                    .decide(
                        "enough",
                        List.of("rest"),
                        s -> s.length() >= 4 ? Decision.goTo("rest") : Decision.next())
                    .step("comma", s -> s + ","))
        .step("passed by", s -> s + "?")
        .await("rest", go, (s, end) -> s + end);
  }

  @ParameterizedTest(name = "{0}, in round {1}")
  @CsvSource({"abc, 1", "a, 2"})
  @DisplayName("A decision leaves it: no row stays open, and what follows may be edited")
  void leftByADecision(String input, int rounds) {
    Event<String> go = Event.of("go", String.class);
    Workflow<String, String> before = leaving(go).build();
    UUID id;
    try (Durable durable = db.start(before)) {
      id = durable.start(before, input).id();
      untilWaiting(durable, id);
      assertThat(
              durable.steps(id).stream()
                  .filter(row -> row.type() == StepType.REPEAT)
                  .map(row -> row.attempt() + " " + row.status()))
          .containsExactlyElementsOf(rounds == 1 ? List.of() : List.of("1 CANCELLED"));
    }
    Workflow<String, String> after = leaving(go).step("new", s -> s + "new").build();
    try (Durable durable = db.start(after)) {
      durable.send(id, go, "!");
      assertThat(durable.handle(id, after).result(SOON))
          .isEqualTo(input + (rounds == 1 ? ".!new" : ".,.!new"));
    }
  }

  @Test
  @DisplayName(
      "A repeat that has reached its limit may be followed by other work when it is retried")
  void editedAfterTheLimit() {
    Workflow<String, String> before =
        Workflow.define("limited", String.class)
            .repeatUntil(
                "r", s -> s.length() >= 5, r -> r.step("dot", s -> s + "."), with -> with.atMost(2))
            .build();
    UUID id;
    try (Durable durable = db.start(before)) {
      id = durable.start(before, "in").id();
      assertThatThrownBy(() -> durable.handle(id, before).result(SOON))
          .hasMessageContaining("not done after 2 rounds");
    }
    Workflow<String, String> after =
        Workflow.define("limited", String.class)
            .repeatUntil(
                "r",
                s -> s.length() >= 5,
                r -> r.step("dot", s -> s + ".").step("more", s -> s + ";"),
                with -> with.atMost(2))
            .step("new", s -> s + "new")
            .build();
    try (Durable durable = db.start(after)) {
      durable.retry(id);
      assertThat(durable.handle(id, after).result(SOON)).isEqualTo("in...;new");
    }
  }

  @Test
  @DisplayName("2,000 rounds leave a history of one")
  void manyRoundsLeaveASmallHistory() {
    roundsLeaveASmallHistory(2_000, Duration.ofMinutes(1));
  }

  @Test
  @Tag("slow")
  @DisplayName("100,000 rounds leave a history of one")
  void veryManyRoundsLeaveASmallHistory() {
    roundsLeaveASmallHistory(100_000, Duration.ofMinutes(20));
  }

  private void roundsLeaveASmallHistory(int rounds, Duration patience) {
    Workflow<Integer, Integer> count =
        Workflow.define("count_to_" + rounds, Integer.class)
            .repeatUntil("more", n -> n == rounds, path -> path.step("add", n -> n + 1))
            .build();
    try (Durable durable = db.start(count)) {
      ExecutionHandle<Integer> handle = durable.start(count, 0);
      assertThat(handle.result(patience)).isEqualTo(rounds);
      assertThat(durable.steps(handle.id()))
          .extracting(row -> row.path() + " " + row.attempt())
          .containsExactlyInAnyOrder("more " + rounds, "more[" + (rounds - 1) + "]/add 1");
    }
  }
}
