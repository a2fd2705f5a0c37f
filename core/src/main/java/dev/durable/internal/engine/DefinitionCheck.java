package dev.durable.internal.engine;

import dev.durable.execution.StepExecution;
import dev.durable.execution.StepStatus;
import dev.durable.execution.StepType;
import dev.durable.workflow.Node;
import dev.durable.workflow.Workflow;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Whether an execution that was begun with another definition can go on with this one: what it has
 * committed must still be there, of the same kind, and come before everything that it has not.
 */
final class DefinitionCheck {

  private DefinitionCheck() {}

  /** The difference that keeps it from going on, or null. */
  static @Nullable String difference(Workflow<?, ?> workflow, List<StepExecution> rows) {
    List<Node> nodes = workflow.root().children();
    int next = 0;
    for (StepExecution row : rows) {
      if (row.status() != StepStatus.COMPLETED || !isNode(row)) {
        continue;
      }
      int index = indexOf(nodes, row.path());
      if (index < 0) {
        return describe(workflow, "step '" + row.path() + "' has completed, but is not in it");
      }
      if (kind(nodes.get(index)) != row.type()) {
        return describe(
            workflow,
            "'"
                + row.path()
                + "' completed as a "
                + row.type().text()
                + " and is now a "
                + kind(nodes.get(index)).text());
      }
      if (index != next) {
        return describe(
            workflow,
            "step '"
                + nodes.get(Math.min(next, index)).name()
                + "' stands before or in place of '"
                + row.path()
                + "', which has completed already");
      }
      next++;
    }
    return null;
  }

  private static boolean isNode(StepExecution row) {
    return row.type() == StepType.STEP || row.type() == StepType.TRANSACTION;
  }

  private static int indexOf(List<Node> nodes, String name) {
    for (int i = 0; i < nodes.size(); i++) {
      if (nodes.get(i).name().equals(name)) {
        return i;
      }
    }
    return -1;
  }

  private static StepType kind(Node node) {
    return switch (node) {
      case Node.Step step -> StepType.STEP;
      case Node.Transaction transaction -> StepType.TRANSACTION;
      case Node.Sequence sequence ->
          throw new IllegalArgumentException("a sequence has no rows of its own");
    };
  }

  private static String describe(Workflow<?, ?> workflow, String difference) {
    return "The registered definition "
        + workflow
        + " does not fit what this execution has done: "
        + difference
        + ". Register the definition it was started with (give the new one another .version()),"
        + " then retry it.";
  }
}
