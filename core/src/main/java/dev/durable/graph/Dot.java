package dev.durable.graph;

/** Writes a graph in the DOT language (graphviz.org). */
final class Dot {

  private final WorkflowGraph graph;

  Dot(WorkflowGraph graph) {
    this.graph = graph;
  }

  String text() {
    StringBuilder text = new StringBuilder("digraph " + quoted(graph.workflow()) + " {\n");
    text.append("  node [fontname=\"sans-serif\" style=filled fillcolor=white];\n");
    for (GraphNode node : graph.nodes()) {
      text.append("  ").append(quoted(node.id())).append(" [label=");
      text.append(quoted(Labels.of(node, "\n"))).append(" shape=").append(shape(node));
      text.append(" fillcolor=").append(quoted(colour(node))).append("];\n");
    }
    for (GraphEdge edge : graph.edges()) {
      text.append("  ").append(quoted(edge.from())).append(" -> ").append(quoted(edge.to()));
      text.append(attributes(edge)).append(";\n");
    }
    return text.append("}\n").toString();
  }

  private static String shape(GraphNode node) {
    return switch (node.kind()) {
      case START, END -> "oval";
      case STEP -> "box";
      case TRANSACTION -> "cylinder";
      case SLEEP, EVENT -> "oval";
      case INPUT -> "parallelogram";
      case CHILD -> "component";
      case DECISION, BRANCH -> "diamond";
      case PARALLEL, FOR_EACH, REPEAT, BLOCK_END -> "hexagon";
      case COMPENSATION -> "note";
    };
  }

  private static String colour(GraphNode node) {
    GraphNode.State state = node.state();
    return switch (state == null ? "" : state.status()) {
      case "completed" -> "#d7f0dd";
      case "failed" -> "#f8d7d7";
      case "running" -> "#d7e6f8";
      case "waiting" -> "#f8efd0";
      case "cancelled" -> "#e6e6e6";
      default -> "white";
    };
  }

  private static String attributes(GraphEdge edge) {
    String style =
        switch (edge.kind()) {
          case NEXT, CASE, INTO -> "solid";
          case JUMP, AGAIN -> "dashed";
          case UNDO -> "dotted";
        };
    String label = edge.label() == null ? "" : " label=" + quoted(edge.label());
    return " [style=" + style + label + "]";
  }

  private static String quoted(String text) {
    return '"' + text.replace("\\", "\\\\").replace("\"", "\\\"").replace("\n", "\\n") + '"';
  }
}
