package dev.durable.graph;

import dev.durable.execution.StepExecution;
import dev.durable.json.JsonCodec;
import dev.durable.json.JsonException;
import dev.durable.json.JsonFields;
import dev.durable.json.TypeRef;
import dev.durable.workflow.Workflow;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * A definition as nodes and edges, for pictures. Immutable.
 *
 * @param workflow the workflow's name
 * @param version the definition's version
 * @param nodes in the order of the definition
 * @param edges in the order of the definition
 */
public record WorkflowGraph(
    String workflow, int version, List<GraphNode> nodes, List<GraphEdge> edges) {

  private static final JsonCodec CODEC = JsonFields.internal();
  private static final TypeRef<WorkflowGraph> TYPE = TypeRef.of(WorkflowGraph.class);

  /** Copies the lists. */
  public WorkflowGraph {
    nodes = List.copyOf(nodes);
    edges = List.copyOf(edges);
  }

  /** The graph of a definition. */
  public static WorkflowGraph of(Workflow<?, ?> workflow) {
    return new GraphBuilder(Objects.requireNonNull(workflow, "workflow")).build();
  }

  /** The same graph with what an execution has done, as {@code durable.steps(id)} tells it. */
  public WorkflowGraph overlay(List<StepExecution> history) {
    Objects.requireNonNull(history, "history");
    Set<String> ids = nodes.stream().map(GraphNode::id).collect(Collectors.toSet());
    Overlay overlay = new Overlay(ids, history);
    return new WorkflowGraph(workflow, version, overlay.on(nodes), edges);
  }

  /** The graph as JSON, which {@link #fromJson} reads. */
  public String toJson() {
    return CODEC.encode(this);
  }

  /**
   * A graph from its JSON.
   *
   * @throws JsonException if it is not the JSON of a graph
   */
  public static WorkflowGraph fromJson(String json) {
    return Objects.requireNonNull(CODEC.decode(Objects.requireNonNull(json, "json"), TYPE), "json");
  }

  /** A flowchart in the language of Mermaid. */
  public String toMermaid() {
    return new Mermaid(this).text();
  }

  /** A graph in the language of Graphviz. */
  public String toDot() {
    return new Dot(this).text();
  }
}
