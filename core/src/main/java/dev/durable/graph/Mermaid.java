package dev.durable.graph;

import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Writes a graph as a Mermaid flowchart (mermaid.js.org, syntax of version 11). */
final class Mermaid {

  private final WorkflowGraph graph;
  private final Map<String, String> names = new HashMap<>();

  Mermaid(WorkflowGraph graph) {
    this.graph = graph;
    graph.nodes().forEach(node -> names.put(node.id(), "n" + names.size()));
  }

  String text() {
    StringBuilder text = new StringBuilder("flowchart TD\n");
    for (GraphNode node : graph.nodes()) {
      text.append("  ").append(names.get(node.id())).append(shape(node)).append(style(node));
      text.append('\n');
    }
    for (GraphEdge edge : graph.edges()) {
      text.append("  ").append(names.get(edge.from())).append(arrow(edge));
      text.append(names.get(edge.to())).append('\n');
    }
    text.append("  classDef completed fill:#d7f0dd,stroke:#2e7d46\n");
    text.append("  classDef failed fill:#f8d7d7,stroke:#b02a2a\n");
    text.append("  classDef running fill:#d7e6f8,stroke:#2a5db0\n");
    text.append("  classDef waiting fill:#f8efd0,stroke:#a07a10\n");
    text.append("  classDef cancelled fill:#e6e6e6,stroke:#777777\n");
    return text.toString();
  }

  private static String shape(GraphNode node) {
    String label = '"' + escape(Labels.of(node, "\n")).replace("\n", "<br/>") + '"';
    return switch (node.kind()) {
      case START, END -> "([" + label + "])";
      case STEP -> "[" + label + "]";
      case TRANSACTION -> "[(" + label + ")]";
      case SLEEP, EVENT -> "([" + label + "])";
      case INPUT -> "[/" + label + "/]";
      case CHILD -> "[[" + label + "]]";
      case DECISION, BRANCH -> "{" + label + "}";
      case PARALLEL, FOR_EACH, REPEAT, BLOCK_END -> "{{" + label + "}}";
      case COMPENSATION -> ">" + label + "]";
    };
  }

  private static String style(GraphNode node) {
    GraphNode.State state = node.state();
    return state == null ? "" : ":::" + state.status();
  }

  private static String arrow(GraphEdge edge) {
    String label = label(edge.label());
    return switch (edge.kind()) {
      case NEXT, CASE, INTO -> " -->" + label + " ";
      case JUMP, AGAIN -> " -.->" + label + " ";
      case UNDO -> " -.-" + label + " ";
    };
  }

  private static String label(@Nullable String label) {
    return label == null ? "" : "|\"" + escape(label) + "\"|";
  }

  /** Entity codes, as Mermaid wants them for what would end a label or be read as HTML. */
  private static String escape(String text) {
    return text.replace("#", "#35;")
        .replace("&", "#amp;")
        .replace("\"", "#quot;")
        .replace("<", "#lt;")
        .replace(">", "#gt;");
  }
}
