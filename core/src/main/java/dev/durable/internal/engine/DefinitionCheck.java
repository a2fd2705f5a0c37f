package dev.durable.internal.engine;

import dev.durable.execution.StepExecution;
import dev.durable.execution.StepStatus;
import dev.durable.execution.StepType;
import dev.durable.internal.engine.CommittedWork.Fact;
import dev.durable.internal.store.HistoryRow;
import dev.durable.internal.text.NodePath;
import dev.durable.workflow.JoinPolicy;
import dev.durable.workflow.Node;
import dev.durable.workflow.Workflow;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Whether an execution that another definition moved last can go on with this one: what it has done
 * must still be there, of the same kind and about the same thing, and a walk must come by all of it
 * before it comes to anything that is still to be done.
 */
final class DefinitionCheck {

  private final Workflow<?, ?> workflow;
  private final @Nullable Shape before;
  private final CommittedWork facts;

  private DefinitionCheck(Workflow<?, ?> workflow, @Nullable Shape before, List<HistoryRow> rows) {
    this.workflow = workflow;
    this.before = before;
    this.facts = new CommittedWork(before, rows);
  }

  /** The definition does not fit; the message says where. */
  private static final class Difference extends Exception {
    private static final long serialVersionUID = 1L;

    Difference(String message) {
      super(message, null, false, false);
    }
  }

  /**
   * How far a walk over what is committed comes.
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
   * The difference that keeps it from going on, or null.
   *
   * @param before the shape of the definition that moved it last; null if that is not known
   */
  static @Nullable String difference(
      Workflow<?, ?> workflow, @Nullable Shape before, List<HistoryRow> rows) {
    DefinitionCheck check = new DefinitionCheck(workflow, before, rows);
    try {
      for (Fact fact : check.facts.all()) {
        check.kind(fact);
      }
      Passed passed = check.sequence(workflow.root().children(), NodePath.ROOT, 0, null);
      if (passed.jump != null) {
        throw new Difference("a decision went to '" + passed.jump + "', which is not in it");
      }
      for (Fact fact : check.facts.unreached()) {
        throw new Difference(
            "'" + fact.path() + "' " + fact.state().text() + ", but nothing leads to it");
      }
      return null;
    } catch (Difference found) {
      return "The registered definition "
          + workflow
          + " does not fit what this execution has done: "
          + found.getMessage()
          + ". Register the definition that it was moved by (give the new one another .version()):"
          + " then it goes on by itself.";
    }
  }

  // ---- kinds ----

  private void kind(Fact fact) throws Difference {
    String path = fact.path();
    Node node = workflow.node(fact.node());
    if (node == null) {
      throw new Difference("step '" + path + "' " + fact.state().text() + ", but is not in it");
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
    }
    indices(fact);
  }

  private static Difference changed(Fact fact, String then, String now) {
    String state = fact.isCompleted() ? "completed" : fact.state().text();
    return new Difference(
        "'" + fact.path() + "' " + state + " as a " + then + " and is now a " + now);
  }

