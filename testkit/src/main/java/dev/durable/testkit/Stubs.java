package dev.durable.testkit;

import dev.durable.internal.text.NodePath;
import dev.durable.workflow.Node;
import dev.durable.workflow.StepFunction;
import dev.durable.workflow.Workflow;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What stands for bodies and effects, by path.
 *
 * @param used the paths of those that were called for
 */
record Stubs(Map<String, StepFunction<Object, ?>> byPath, Set<String> used) {

  Stubs() {
    this(new HashMap<>(), new HashSet<>());
  }

  Stubs copy() {
    return new Stubs(new HashMap<>(byPath), new HashSet<>());
  }

  void add(String path, StepFunction<Object, ?> body) {
    Objects.requireNonNull(path, "path");
    byPath.put(path, Objects.requireNonNull(body, "body"));
  }

  @Nullable StepFunction<Object, ?> at(String path) {
    String given = byPath.containsKey(path) ? path : NodePath.inDefinition(path);
    StepFunction<Object, ?> stub = byPath.get(given);
    if (stub != null) {
      used.add(given);
    }
    return stub;
  }

  /** The paths of those that stood for nothing, in order. */
  List<String> unused() {
    return byPath.keySet().stream().filter(path -> !used.contains(path)).sorted().toList();
  }

  /**
   * Refuses what can stand for nothing: it is for a node with a body, or for what such a body does.
   */
  void requireEffects(Workflow<?, ?> workflow) {
    for (String path : byPath.keySet()) {
      if (!hasBody(workflow.node(path)) && !isInBody(workflow, path)) {
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

  /** Whether a body, or a part of it, might do something at a path; only its code knows what. */
  private static boolean isInBody(Workflow<?, ?> workflow, String path) {
    boolean undoing = NodePath.above(path).indexOf('~') >= 0;
    boolean isPlace = NodePath.inDefinition(path).indexOf('[') < 0;
    return isPlace
        && (undoing
            || NodePath.allAbove(path).stream()
                .anyMatch(above -> workflow.node(above) instanceof Node.Step));
  }
}
