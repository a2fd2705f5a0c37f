package dev.durable.testkit;

import dev.durable.internal.text.NodePath;
import dev.durable.json.TypeRef;
import dev.durable.workflow.Compensation;
import dev.durable.workflow.Node;
import dev.durable.workflow.Workflow;
import org.jspecify.annotations.Nullable;

/** Knows what undoes what. */
record DryUndoing(Workflow<?, ?> workflow) {

  /** What undoes the result of a type. */
  record Handler(Compensation<?> how, TypeRef<?> type) {}

  boolean isNeeded(String path) {
    return of(path) != null;
  }

  @Nullable Handler of(String path) {
    Node node = workflow.node(path);
    return node == null
        ? null
        : node.settings().compensation().map(how -> new Handler(how, node.output())).orElse(null);
  }

  /** The path of the body that made the call at this path. */
  String body(String call) {
    for (String above = NodePath.above(call); !above.isEmpty(); above = NodePath.above(above)) {
      if (workflow.node(above) instanceof Node.Step) {
        return above;
      }
    }
    throw new DryStop.Misuse(
        new UnsupportedOperationException(
            "A dry run cannot undo '" + call + "': it is in no body of a step."));
  }
}
