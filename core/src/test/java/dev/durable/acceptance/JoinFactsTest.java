package dev.durable.acceptance;

import static dev.durable.testing.DurableFixture.SOON;
import static org.assertj.core.api.Assertions.assertThat;

import dev.durable.Durable;
import dev.durable.execution.ExecutionHandle;
import dev.durable.execution.StepExecution;
import dev.durable.execution.StepStatus;
import dev.durable.testing.DatabaseExtension;
import dev.durable.testing.TestDatabase;
import dev.durable.workflow.BranchOutcome;
import dev.durable.workflow.BranchRef;
import dev.durable.workflow.Parallel;
import dev.durable.workflow.Workflow;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@ExtendWith(DatabaseExtension.class)
class JoinFactsTest {

  private static final int RUNS = 60;

  private final TestDatabase db;

  JoinFactsTest(TestDatabase db) {
    this.db = db;
  }

  /** Of five branches one fails, three complete at the same time, and one takes long. */
  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3})
  @DisplayName(
      "A join is told how each branch ended, as the history has it, also beyond its quorum")
  void outcomesAreFacts(int quorum) {
    Workflow<String, String> workflow =
        Workflow.define("quorum" + quorum, String.class)
            .parallel("all", String.class, JoinFactsTest::branches, with -> with.quorum(quorum))
            .build();
    try (Durable durable = db.start(workflow)) {
      List<ExecutionHandle<String>> handles = new ArrayList<>();
      for (int i = 0; i < RUNS; i++) {
        handles.add(durable.start(workflow, "x"));
      }
      for (ExecutionHandle<String> handle : handles) {
        assertThat(handle.result(SOON)).isEqualTo(facts(durable.steps(handle.id())));
      }
    }
  }

  private static Parallel.Joined<String, String> branches(Parallel<String, String> par) {
    List<BranchRef<String>> branches = new ArrayList<>();
    branches.add(
        par.step(
            "b0",
            String.class,
            (text, step) -> {
              throw new IllegalStateException("b0");
            }));
    for (int i = 1; i < 4; i++) {
      branches.add(par.step("b" + i, String.class, (text, step) -> text));
    }
    branches.add(
        par.step(
            "b4",
            String.class,
            (text, step) -> {
              Thread.sleep(60_000);
              return text;
            }));
    return par.join(
        (text, results) ->
            branches.stream()
                .map(branch -> branch.name() + " " + name(results.outcome(branch)))
                .collect(Collectors.joining(", ")));
  }

  private static String name(BranchOutcome<String> outcome) {
    return switch (outcome) {
      case BranchOutcome.Completed<String> completed -> "COMPLETED";
      case BranchOutcome.Failed<String> failed -> "FAILED";
      case BranchOutcome.Cancelled<String> cancelled -> "CANCELLED";
    };
  }

  private static String facts(List<StepExecution> history) {
    Map<String, StepStatus> facts = new TreeMap<>();
    for (int i = 0; i < 5; i++) {
      facts.put("all/b" + i, StepStatus.CANCELLED);
    }
    history.stream()
        .filter(step -> facts.containsKey(step.path()))
        .forEach(step -> facts.put(step.path(), step.status()));
    return facts.entrySet().stream()
        .map(fact -> fact.getKey().substring("all/".length()) + " " + fact.getValue())
        .collect(Collectors.joining(", "));
  }
}
