package dev.durable.internal.engine.flow;

import dev.durable.execution.StepExecution;
import dev.durable.execution.StepStatus;
import dev.durable.internal.engine.flow.CommittedWork.Fact;
import dev.durable.internal.engine.step.DecisionRow;
import dev.durable.internal.store.worker.HistoryRow;
import dev.durable.internal.text.NodePath;
import dev.durable.workflow.JoinPolicy;
import dev.durable.workflow.Node;
import dev.durable.workflow.Workflow;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Checks whether an execution that another definition moved last can continue with this one: its
 * committed work must still be there, as {@link KindCheck} says, and a walk must come by all of it
 * before it comes to a node that is still to be done.
 */
public final class DefinitionCheck {

  private final Workflow<?, ?> workflow;
  private final @Nullable Shape before;
  private final CommittedWork facts;

  private DefinitionCheck(Workflow<?, ?> workflow, @Nullable Shape before, List<HistoryRow> rows) {
    this.workflow = workflow;
    this.before = before;
    this.facts = new CommittedWork(before, rows);
  }

  /**
   * The end of a walk over committed work.
   *
   * @param open the first node that has no result; null if it passes the whole node
   * @param jump where a decision sends it, outside the node; or null
   */
  private record Passed(@Nullable String open, @Nullable String jump) {
    static final Passed COMPLETE = new Passed(null, null);

    static Passed openAt(NodePath path) {
      return new Passed(path.text(), null);
    }
  }

  /**
   * The difference that keeps an execution from continuing, or null.
   *
   * @param before the shape of the definition that moved it last; null if it is unknown
   */
  public static @Nullable String difference(
      Workflow<?, ?> workflow, @Nullable Shape before, List<HistoryRow> rows) {
    DefinitionCheck check = new DefinitionCheck(workflow, before, rows);
    KindCheck kinds = new KindCheck(workflow, before);
    try {
      for (Fact fact : check.facts.all()) {
        kinds.check(fact);
      }
      Passed passed = check.sequence(workflow.root().children(), NodePath.ROOT, 0, null);
      if (passed.jump != null) {
        throw new DefinitionDifference(
            "a decision went to '" + passed.jump + "', which is not in it");
      }
      for (Fact fact : check.facts.unreached()) {
        throw new DefinitionDifference(
            "'" + fact.path() + "' " + fact.state().text() + ", but nothing leads to it");
      }
      return null;
    } catch (DefinitionDifference found) {
      return "The registered definition "
          + workflow
          + " does not fit what this execution has done: "
          + found.getMessage()
          + ". Register the definition that it was moved by (give the new one another .version()):"
          + " then it continues by itself.";
    }
  }

  // ---- the walk ----

  private Passed sequence(List<Node> nodes, NodePath above, int from, @Nullable String into)
      throws DefinitionDifference {
    String inside = into;
    int next = from;
    StepExecution last = null;
    while (next < nodes.size()) {
      Node node = nodes.get(next);
      NodePath path = above.node(node.name());
      last = inOrder(last, facts.completed(path.text()));
      Passed passed = node(node, path, inside);
      inside = null;
      if (passed.jump != null) {
        int target = JumpTargets.indexOf(nodes, JumpTargets.first(passed.jump));
        if (target < 0) {
          return passed;
        }
        if (target <= next) {
          throw new DefinitionDifference(
              "a decision went to '" + passed.jump + "', which now comes earlier");
        }
        next = target;
        inside = JumpTargets.rest(passed.jump);
      } else if (passed.open == null) {
        next++;
      } else {
        nothingAfter(nodes, next, above);
        return passed;
      }
    }
    return Passed.COMPLETE;
  }

  /** A later result must not come earlier now: it was made from another input. */
  private static @Nullable StepExecution inOrder(
      @Nullable StepExecution before, @Nullable StepExecution row) throws DefinitionDifference {
    if (before != null && row != null && row.seq() < before.seq()) {
      throw new DefinitionDifference(
          "step '"
              + before.path()
              + "' stands before or in place of '"
              + row.path()
              + "', which had completed before it");
    }
    return row == null ? before : row;
  }

