package dev.durable.acceptance;

import static dev.durable.testing.DurableFixture.SOON;
import static dev.durable.testing.DurableFixture.history;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.durable.Durable;
import dev.durable.execution.ExecutionHandle;
import dev.durable.retry.RetryPolicy;
import dev.durable.testing.DatabaseExtension;
import dev.durable.testing.Proves;
import dev.durable.testing.TestDatabase;
import dev.durable.workflow.Decision;
import dev.durable.workflow.Workflow;
import dev.durable.workflow.WorkflowBuilder;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(DatabaseExtension.class)
@DisplayName("Decide")
class DecideTest {

  private final TestDatabase db;
  private final Notes ran = new Notes();

  DecideTest(TestDatabase db) {
    this.db = db;
  }

  private WorkflowBuilder<Integer, Integer> check(List<String> targets, String target) {
    return Workflow.define("check", Integer.class)
        .decide("check", targets, n -> n > 10 ? Decision.goTo(target, n + 1) : Decision.next())
        .step("small", n -> ran.note("small", n))
        .step("more", n -> ran.note("more", n))
        .step("review", n -> ran.note("review", n));
  }

  @Test
  @Proves({"R-032", "R-034", "R-035", "R-036", "R-037", "R-042"})
  @DisplayName("It jumps over steps, or continues")
  void jumpsOrGoesOn() {
    Workflow<Integer, Integer> workflow = check(List.of("review"), "review").build();
    assertThat(db.run(workflow, 11)).isEqualTo(12);
    assertThat(ran).containsExactly("review");
    ran.clear();
    try (Durable durable = db.start(workflow)) {
      ExecutionHandle<Integer> handle = durable.start(workflow, 1);
      assertThat(handle.result(SOON)).isEqualTo(1);
      assertThat(ran).containsExactly("small", "more", "review");
      assertThat(durable.steps(handle.id()).get(0).output()).contains("\"continue\"");
      assertThat(history(durable, handle.id()).get(0)).isEqualTo("decision check completed");
    }
  }

  @Test
  @Proves("R-038")
  @DisplayName("A target that was not declared fails with decision_error")
  void anUndeclaredTargetFails() {
    Workflow<Integer, Integer> workflow = check(List.of("review"), "nowhere").build();
    try (Durable durable = db.start(workflow)) {
      ExecutionHandle<Integer> handle = durable.start(workflow, 11);
      assertThatThrownBy(() -> handle.result(SOON)).hasMessageContaining("does not exist");
      assertThat(durable.find(handle.id()).orElseThrow().error().type())
          .isEqualTo("decision_error");
    }
  }

  @Test
  @Proves({"R-031", "R-041", "R-043"})
  @DisplayName("It is retried like a step, and may jump to another decision")
  void retriedAndChained() {
    AtomicInteger calls = new AtomicInteger();
    Workflow<Integer, Integer> workflow =
        Workflow.define("chain", Integer.class)
            .decide(
                "first",
                List.of("second"),
                n -> {
                  if (calls.incrementAndGet() < 3) {
                    throw new IllegalStateException("not yet");
                  }
                  return Decision.goTo("second");
                },
                with -> with.retry(RetryPolicy.constant(Duration.ZERO).maxAttempts(3)))
            .step("never", n -> ran.note("never", n))
            .decide("second", List.of("end"), n -> Decision.goTo("end"))
            .step("neither", n -> ran.note("neither", n))
            .step("end", n -> ran.note("end", n * 2))
            .build();
    assertThat(db.run(workflow, 4)).isEqualTo(8);
    assertThat(calls).hasValue(3);
    assertThat(ran).containsExactly("end");
  }

  @Test
  @Proves("B-13")
  @DisplayName("It jumps out of a case, and into one")
  void outOfAndIntoCases() {
    Workflow<Integer, Integer> workflow =
        Workflow.define("nested", Integer.class)
            .decide(
                "into",
                List.of("by/true/late"),
                n -> n == 7 ? Decision.goTo("by/true/late") : Decision.next())
            .branch(
                "by",
                n -> n > 10,
                cases ->
                    cases
                        .when(
                            true,
                            path ->
                                path.decide(
                                        "out",
                                        List.of("end"),
                                        n -> n > 100 ? Decision.goTo("end") : Decision.next())
                                    .step("late", n -> ran.note("late", n)))
                        .when(false, path -> path.step("small", n -> ran.note("small", n))))
            .step("between", n -> ran.note("between", n))
            .step("end", n -> ran.note("end", n))
            .build();
    db.run(workflow, 7);
    assertThat(ran).containsExactly("late", "between", "end");
    ran.clear();
    db.run(workflow, 101);
    assertThat(ran).containsExactly("end");
    ran.clear();
    db.run(workflow, 11);
    assertThat(ran).containsExactly("late", "between", "end");
  }
}
