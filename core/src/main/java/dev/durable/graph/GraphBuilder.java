package dev.durable.graph;

import dev.durable.graph.GraphNode.Kind;
import dev.durable.workflow.JoinPolicy;
import dev.durable.workflow.Node;
import dev.durable.workflow.StepOptions;
import dev.durable.workflow.Workflow;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Lays a definition's tree out as nodes and edges. */
final class GraphBuilder {

  private static final String START = "#start";
  private static final String END = "#end";

  private final List<GraphNode> nodes = new ArrayList<>();
  private final List<GraphEdge> edges = new ArrayList<>();

  /** An edge that has begun, and looks for its other end. */
  private record Open(String from, GraphEdge.Kind kind, @Nullable String label) {
    static Open next(String from) {
      return new Open(from, GraphEdge.Kind.NEXT, null);
    }
  }

  WorkflowGraph build(Workflow<?, ?> workflow) {
    add(START, "start", Kind.START);
    List<Open> last = path(workflow.root().children(), "", List.of(Open.next(START)));
    add(END, "end", Kind.END);
    close(last, END);
    jumps(workflow);
    return new WorkflowGraph(workflow.name(), workflow.version(), nodes, edges);
  }

  private void add(String id, String name, Kind kind) {
    nodes.add(new GraphNode(id, name, kind, null));
  }

  private void close(List<Open> open, String to) {
    open.forEach(edge -> edges.add(new GraphEdge(edge.from, to, edge.kind, edge.label)));
  }

  private List<Open> path(List<Node> path, String prefix, List<Open> before) {
    List<Open> open = before;
    for (Node node : path) {
      open = node(node, prefix + node.name(), open);
    }
    return open;
  }

  private List<Open> node(Node node, String path, List<Open> before) {
    return switch (node) {
      case Node.Step step -> step(path, step.name(), kind(step), step.options(), before);
      case Node.Transaction tx -> step(path, tx.name(), Kind.TRANSACTION, tx.options(), before);
      case Node.Decide decide -> plain(path, decide.name(), Kind.DECISION, before);
      case Node.Sequence sequence -> path(sequence.children(), path + "/", before);
      case Node.Branch branch -> branch(branch, path, before);
      case Node.Parallel parallel -> parallel(parallel, path, before);
      case Node.ForEach forEach -> block(forEach, path, Kind.FOR_EACH, "each item", before);
      case Node.Repeat repeat -> repeat(repeat, path, before);
    };
  }

  private static Kind kind(Node.Step step) {
    return switch (step.purpose()) {
      case WORK -> Kind.STEP;
      case SLEEP -> Kind.SLEEP;
      case EVENT -> Kind.EVENT;
      case INPUT -> Kind.INPUT;
      case CHILD -> Kind.CHILD;
    };
  }

  private List<Open> plain(String path, String name, Kind kind, List<Open> before) {
    add(path, name, kind);
    close(before, path);
    return List.of(Open.next(path));
  }

  private List<Open> step(
      String path, String name, Kind kind, StepOptions<?> options, List<Open> before) {
    List<Open> after = plain(path, name, kind, before);
    options.compensation().ifPresent(undo -> undo(path, path, undo.name()));
    options
        .effectCompensations()
        .forEach((effect, undo) -> undo(path, path + "/" + effect, undo.name()));
    return after;
  }

  private void undo(String step, String undone, String name) {
    String id = undone + "~" + name;
    add(id, name, Kind.COMPENSATION);
    edges.add(new GraphEdge(step, id, GraphEdge.Kind.UNDO, "undone by"));
  }

  private List<Open> branch(Node.Branch branch, String path, List<Open> before) {
    plain(path, branch.name(), Kind.BRANCH, before);
    List<Open> after = new ArrayList<>();
    for (Node each : branch.children()) {
      Open begin = new Open(path, GraphEdge.Kind.CASE, each.name());
      after.addAll(path(each.children(), path + "/" + each.name() + "/", List.of(begin)));
    }
    return after;
  }

  private List<Open> parallel(Node.Parallel parallel, String path, List<Open> before) {
    plain(path, parallel.name(), Kind.PARALLEL, before);
    List<Open> ends = new ArrayList<>();
    for (Node each : parallel.children()) {
      Open begin = new Open(path, GraphEdge.Kind.INTO, each.name());
      ends.addAll(node(each, path + "/" + each.name(), List.of(begin)));
    }
    return end(path, policy(parallel.policy()), ends);
  }

  private static String policy(JoinPolicy policy) {
    return switch (policy) {
      case JoinPolicy.FailFast all -> "all";
      case JoinPolicy.CompleteAll all -> "all, failed or not";
      case JoinPolicy.Quorum(int needed) -> needed == 1 ? "any" : "any " + needed;
    };
  }

  private List<Open> block(Node node, String path, Kind kind, String label, List<Open> before) {
    plain(path, node.name(), kind, before);
    Open begin = new Open(path, GraphEdge.Kind.INTO, label);
    return end(path, "end of " + node.name(), path(node.children(), path + "/", List.of(begin)));
  }

  private List<Open> repeat(Node.Repeat repeat, String path, List<Open> before) {
    List<Open> after = block(repeat, path, Kind.REPEAT, "each round", before);
    edges.add(new GraphEdge(path + END, path, GraphEdge.Kind.AGAIN, "again"));
    return after;
  }

  private List<Open> end(String path, String name, List<Open> ends) {
    add(path + END, name, Kind.BLOCK_END);
    close(ends, path + END);
    return List.of(Open.next(path + END));
  }

  /** A target is the name of a later node of the decision's path, or of a path around it. */
  private void jumps(Workflow<?, ?> workflow) {
    workflow
        .nodes()
        .forEach(
            (path, node) -> {
              if (node instanceof Node.Decide decide) {
                for (String target : decide.targets()) {
                  edges.add(
                      new GraphEdge(
                          path, absolute(workflow, path, target), GraphEdge.Kind.JUMP, null));
                }
              }
            });
  }

  private static String absolute(Workflow<?, ?> workflow, String decision, String target) {
    String prefix = decision;
    do {
      prefix = prefix.substring(0, Math.max(0, prefix.lastIndexOf('/')));
      String path = prefix.isEmpty() ? target : prefix + "/" + target;
      if (workflow.node(path) != null) {
        return first(workflow, path);
      }
    } while (!prefix.isEmpty());
    throw new IllegalStateException("nothing has the target " + target);
  }

  /** A path is no node of its own: its first node stands for it. */
  private static String first(Workflow<?, ?> workflow, String path) {
    Node node = workflow.node(path);
    return node instanceof Node.Sequence sequence && !sequence.children().isEmpty()
        ? first(workflow, path + "/" + sequence.children().getFirst().name())
        : path;
  }
}
