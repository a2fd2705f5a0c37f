package dev.durable.graph;

/** What is written into a node. */
final class Labels {

  private Labels() {}

  static String of(GraphNode node, String lineBreak) {
    GraphNode.State state = node.state();
    return state == null ? node.name() : node.name() + lineBreak + of(node, state);
  }

  private static String of(GraphNode node, GraphNode.State state) {
    StringBuilder label = new StringBuilder(state.status());
    if (state.total() != null) {
      label.append(", ").append(state.total()).append(" items");
    }
    if (state.counts().size() > 1 || state.counts().values().stream().anyMatch(n -> n > 1)) {
      label.append(' ').append(state.counts().toString().replaceAll("[{}]", ""));
    }
    if (node.kind() == GraphNode.Kind.REPEAT) {
      label.append(", ").append(state.attempts()).append(" rounds");
    } else if (state.counts().size() == 1 && state.attempts() > sum(state)) {
      label.append(", ").append(state.attempts()).append(" attempts");
    }
    if (state.note() != null) {
      label.append(": ").append(state.note());
    }
    return label.toString();
  }

  private static int sum(GraphNode.State state) {
    return state.counts().values().stream().mapToInt(Integer::intValue).sum();
  }
}
