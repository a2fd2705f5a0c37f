package dev.durable.workflow;

import dev.durable.json.TypeRef;
import java.util.Collection;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.jspecify.annotations.Nullable;

/**
 * What all builders of one path share: those of the whole workflow, or of a path inside it.
 *
 * @param place where the path is; empty for the whole workflow
 * @param added what was added to any piece of the path; null for the whole workflow, whose
 *     definitions may share a beginning
 */
record WorkflowHeader<I>(
    String name,
    TypeRef<I> input,
    WorkflowSettings settings,
    String place,
    @Nullable Collection<Node> added) {

  static <I> WorkflowHeader<I> of(String name, TypeRef<I> input, WorkflowSettings settings) {
    return new WorkflowHeader<>(name, input, settings, "", null);
  }

  boolean nested() {
    return added != null;
  }

  /** The header of a path inside this one. */
  WorkflowHeader<I> nest(String path) {
    String inside = place.isEmpty() ? path : place + "/" + path;
    return new WorkflowHeader<>(name, input, settings, inside, new ConcurrentLinkedQueue<>());
  }

  void adds(Node node) {
    if (added != null) {
      added.add(node);
    }
  }

  /**
   * Checks what the definition of this path returns.
   *
   * @throws InvalidWorkflowException if it is null, or lacks nodes that were added to the path
   */
  @SuppressWarnings("ReferenceEquality") // Each path has a header of its own.
  <R> WorkflowBuilder<I, R> checked(@Nullable WorkflowBuilder<I, R> built) {
    if (built == null) {
      throw refused("returns null: return the path, with the steps that were added to it.");
    }
    if (built.header != this) {
      throw new IllegalArgumentException(
          "The path '" + place + "' must go on from the path that it is given.");
    }
    List<String> lost = lost(built.nodes);
    if (!lost.isEmpty()) {
      throw refused(
          "has steps that are not in what it returns: "
              + String.join(", ", lost)
              + ". Each call returns a new definition: chain the calls, or return the last one.");
    }
    return built;
  }

  private List<String> lost(List<Node> kept) {
    Set<Node> same = Collections.newSetFromMap(new IdentityHashMap<>());
    same.addAll(kept);
    return added == null
        ? List.of()
        : added.stream()
            .filter(node -> !same.contains(node))
            .map(node -> "'" + node.name() + "'")
            .toList();
  }

  private InvalidWorkflowException refused(String problem) {
    return new InvalidWorkflowException(name, List.of("The path '" + place + "' " + problem));
  }
}
