package dev.durable.crash;

import dev.durable.execution.CompensationResult;
import dev.durable.execution.Execution;
import dev.durable.execution.ExecutionStatus;
import dev.durable.workflow.AttemptContext;
import dev.durable.workflow.StepContext;
import dev.durable.workflow.Workflow;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** A random definition, which must end as its plain interpretation does. */
final class RandomStory implements Story {

  private final Plan.Path plan;
  private final Interpretation expected;

  RandomStory(Plan.Path plan) {
    this.plan = plan;
    this.expected = Interpretation.of(plan, 0);
  }

  @Override
  public String name() {
    return "random";
  }

  @Override
  public Workflow<String, String> define(String name, Victim victim) {
    return PlanDefinition.of(name, plan, new Reported(victim));
  }

  private record Reported(Victim victim) implements PlanDefinition.Bodies {
    @Override
    public void begins(StepContext<?> step) {
      victim.enter("", step.path(), step);
    }

    @Override
    public void undoes(AttemptContext<?> step) {
      victim.enter("", step.path(), step);
    }

    @Override
    public long failures(StepContext<?> step) {
      return victim.ledger.failures(step.execution().id(), step.path());
    }
  }

  @Override
  public void check(Outcome outcome) {
    Execution execution = outcome.execution();
    List<String> completed = outcome.completedSteps();
    Set<String> unexpected = new HashSet<>(completed);
    expected.ran().forEach(unexpected::remove);
    unexpected.removeAll(List.of("parse", "text"));
    outcome.expect("steps that should not have completed", unexpected, Set.of());
    if (expected.certain() && !plan.hasRepeat()) {
      Set<String> missing = new HashSet<>(expected.ran());
      completed.forEach(missing::remove);
      outcome.expect("steps that should have completed", missing, Set.of());
    }
    if (expected.result() != null) {
      outcome.expect("status", execution.status(), ExecutionStatus.COMPLETED);
      outcome.expect("result", execution.output(), "\"" + expected.result() + "\"");
    } else {
      checkUndone(outcome, execution, completed);
    }
  }

  private void checkUndone(Outcome outcome, Execution execution, List<String> completed) {
    Set<String> undoable = plan.undoable();
    List<String> toBeUndone =
        completed.stream()
            .filter(path -> undoable.contains(path.substring(path.lastIndexOf('/') + 1)))
            .toList();
    List<String> undone = execution.compensations().stream().map(CompensationResult::step).toList();
    outcome.expect("G9: what was undone, in which order", undone, toBeUndone);
    outcome.expect(
        "status",
        execution.status(),
        undone.isEmpty() ? ExecutionStatus.FAILED : ExecutionStatus.COMPENSATED);
  }

  @Override
  public String toString() {
    return plan.toString();
  }
}
