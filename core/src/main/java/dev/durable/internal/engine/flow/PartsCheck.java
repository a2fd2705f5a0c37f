package dev.durable.internal.engine.flow;

import dev.durable.execution.StepExecution;
import dev.durable.execution.StepStatus;
import dev.durable.internal.engine.flow.CommittedWalk.Passed;
import dev.durable.internal.text.NodePath;
import dev.durable.workflow.JoinPolicy;
import dev.durable.workflow.Node;
import dev.durable.workflow.Workflow;
import org.jspecify.annotations.Nullable;

/**
 * Walks the parts of blocks over committed work: branches, items and rounds. A block that has
 * completed is not walked again, so a new node in it would never run.
 */
final class PartsCheck {

  private final Workflow<?, ?> workflow;
  private final @Nullable Shape before;
  private final CommittedWork facts;
  private final CommittedWalk walk;

  PartsCheck(
      Workflow<?, ?> workflow, @Nullable Shape before, CommittedWork facts, CommittedWalk walk) {
    this.workflow = workflow;
    this.before = before;
    this.facts = facts;
    this.walk = walk;
  }

  void branches(Node.Parallel parallel, NodePath path) throws DefinitionDifference {
    for (Node child : parallel.children()) {
      NodePath part = path.node(child.name());
      Passed passed = walk.node(child, part, null);
      // A quorum that is reached needs no new branch.
      if (!(isNew(part.text()) && parallel.policy() instanceof JoinPolicy.Quorum)) {
        nothingSkipped(path, passed.open());
      }
    }
  }

  void items(Node.ForEach forEach, NodePath path) throws DefinitionDifference {
    facts.reach(path.items().text());
    for (String item : facts.items(path.text())) {
      nothingSkipped(path, walk.sequence(forEach.children(), new NodePath(item)).open());
    }
  }

  /** Of earlier rounds only the rows that may have to be undone are still there. */
  CommittedWalk.Passed rounds(Node.Repeat repeat, NodePath path) throws DefinitionDifference {
    StepExecution row = facts.completed(path.text());
    int over = row == null ? 0 : row.attempt();
    for (int round = 0; round < over; round++) {
      facts.reachBelow(path.part(round).text());
    }
    CommittedWalk.Passed round = walk.sequence(repeat.children(), path.part(over));
    if (row != null && row.status() == StepStatus.COMPLETED) {
      String above = Node.pathInDefinition(path.text());
      for (String node : workflow.nodes().keySet()) {
        nothingSkipped(path, NodePath.isBelow(above, node) ? node : null);
      }
    }
    return round;
  }

  private void nothingSkipped(NodePath block, @Nullable String open) throws DefinitionDifference {
    if (open != null && isNew(open) && walk.whether(block).open() == null) {
      throw new DefinitionDifference(
          "'" + open + "' is new in '" + block.text() + "', which has completed already");
    }
  }

  private boolean isNew(String path) {
    return before != null && before.at(path) == null;
  }
}
