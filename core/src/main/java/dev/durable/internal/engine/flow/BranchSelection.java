package dev.durable.internal.engine.flow;

import dev.durable.execution.StepType;
import dev.durable.internal.codec.JsonValue;
import dev.durable.internal.engine.run.ParkedException;
import dev.durable.internal.engine.run.StepFailure;
import dev.durable.internal.engine.run.Suspension;
import dev.durable.internal.engine.step.StepRunner;
import dev.durable.retry.NonRetryableException;
import dev.durable.workflow.Node;
import dev.durable.workflow.StepBody;
import org.jspecify.annotations.Nullable;

/** Chooses a case of a branch, once: the choice is a row of its own. */
final class BranchSelection {

  private final StepRunner steps;

  BranchSelection(StepRunner steps) {
    this.steps = steps;
  }

  BranchChoice choose(Node.Branch branch, String path, JsonValue input)
      throws StepFailure, Suspension, ParkedException {
    StepBody<Object, Object, Object> selector = StepRunner.unchecked(branch.selector());
    JsonValue chosen =
        steps.evaluate(
            StepType.BRANCH,
            path,
            context -> {
              Object data = steps.read(path, input.copy(), branch.input());
              return selector.run(data, context);
            },
            value -> select(branch, path, value).encode());
    return BranchChoice.decode(chosen.json());
  }

  private static BranchChoice select(Node.Branch branch, String path, @Nullable Object value) {
    for (Node.Case one : branch.cases()) {
      if (one.matches(value)) {
        return new BranchChoice(one.path().name());
      }
    }
    Node.Sequence otherwise = branch.otherwise();
    if (otherwise != null) {
      return new BranchChoice(otherwise.name());
    }
    if (value == null && branch.coversAll()) {
      throw new NonRetryableException(
          "The selector of branch '"
              + path
              + "' returned null, which is none of its cases although they cover all others. Add"
              + " when(null, …) or otherwise(…).");
    }
    if (!branch.input().equals(branch.output())) {
      throw new IllegalStateException(
          "No case of branch '" + path + "' matches, and it has no otherwise(…).");
    }
    return new BranchChoice(null);
  }
}
