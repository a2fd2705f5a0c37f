package dev.durable.workflow;

import dev.durable.internal.text.NodePath;
import dev.durable.json.TypeRef;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Whether a decision can jump to a target: forward, within its path or out of the paths around it,
 * or into a case of a branch that comes later.
 *
 * @param places the paths around the decision, the innermost first
 * @param data what the decision hands on
 */
record JumpRule(List<Place> places, TypeRef<?> data) {

  /**
   * A path, and where in it one is.
   *
   * @param path its nodes
   * @param index of the node that one is in
   * @param fence the block that no jump may leave, or null
   */
  record Place(Node.Sequence path, int index, @Nullable String fence) {}

  /** Why not, as a sentence; null if it can. */
  @Nullable String problem(String target) {
    List<String> names = NodePath.names(target);
    String fence = null;
    for (Place place : places) {
      int index = indexOf(place.path, names.getFirst());
      if (index >= 0) {
        return fence == null ? inside(place, index, names) : "it would leave " + fence + ".";
      }
      fence = fence == null ? place.fence : fence;
    }
    return "it does not exist in this path or around it.";
  }

  private @Nullable String inside(Place place, int index, List<String> names) {
    if (index == place.index) {
      return "that is itself, or the block it is in.";
    }
    if (index < place.index) {
      return "that is backwards; use .repeatUntil(...) to do something again.";
    }
    Node node = place.path.children().get(index);
    for (int i = 1; i < names.size(); i++) {
      if (node instanceof Node.Parallel
          || node instanceof Node.ForEach
          || node instanceof Node.Repeat) {
        return "'" + node.name() + "' is a block whose inside cannot be jumped into.";
      }
      int next = indexOf(node, names.get(i));
      if (next < 0) {
        return "'" + node.name() + "' has no '" + names.get(i) + "'.";
      }
      node = node.children().get(next);
    }
    return node.input().equals(data)
        ? null
        : "it takes " + node.input() + ", but the decision hands on " + data + ".";
  }

  private static int indexOf(Node parent, String name) {
    List<Node> children = parent.children();
    for (int i = 0; i < children.size(); i++) {
      if (children.get(i).name().equals(name)) {
        return i;
      }
    }
    return -1;
  }
}
