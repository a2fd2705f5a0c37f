package dev.durable.internal.engine.flow;

import dev.durable.execution.StepExecution;
import dev.durable.execution.StepType;
import dev.durable.internal.engine.flow.CommittedWork.Fact;
import dev.durable.internal.text.NodePath;
import dev.durable.workflow.Node;
import dev.durable.workflow.Workflow;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Checks that a node which has done something is still in the definition: of the same kind, and
 * about the same subject.
 */
final class KindCheck {

  private final Workflow<?, ?> workflow;
  private final @Nullable Shape before;

  /**
   * @param before the shape of the definition of then; null if it is unknown
   */
  KindCheck(Workflow<?, ?> workflow, @Nullable Shape before) {
    this.workflow = workflow;
    this.before = before;
  }

  /**
   * @throws DefinitionDifference if the node is gone, or another one
   */
  void check(Fact fact) throws DefinitionDifference {
    String path = fact.path();
    Node node = workflow.node(fact.node());
    if (node == null) {
      throw new DefinitionDifference(
          "step '" + path + "' " + fact.state().text() + ", but is not in it");
    }
    boolean list = NodePath.isItems(path);
    Shape.Part now = Shape.part(node);
    Shape.Part then = before == null ? null : before.at(fact.node());
    boolean sameKind =
        then == null ? isAsRecorded(fact.row(), node) : then.kind().equals(now.kind());
    if (!sameKind || (list && !(node instanceof Node.ForEach))) {
      String kind = then == null ? recordedKind(fact.row()) : then.kind();
      throw changed(fact, kind, now.kind());
    }
    if (then != null) {
      subject(fact, then, now);
      undo(fact, then, now);
    }
    indices(fact);
  }

  private static DefinitionDifference changed(Fact fact, String then, String now) {
    String state = fact.isCompleted() ? "completed" : fact.state().text();
    return new DefinitionDifference(
        "'" + fact.path() + "' " + state + " as a " + then + " and is now a " + now);
  }

  /** An approval is no answer to another question, and an event of one type not of another. */
  private static void subject(Fact fact, Shape.Part then, Shape.Part now)
      throws DefinitionDifference {
    boolean known = !then.subject().isEmpty() && !now.subject().isEmpty();
    if (known && !then.subject().equals(now.subject())) {
      throw changed(fact, then.text(), now.text());
    }
    if (!fact.isCompleted()) {
      for (String type : then.types()) {
        if (!now.types().contains(type)) {
          throw new DefinitionDifference(
              "'"
                  + fact.path()
                  + "' "
                  + fact.state().text()
                  + " for what has changed: "
                  + typeChange(type, now.types()));
        }
      }
    }
  }

  /** What has been done while something undid it must not become what nothing undoes. */
  private static void undo(Fact fact, Shape.Part then, Shape.Part now) throws DefinitionDifference {
    if (fact.isCompleted() && then.undo() != null && now.undo() == null) {
      throw new DefinitionDifference(
          "'"
              + fact.path()
              + "' completed while '"
              + then.undo()
              + "' undid it, and nothing undoes it now");
    }
  }

  private static String typeChange(String then, List<String> types) {
    String name = then.substring(0, then.indexOf(": ") + 2);
    return types.stream()
        .filter(type -> type.startsWith(name))
        .findFirst()
        .map(type -> then + " is now " + type.substring(name.length()))
        .orElse(then + " is gone");
  }

  /** Parts of a forEach or a repeat have an index, parts of anything else have none. */
  private void indices(Fact fact) throws DefinitionDifference {
    for (String parent : NodePath.allAbove(fact.node())) {
      Node node = workflow.node(parent);
      boolean indexes = node instanceof Node.ForEach || node instanceof Node.Repeat;
      if (node == null || NodePath.isPart(parent) != indexes) {
        throw new DefinitionDifference(
            "'"
                + fact.node()
                + "' "
                + fact.state().text()
                + ", but '"
                + parent
                + "' is now "
                + (node == null ? "gone" : "a " + Shape.part(node).kind()));
      }
    }
  }

  /** Whether a recorded row can be of a node, if the definition of then is unknown. */
  private static boolean isAsRecorded(StepExecution row, Node node) {
    return switch (row.type()) {
      case STEP -> node instanceof Node.Step;
      case TRANSACTION -> node instanceof Node.Transaction;
      case DECISION -> node instanceof Node.Decide;
      case BRANCH -> node instanceof Node.Branch;
      case PARALLEL -> node instanceof Node.Parallel;
      case FOR_EACH -> node instanceof Node.ForEach;
      case REPEAT -> node instanceof Node.Repeat;
      case EFFECT, PROGRESS, WAIT, CHILD, COMPENSATION, RETRY ->
          node instanceof Node.Step || node instanceof Node.Decide;
    };
  }

  private static String recordedKind(StepExecution row) {
    return row.type().isWithinStep() ? StepType.STEP.text() : row.type().text();
  }
}
