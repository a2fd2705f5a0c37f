package dev.durable.graph;

import dev.durable.graph.GraphNode.Kind;
import dev.durable.internal.text.NodePath;
import dev.durable.workflow.JoinPolicy;
import dev.durable.workflow.Node;
import dev.durable.workflow.Workflow;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Lays a definition's tree out as nodes and edges. */
final class GraphBuilder {

  private static final String START = "#start";
  private static final String END = "#end";
  private static final String NO_CASE = "no case";

  private final List<GraphNode> nodes = new ArrayList<>();
  private final List<@Nullable GraphEdge> edges = new ArrayList<>();
  private final Map<String, String> behindEmptyCases = new HashMap<>();
  private final Workflow<?, ?> workflow;

  GraphBuilder(Workflow<?, ?> workflow) {
    this.workflow = workflow;
  }

  /**
   * An edge that has begun, and looks for its other end.
   *
   * @param place where it stands among the edges, or -1 if that is yet to be seen
   * @param empty the path of the empty case that it stands for, or null
   */
  private record Open(
      String from, GraphEdge.Kind kind, @Nullable String label, int place, @Nullable String empty) {
    static Open next(String from) {
      return new Open(from, GraphEdge.Kind.NEXT, null, -1, null);
    }

    static Open into(String from, String label) {
      return new Open(from, GraphEdge.Kind.INTO, label, -1, null);
    }
  }

  WorkflowGraph build() {
    String start = own(START);
    String end = own(END);
    add(start, "start", Kind.START);
    List<Open> last = path(workflow.root().children(), NodePath.ROOT, List.of(Open.next(start)));
    add(end, "end", Kind.END);
    close(last, end);
    jumps();
    List<GraphEdge> all = edges.stream().flatMap(Stream::ofNullable).toList();
    return new WorkflowGraph(workflow.name(), workflow.version(), nodes, all);
  }

  /** An id that no node has: names of nodes may end like ours. */
  private String own(String id) {
    String own = id;
    while (workflow.nodes().containsKey(own)) {
      own += "#";
    }
    return own;
  }

  private void add(String id, String name, Kind kind) {
    nodes.add(new GraphNode(id, name, kind, null));
  }

  private void close(List<Open> open, String to) {
    for (Open each : open) {
      GraphEdge edge = new GraphEdge(each.from, to, each.kind, each.label);
      if (each.place < 0) {
        edges.add(edge);
      } else {
        edges.set(each.place, edge);
      }
      if (each.empty != null) {
        behindEmptyCases.put(each.empty, to);
      }
    }
  }

  private List<Open> path(List<Node> path, NodePath above, List<Open> before) {
    List<Open> open = before;
    for (Node node : path) {
      open = node(node, above.node(node.name()), open);
    }
    return open;
  }

  private List<Open> node(Node node, NodePath where, List<Open> before) {
    String path = where.text();
    return switch (node) {
      case Node.Step step -> step(where, step, kind(step), before);
      case Node.Transaction tx -> step(where, tx, Kind.TRANSACTION, before);
      case Node.Decide decide -> plain(path, decide.name(), Kind.DECISION, before);
      case Node.Sequence sequence -> path(sequence.children(), where, before);
      case Node.Branch branch -> branch(branch, where, before);
      case Node.Parallel parallel -> parallel(parallel, where, before);
      case Node.ForEach forEach -> block(forEach, where, Kind.FOR_EACH, "each item", before);
      case Node.Repeat repeat -> repeat(repeat, where, before);
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

  private List<Open> step(NodePath path, Node node, Kind kind, List<Open> before) {
    List<Open> after = plain(path.text(), node.name(), kind, before);
    undone(path, node);
    return after;
  }

  private void undone(NodePath path, Node node) {
    node.settings().compensation().ifPresent(undo -> undo(path, path, undo.name()));
  }

  private void undo(NodePath step, NodePath undone, String name) {
    String id = undone.undoneBy(name).text();
    add(id, name, Kind.COMPENSATION);
    edges.add(new GraphEdge(step.text(), id, GraphEdge.Kind.UNDO, "undone by"));
  }

  private List<Open> branch(Node.Branch branch, NodePath path, List<Open> before) {
    plain(path.text(), branch.name(), Kind.BRANCH, before);
    List<Open> after = new ArrayList<>();
    for (Node each : branch.children()) {
      NodePath inside = path.node(each.name());
      boolean empty = each.children().isEmpty();
      Open begin = choice(path, each.name(), empty ? inside.text() : null);
      after.addAll(path(each.children(), inside, List.of(begin)));
    }
    if (branch.otherwise() == null && !branch.coversAll()) {
      after.add(choice(path, NO_CASE, null));
    }
    return after;
  }

  /** It has its place among the cases, wherever it ends. */
  private Open choice(NodePath branch, String label, @Nullable String empty) {
    edges.add(null);
    return new Open(branch.text(), GraphEdge.Kind.CASE, label, edges.size() - 1, empty);
  }

  private List<Open> parallel(Node.Parallel parallel, NodePath path, List<Open> before) {
    step(path, parallel, Kind.PARALLEL, before);
    List<Open> ends = new ArrayList<>();
    for (Node each : parallel.children()) {
      Open begin = Open.into(path.text(), each.name());
      ends.addAll(node(each, path.node(each.name()), List.of(begin)));
    }
    return end(path.text(), policy(parallel.policy()), ends);
  }

  private static String policy(JoinPolicy policy) {
    return switch (policy) {
      case JoinPolicy.FailFast all -> "all";
      case JoinPolicy.CompleteAll all -> "all, failed or not";
      case JoinPolicy.Quorum(int needed) -> needed == 1 ? "any" : "any " + needed;
    };
  }

  private List<Open> block(Node node, NodePath path, Kind kind, String label, List<Open> before) {
    step(path, node, kind, before);
    Open begin = Open.into(path.text(), label);
    return end(path.text(), "end of " + node.name(), path(node.children(), path, List.of(begin)));
  }

  private List<Open> repeat(Node.Repeat repeat, NodePath path, List<Open> before) {
    List<Open> after = block(repeat, path, Kind.REPEAT, "each round", before);
    edges.add(new GraphEdge(own(path.text() + END), path.text(), GraphEdge.Kind.AGAIN, "again"));
    return after;
  }

  private List<Open> end(String path, String name, List<Open> ends) {
    String id = own(path + END);
    add(id, name, Kind.BLOCK_END);
    close(ends, id);
    return List.of(Open.next(id));
  }

  /** A target is the name of a later node of the decision's path, or of a path around it. */
  private void jumps() {
    workflow
        .nodes()
        .forEach(
            (path, node) -> {
              if (node instanceof Node.Decide decide) {
                for (String target : decide.targets()) {
                  edges.add(new GraphEdge(path, absolute(path, target), GraphEdge.Kind.JUMP, null));
                }
              }
            });
  }

  private String absolute(String decision, String target) {
    String above = decision;
    do {
      above = NodePath.above(above);
      String path = new NodePath(above).node(target).text();
      if (workflow.nodes().containsKey(path)) {
        return first(path);
      }
    } while (!above.isEmpty());
    throw new IllegalStateException("nothing has the target " + target);
  }

  /** A path is no node of its own: its first node stands for it. */
  private String first(String path) {
    if (!(workflow.nodes().get(path) instanceof Node.Sequence sequence)) {
      return path;
    }
    return sequence.children().isEmpty()
        ? behindEmptyCases.getOrDefault(path, path)
        : first(new NodePath(path).node(sequence.children().getFirst().name()).text());
  }
}