  private void nothingAfter(List<Node> nodes, int open, NodePath above)
      throws DefinitionDifference {
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

  private Passed node(Node node, NodePath path, @Nullable String into) throws DefinitionDifference {
    facts.reach(path.text());
    return switch (node) {
      case Node.Step step -> whether(path);
      case Node.Transaction step -> whether(path);
      case Node.Decide decide -> decide(path);
      case Node.Sequence sequence -> sequence(sequence.children(), path, 0, null);
      case Node.Branch branch -> branch(branch, path, into);
      case Node.Parallel parallel -> {
        for (Node child : parallel.children()) {
          NodePath part = path.node(child.name());
          Passed passed = node(child, part, null);
          // A quorum that is reached needs no new branch.
          if (!(isNew(part.text()) && parallel.policy() instanceof JoinPolicy.Quorum)) {
            nothingSkipped(path, passed.open);
          }
        }
        yield whether(path);
      }
      case Node.ForEach forEach -> {
        facts.reach(path.items().text());
        yield indexed(forEach.children(), path);
      }
      case Node.Repeat repeat -> repeat(repeat, path);
    };
  }

  private Passed whether(NodePath path) {
    StepExecution row = facts.completed(path.text());
    return row != null && row.status() == StepStatus.COMPLETED
        ? Passed.COMPLETE
        : Passed.openAt(path);
  }

  private Passed decide(NodePath path) {
    StepExecution row = facts.completed(path.text());
    return row == null || row.output() == null
        ? Passed.openAt(path)
        : new Passed(null, DecisionRow.decode(row.output()).target());
  }

  private Passed branch(Node.Branch branch, NodePath path, @Nullable String into)
      throws DefinitionDifference {
    StepExecution row = facts.completed(path.text());
    String chosen = into == null ? chosen(row) : JumpTargets.first(into);
    if (row == null && into == null) {
      return Passed.openAt(path);
    }
    if (chosen == null) {
      return Passed.COMPLETE;
    }
    int index = JumpTargets.indexOf(branch.children(), chosen);
    if (index < 0) {
      throw new DefinitionDifference(
          "branch '" + path + "' chose '" + chosen + "', which is not among its cases");
    }
    List<Node> nodes = branch.children().get(index).children();
    String inside = into == null ? null : JumpTargets.rest(into);
    int from = inside == null ? 0 : JumpTargets.indexOf(nodes, JumpTargets.first(inside));
    if (from < 0) {
      throw new DefinitionDifference(
          "a decision went to '" + path + "/" + into + "', which is not in it");
    }
    return sequence(
        nodes, path.node(chosen), from, inside == null ? null : JumpTargets.rest(inside));
  }

  private static @Nullable String chosen(@Nullable StepExecution row) {
    return row == null || row.output() == null ? null : BranchChoice.decode(row.output()).path();
  }

  private Passed indexed(List<Node> path, NodePath parent) throws DefinitionDifference {
    for (String item : facts.items(parent.text())) {
      nothingSkipped(parent, sequence(path, new NodePath(item), 0, null).open);
    }
    return whether(parent);
  }

  /** Of earlier rounds only the rows that may have to be undone are still there. */
  private Passed repeat(Node.Repeat repeat, NodePath path) throws DefinitionDifference {
    StepExecution row = facts.completed(path.text());
    int over = row == null ? 0 : row.attempt();
    for (int round = 0; round < over; round++) {
      facts.reachBelow(path.part(round).text());
    }
    sequence(repeat.children(), path.part(over), 0, null);
    if (row != null && row.status() == StepStatus.COMPLETED) {
      String above = Node.pathInDefinition(path.text());
      for (String node : workflow.nodes().keySet()) {
        nothingSkipped(path, NodePath.isBelow(above, node) ? node : null);
      }
    }
    return whether(path);
  }

  // ---- new nodes ----

  /** A completed block is not walked again, so a new node in it would never run. */
  private void nothingSkipped(NodePath block, @Nullable String open) throws DefinitionDifference {
    if (open != null && isNew(open) && whether(block).open == null) {
      throw new DefinitionDifference(
          "'" + open + "' is new in '" + block.text() + "', which has completed already");
    }
  }

  private boolean isNew(String path) {
    return before != null && before.at(path) == null;
  }
}
