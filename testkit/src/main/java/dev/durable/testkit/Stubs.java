package dev.durable.testkit;

import dev.durable.internal.text.NodePath;
import dev.durable.workflow.Node;
import dev.durable.workflow.StepFunction;
import dev.durable.workflow.Workflow;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** What stands for bodies and effects, by path. */
record Stubs(Map<String, StepFunction<Object, ?>> byPath) {

  Stubs() {
    this(new HashMap<>());
  }

  Stubs copy() {
    return new Stubs(new HashMap<>(byPath));
  }

  void add(String path, StepFunction<Object, ?> body) {
    Objects.requireNonNull(path, "path");
    byPath.put(path, Objects.requireNonNull(body, "body"));
  }

  @Nullable StepFunction<Object, ?> at(String path) {
    StepFunction<Object, ?> exact = byPath.get(path);
    return exact == null ? byPath.get(NodePath.inDefinition(path)) : exact;
  }

  /** Refuses what stands for nothing: a node with a body, or an effect in such a node. */
  void requireEffects(Workflow<?, ?> workflow) {
    for (String path : byPath.keySet()) {
      if (!hasBody(workflow.node(path)) && !mayHaveEffects(workflow, path)) {
        throw new IllegalArgumentException(
            "Nothing of "
                + workflow
                + " can be stubbed at '"
                + path
                + "'; it has the nodes "
                + workflow.nodes().keySet()
                + ".");
      }
    }
  }

  private static boolean hasBody(@Nullable Node node) {
    return node instanceof Node.Step
        || node instanceof Node.Transaction
        || node instanceof Node.Decide;
  }

  private static boolean mayHaveEffects(Workflow<?, ?> workflow, String path) {
    String step = NodePath.above(path);
    int undoing = step.indexOf('~');
    return undoing >= 0 || workflow.node(step) instanceof Node.Step;
  }
}
