package dev.durable.internal.engine.flow;

import dev.durable.execution.StepExecution;
import dev.durable.internal.engine.flow.CommittedWork.Fact;
import dev.durable.internal.text.NodePath;
import dev.durable.workflow.Node;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Checks that the nodes of one sequence, in the order of now, can have the results that are
 * committed.
 */
final class OrderCheck {

  private final CommittedWork facts;
  private final List<Node> nodes;
  private final NodePath above;
  private @Nullable StepExecution last;

  OrderCheck(CommittedWork facts, List<Node> nodes, NodePath above) {
    this.facts = facts;
    this.nodes = nodes;
    this.above = above;
  }

  /**
   * A walk comes to a node. A later result must not come earlier now: it was made from another
   * input.
   */
  void comesTo(NodePath path) throws DefinitionDifference {
    StepExecution row = facts.completed(path.text());
    if (row == null) {
      return;
    }
    if (last != null && row.seq() < last.seq()) {
      throw new DefinitionDifference(
          "step '"
              + last.path()
              + "' stands before or in place of '"
              + row.path()
              + "', which had completed before it");
    }
    last = row;
  }

  /** A walk stops in a node that is not through: those after it must not have done anything. */
  void stopsIn(int open) throws DefinitionDifference {
    for (Node later : nodes.subList(open + 1, nodes.size())) {
      Fact done = facts.firstWithin(above.node(later.name()).text());
      if (done != null) {
        throw new DefinitionDifference(
            "step '"
                + above.node(nodes.get(open).name())
                + "' stands before or in place of '"
                + done.path()
                + "', which "
                + done.state().text()
                + " already");
      }
    }
  }
}
