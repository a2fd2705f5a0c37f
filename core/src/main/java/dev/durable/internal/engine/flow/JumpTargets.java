package dev.durable.internal.engine.flow;

import dev.durable.internal.text.NodePath;
import dev.durable.workflow.Node;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Finds nodes by the names in a target. */
final class JumpTargets {

  private JumpTargets() {}

  /** The place of the node of that name, or -1. */
  static int indexOf(List<Node> nodes, String name) {
    for (int i = 0; i < nodes.size(); i++) {
      if (nodes.get(i).name().equals(name)) {
        return i;
      }
    }
    return -1;
  }

  /** The first name of a decision's target. */
  static String first(String target) {
    return NodePath.first(target);
  }

  /** The names behind the first one, or null. */
  static @Nullable String rest(String target) {
    String rest = NodePath.rest(target);
    return rest.isEmpty() ? null : rest;
  }
}