  /** An approval is no answer to another question, and an event of one type not of another. */
  private static void subject(Fact fact, Shape.Part then, Shape.Part now) throws Difference {
    boolean known = !then.subject().isEmpty() && !now.subject().isEmpty();
    if (known && !then.subject().equals(now.subject())) {
      throw changed(fact, then.text(), now.text());
    }
    if (!fact.isCompleted()) {
      for (String type : then.types()) {
        if (!now.types().contains(type)) {
          throw new Difference(
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

  private static String typeChange(String then, List<String> types) {
    String name = then.substring(0, then.indexOf(": ") + 2);
    return types.stream()
        .filter(type -> type.startsWith(name))
        .findFirst()
        .map(type -> then + " is now " + type.substring(name.length()))
        .orElse(then + " is gone");
  }

  /** Parts of a forEach or a repeat have an index, parts of anything else have none. */
  private void indices(Fact fact) throws Difference {
    for (String parent : NodePath.allAbove(fact.node())) {
      Node node = workflow.node(parent);
      boolean indexes = node instanceof Node.ForEach || node instanceof Node.Repeat;
      if (node == null || NodePath.isPart(parent) != indexes) {
        throw new Difference(
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

  /** Without the definition of then: whether what was recorded can be of this node. */
  private static boolean isAsRecorded(StepExecution row, Node node) {
    return switch (row.type()) {
      case STEP -> node instanceof Node.Step;
      case TRANSACTION -> node instanceof Node.Transaction;
      case DECISION -> node instanceof Node.Decide;
      case BRANCH -> node instanceof Node.Branch;
      case PARALLEL -> node instanceof Node.Parallel;
      case FOR_EACH -> node instanceof Node.ForEach;
      case REPEAT -> node instanceof Node.Repeat;
      case EFFECT, WAIT, CHILD, COMPENSATION, RETRY ->
          node instanceof Node.Step || node instanceof Node.Decide;
    };
  }

  private static String recordedKind(StepExecution row) {
    return row.type().isWithinStep() ? StepType.STEP.text() : row.type().text();
  }

  // ---- the walk ----

  private Passed sequence(List<Node> nodes, NodePath above, int from, @Nullable String into)
      throws Difference {
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
          throw new Difference("a decision went to '" + passed.jump + "', which now comes earlier");
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

  /** What was done later must not come earlier now: it was given another result. */
  private static @Nullable StepExecution inOrder(
      @Nullable StepExecution before, @Nullable StepExecution row) throws Difference {
    if (before != null && row != null && row.seq() < before.seq()) {
      throw new Difference(
          "step '"
              + before.path()
              + "' stands before or in place of '"
              + row.path()
              + "', which had completed before it");
    }
    return row == null ? before : row;
  }

  private void nothingAfter(List<Node> nodes, int open, NodePath above) throws Difference {
    for (Node later : nodes.subList(open + 1, nodes.size())) {
      Fact done = facts.firstWithin(above.node(later.name()).text());
      if (done != null) {
        throw new Difference(
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

  private Passed node(Node node, NodePath path, @Nullable String into) throws Difference {
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
          // What has as many as it wants does not want one more.
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
      throws Difference {
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
      throw new Difference(
          "branch '" + path + "' chose '" + chosen + "', which is not among its cases");
    }
    List<Node> nodes = branch.children().get(index).children();
    String inside = into == null ? null : JumpTargets.rest(into);
    int from = inside == null ? 0 : JumpTargets.indexOf(nodes, JumpTargets.first(inside));
    if (from < 0) {
      throw new Difference("a decision went to '" + path + "/" + into + "', which is not in it");
    }
    return sequence(
        nodes, path.node(chosen), from, inside == null ? null : JumpTargets.rest(inside));
  }

  private static @Nullable String chosen(@Nullable StepExecution row) {
    return row == null || row.output() == null ? null : BranchChoice.decode(row.output()).path();
  }

  private Passed indexed(List<Node> path, NodePath parent) throws Difference {
    for (String item : facts.items(parent.text())) {
      nothingSkipped(parent, sequence(path, new NodePath(item), 0, null).open);
    }
    return whether(parent);
  }

  /** Of the rounds that are over only what may have to be undone is still known. */
  private Passed repeat(Node.Repeat repeat, NodePath path) throws Difference {
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

  // ---- what is new ----

  /** A block that has completed is not walked again, so what is new in it would never run. */
  private void nothingSkipped(NodePath block, @Nullable String open) throws Difference {
    if (open != null && isNew(open) && whether(block).open == null) {
      throw new Difference(
          "'" + open + "' is new in '" + block.text() + "', which has completed already");
    }
  }

  private boolean isNew(String path) {
    return before != null && before.at(path) == null;
  }
}
