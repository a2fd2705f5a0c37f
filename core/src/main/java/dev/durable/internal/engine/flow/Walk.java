package dev.durable.internal.engine.flow;

import dev.durable.execution.ErrorInfo;
import dev.durable.internal.codec.JsonValue;
import dev.durable.internal.engine.run.ParkedException;
import dev.durable.internal.engine.run.RunState;
import dev.durable.internal.engine.run.StepFailure;
import dev.durable.internal.engine.run.Strand;
import dev.durable.internal.engine.run.Suspension;
import dev.durable.internal.engine.step.DecisionRow;
import dev.durable.internal.engine.step.StepRunner;
import dev.durable.internal.text.NodePath;
import dev.durable.workflow.Node;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Walks a definition's tree. Nodes with a committed result are passed by, choices that were made
 * are not made again; the walk continues at the frontier.
 */
public final class Walk {

  private final Strand strand;
  private final RunState run;
  private final StepRunner steps;

  public Walk(Strand strand) {
    this.strand = strand;
    this.run = strand.run();
    this.steps = new StepRunner(strand);
  }

  /** Walks a sequence from its beginning. */
  public JsonValue sequence(Node.Sequence sequence, NodePath above, JsonValue input)
      throws StepFailure, Suspension, ParkedException, Jump {
    return sequence(sequence.children(), above, 0, null, input);
  }

  /**
   * Walks nodes one after the other.
   *
   * @param from the first of them to walk
   * @param into where inside that one to begin, or null for its beginning
   */
  private JsonValue sequence(
      List<Node> nodes, NodePath above, int from, @Nullable String into, JsonValue input)
      throws StepFailure, Suspension, ParkedException, Jump {
    JsonValue data = input;
    String inside = into;
    int next = from;
    while (next < nodes.size()) {
      Node node = nodes.get(next);
      try {
        data = node(node, above.node(node.name()), inside, data);
        inside = null;
        next++;
      } catch (Jump jump) {
        next = JumpTargets.indexOf(nodes, JumpTargets.first(jump.target()));
        if (next < 0) {
          throw jump;
        }
        inside = JumpTargets.rest(jump.target());
        data = jump.data();
      }
    }
    return data;
  }

  /** Walks one node, which may be a branch of a parallel. */
  JsonValue node(Node node, NodePath where, @Nullable String into, JsonValue input)
      throws StepFailure, Suspension, ParkedException, Jump {
    String path = where.text();
    String committed = run.history().result(path);
    if (committed != null && !(node instanceof Node.Branch)) {
      return node instanceof Node.Decide
          ? follow(JsonValue.of(committed), input)
          : JsonValue.of(committed);
    }
    return switch (node) {
      case Node.Sequence inner -> sequence(inner, where, input);
      case Node.Step step -> steps.run(step, path, input);
      case Node.Transaction step -> steps.run(step, path, input);
      case Node.Decide decide -> follow(steps.run(decide, path, input), input);
      case Node.Branch branch -> branch(branch, where, into, input);
      case Node.Parallel parallel -> new ForkWalk(strand, steps).walk(parallel, where, input);
      case Node.ForEach forEach -> new ForkWalk(strand, steps).walk(forEach, where, input);
      case Node.Repeat repeat ->
          new RepeatWalk(strand, steps, this::sequence).walk(repeat, where, input);
    };
  }

  // ---- decide and branch ----

  private static JsonValue follow(JsonValue decided, JsonValue input) throws Jump {
    DecisionRow decision = DecisionRow.decode(decided.json());
    JsonValue data = decision.data() == null ? input : JsonValue.of(decision.data());
    if (decision.target() != null) {
      throw new Jump(decision.target(), data);
    }
    return data;
  }

  private JsonValue branch(
      Node.Branch branch, NodePath where, @Nullable String into, JsonValue input)
      throws StepFailure, Suspension, ParkedException, Jump {
    String path = where.text();
    String name =
        into == null
            ? new BranchSelection(steps).choose(branch, path, input).path()
            : JumpTargets.first(into);
    if (name == null) {
      return input;
    }
    int index = JumpTargets.indexOf(branch.children(), name);
    if (index < 0) {
      throw new ParkedException(
          ErrorInfo.of(
              ErrorInfo.DEFINITION_CHANGED,
              "Branch '" + path + "' chose its case '" + name + "', which is no longer there.",
              path));
    }
    List<Node> nodes = branch.children().get(index).children();
    String inside = into == null ? null : JumpTargets.rest(into);
    int from = inside == null ? 0 : JumpTargets.indexOf(nodes, JumpTargets.first(inside));
    return sequence(
        nodes,
        where.node(name),
        Math.max(0, from),
        inside == null ? null : JumpTargets.rest(inside),
        input);
  }
}
