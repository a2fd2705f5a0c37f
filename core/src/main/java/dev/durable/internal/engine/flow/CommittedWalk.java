package dev.durable.internal.engine.flow;

import dev.durable.execution.StepExecution;
import dev.durable.execution.StepStatus;
import dev.durable.internal.engine.step.DecisionRow;
import dev.durable.internal.text.NodePath;
import dev.durable.workflow.Node;
import dev.durable.workflow.Workflow;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Walks a definition over committed work, as a {@link Walk} would: by nodes that have results,
 * along the choices that were made, up to the first node that is still to be done.
 */
final class CommittedWalk {

  private final CommittedWork facts;
  private final PartsCheck parts;

  /**
   * @param before the shape of the definition of then; null if it is unknown
   * @param facts learns the paths that the walk has come to
   */
  CommittedWalk(Workflow<?, ?> workflow, @Nullable Shape before, CommittedWork facts) {
    this.facts = facts;
    this.parts = new PartsCheck(workflow, before, facts, this);
  }

  /**
   * The end of a walk over committed work.
   *
   * @param open the first node that has no result; null if it passes the whole node
   * @param jump where a decision sends it, outside the node; or null
   */
  record Passed(@Nullable String open, @Nullable String jump) {
    static final Passed COMPLETE = new Passed(null, null);

    static Passed openAt(NodePath path) {
      return new Passed(path.text(), null);
    }
  }

  /** Walks a sequence from its beginning. */
  Passed sequence(List<Node> nodes, NodePath above) throws DefinitionDifference {
    return sequence(nodes, above, 0, null);
  }

  private Passed sequence(List<Node> nodes, NodePath above, int from, @Nullable String into)
      throws DefinitionDifference {
    String inside = into;
    int next = from;
    OrderCheck order = new OrderCheck(facts, nodes, above);
    while (next < nodes.size()) {
      Node node = nodes.get(next);
      NodePath path = above.node(node.name());
      order.comesTo(path);
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
        order.stopsIn(next);
        return passed;
      }
    }
    return Passed.COMPLETE;
  }

  /** Walks one node, from its beginning or from inside. */
  Passed node(Node node, NodePath path, @Nullable String into) throws DefinitionDifference {
    facts.reach(path.text());
    return switch (node) {
      case Node.Step step -> whether(path);
      case Node.Transaction step -> whether(path);
      case Node.Decide decide -> decide(path);
      case Node.Sequence sequence -> sequence(sequence.children(), path);
      case Node.Branch branch -> branch(branch, path, into);
      case Node.Parallel parallel -> {
        parts.branches(parallel, path);
        yield whether(path);
      }
      case Node.ForEach forEach -> {
        parts.items(forEach, path);
        yield whether(path);
      }
      case Node.Repeat repeat -> {
        Passed round = parts.rounds(repeat, path);
        yield round.jump == null ? whether(path) : round;
      }
    };
  }

  /** Whether a node has a result. */
  Passed whether(NodePath path) {
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
}
