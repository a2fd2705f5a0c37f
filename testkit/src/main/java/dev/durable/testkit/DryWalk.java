package dev.durable.testkit;

import dev.durable.execution.ErrorInfo;
import dev.durable.execution.StepType;
import dev.durable.internal.codec.FailureMessage;
import dev.durable.internal.codec.JsonValue;
import dev.durable.internal.text.NodePath;
import dev.durable.json.TypeRef;
import dev.durable.retry.NonRetryableException;
import dev.durable.workflow.Decision;
import dev.durable.workflow.Node;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Walks a definition's tree as the engine does, on the calling thread. */
final class DryWalk {

  private final DryExecution run;
  private final DrySteps steps;

  DryWalk(DryExecution run) {
    this.run = run;
    this.steps = new DrySteps(run);
  }

  JsonValue sequence(List<Node> nodes, NodePath above, JsonValue input) throws DryFailure, DryJump {
    return sequence(nodes, above, 0, null, input);
  }

  private JsonValue sequence(
      List<Node> nodes, NodePath above, int from, @Nullable String into, JsonValue input)
      throws DryFailure, DryJump {
    JsonValue data = input;
    String inside = into;
    int next = from;
    while (next < nodes.size()) {
      Node node = nodes.get(next);
      try {
        data = node(node, above.node(node.name()), inside, data);
        inside = null;
        next++;
      } catch (DryJump jump) {
        next = indexOf(nodes, NodePath.first(jump.target()));
        if (next < 0) {
          throw jump;
        }
        inside = rest(jump.target());
        data = jump.data();
      }
    }
    return data;
  }

  JsonValue node(Node node, NodePath where, @Nullable String into, JsonValue input)
      throws DryFailure, DryJump {
    String path = where.text();
    return switch (node) {
      case Node.Sequence inner -> sequence(inner.children(), where, input);
      case Node.Step step -> steps.step(step, path, input);
      case Node.Transaction step -> steps.transaction(step, path, input);
      case Node.Decide decide -> decide(decide, path, input);
      case Node.Branch branch -> branch(branch, where, into, input);
      case Node.Parallel parallel -> new DryForks(run, steps).parallel(parallel, where, input);
      case Node.ForEach forEach -> new DryForks(run, steps).forEach(forEach, where, input);
      case Node.Repeat repeat -> new DryRounds(run).repeat(repeat, where, input);
    };
  }

  // ---- decide ----

  private JsonValue decide(Node.Decide decide, String path, JsonValue input)
      throws DryFailure, DryJump {
    Decided decided = steps.decide(decide, path, input);
    JsonValue data = decided.data == null ? input : JsonValue.of(decided.data);
    if (decided.target != null) {
      throw new DryJump(decided.target, data);
    }
    return data;
  }

  /** Where a decision goes, and with which data if not the same. */
  record Decided(@Nullable String target, @Nullable String data) {

    static Decided of(
        Node.Decide decide, String path, @Nullable Object decision, DryExecution run) {
      return switch ((Decision<?>) decision) {
        case Decision.Next<?>(Object data) ->
            new Decided(null, json(path, decide.output(), data, run));
        case Decision.GoTo<?>(String target, Object data) ->
            new Decided(declared(decide, path, target), json(path, decide.output(), data, run));
        case null ->
            throw new NonRetryableException(
                "Decision '" + path + "' returned null. Return Decision.next() or goTo(…).");
      };
    }

    private static @Nullable String json(
        String path, TypeRef<?> type, @Nullable Object data, DryExecution run) {
      return data == null ? null : run.values().encode(path, type, data).json();
    }

    private static String declared(Node.Decide decide, String path, String target) {
      if (decide.targets().contains(target)) {
        return target;
      }
      throw new WrongDecisionException(
          "Decision '"
              + path
              + "' wants to go to '"
              + target
              + "', which does not exist among its targets "
              + decide.targets()
              + ".");
    }
  }

  // ---- branch ----

  private JsonValue branch(
      Node.Branch branch, NodePath where, @Nullable String into, JsonValue input)
      throws DryFailure, DryJump {
    Node.Sequence chosen =
        into == null
            ? chosen(branch, where.text(), input)
            : (Node.Sequence)
                branch.children().get(indexOf(branch.children(), NodePath.first(into)));
    if (chosen == null) {
      return input;
    }
    List<Node> nodes = chosen.children();
    String inside = into == null ? null : rest(into);
    int from = inside == null ? 0 : indexOf(nodes, NodePath.first(inside));
    return sequence(
        nodes,
        where.node(chosen.name()),
        Math.max(0, from),
        inside == null ? null : rest(inside),
        input);
  }

  private Node.@Nullable Sequence chosen(Node.Branch branch, String path, JsonValue input)
      throws DryFailure {
    Node.@Nullable Sequence[] chosen = new Node.Sequence[1];
    steps.evaluate(
        StepType.BRANCH,
        path,
        context ->
            DrySteps.unchecked(branch.selector())
                .run(run.read(path, input.copy(), branch.input()), context),
        value -> {
          chosen[0] = select(branch, path, value);
          return JsonValue.of(chosen[0] == null ? "null" : "\"chosen\"");
        });
    return chosen[0];
  }

  private static Node.@Nullable Sequence select(
      Node.Branch branch, String path, @Nullable Object value) {
    for (Node.Case one : branch.cases()) {
      if (one.matches(value)) {
        return one.path();
      }
    }
    if (branch.otherwise() != null) {
      return branch.otherwise();
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
    return null;
  }

  // ---- targets ----

  private static int indexOf(List<Node> nodes, String name) {
    for (int i = 0; i < nodes.size(); i++) {
      if (nodes.get(i).name().equals(name)) {
        return i;
      }
    }
    return -1;
  }

  private static @Nullable String rest(String target) {
    String rest = NodePath.rest(target);
    return rest.isEmpty() ? null : rest;
  }

  /** The failure of a condition that is no step of its own. */
  static DryFailure failure(Throwable failure, String path) {
    ErrorInfo error = ErrorInfo.of(failure.getClass().getName(), FailureMessage.of(failure), path);
    return new DryFailure(error);
  }
}
