package dev.durable.graph;

import static dev.durable.execution.StepStatus.RUNNING;

import dev.durable.execution.ErrorInfo;
import dev.durable.execution.StepExecution;
import dev.durable.execution.StepStatus;
import dev.durable.execution.StepType;
import dev.durable.internal.text.NodePath;
import dev.durable.json.JsonCodec;
import dev.durable.json.JsonFields;
import dev.durable.json.TypeRef;
import dev.durable.workflow.Node;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What an execution has done, by the node of its definition. */
final class Overlay {

  private static final JsonCodec CODEC = JsonFields.internal();
  private static final TypeRef<List<Object>> LIST = new TypeRef<>() {};
  private static final TypeRef<Map<String, Object>> OBJECT = new TypeRef<>() {};

  /** What needs attention first stands last. */
  private static final List<StepStatus> BY_ATTENTION =
      List.of(
          StepStatus.COMPLETED,
          StepStatus.CANCELLED,
          StepStatus.WAITING,
          StepStatus.RUNNING,
          StepStatus.FAILED);

  /** What a block shows of its parts: the first of these that there is. */
  private static final List<StepStatus> OF_PARTS =
      List.of(RUNNING, StepStatus.WAITING, StepStatus.FAILED, StepStatus.CANCELLED);

  private static final Set<String> OVER =
      Set.of(StepStatus.COMPLETED.text(), StepStatus.FAILED.text());

  private final Map<String, List<StepExecution>> rows = new HashMap<>();
  private final Map<String, Integer> totals = new HashMap<>();

  /**
   * @param ids of the nodes
   */
  Overlay(Set<String> ids, List<StepExecution> history) {
    for (StepExecution row : history) {
      String path = Node.pathInDefinition(row.path());
      if (NodePath.isItems(path) && !row.type().isWithinStep()) {
        total(NodePath.withoutItems(path), row);
      } else if (row.type().isWithinStep()) {
        if (row.status() == StepStatus.WAITING) {
          // It is its step that waits.
          String step = step(ids, row.path());
          rows.computeIfAbsent(step, p -> new ArrayList<>()).add(row);
        }
      } else if (row.type() != StepType.RETRY) {
        rows.computeIfAbsent(path, p -> new ArrayList<>()).add(row);
      }
    }
  }

  /** The step whose body, or a branch of it, made a call. */
  private static String step(Set<String> ids, String call) {
    for (String above : NodePath.allAbove(call).reversed()) {
      String step = NodePath.withoutItems(Node.pathInDefinition(above));
      if (ids.contains(step)) {
        return step;
      }
    }
    return NodePath.withoutItems(Node.pathInDefinition(NodePath.step(call)));
  }

  private void total(String path, StepExecution row) {
    List<Object> items = row.output() == null ? null : CODEC.decode(row.output(), LIST);
    if (items != null) {
      // A loop in a loop has several lists.
      totals.merge(path, items.size(), Integer::sum);
    }
  }

  List<GraphNode> on(List<GraphNode> nodes) {
    List<GraphNode> all = new ArrayList<>();
    Deque<GraphNode> around = new ArrayDeque<>();
    for (GraphNode node : nodes) {
      GraphNode shown =
          node.kind() == GraphNode.Kind.BLOCK_END ? end(node, around.poll()) : on(node);
      if (isBlock(node)) {
        around.push(shown);
      }
      all.add(shown);
    }
    return all;
  }

  private static boolean isBlock(GraphNode node) {
    return switch (node.kind()) {
      case PARALLEL, FOR_EACH, REPEAT -> true;
      default -> false;
    };
  }

  /** The end of a block is reached when the block is over. */
  private GraphNode end(GraphNode node, @Nullable GraphNode block) {
    GraphNode.State state = block == null ? null : block.state();
    if (block == null || state == null || !rows.containsKey(block.id())) {
      return node;
    }
    return OVER.contains(state.status())
        ? node.with(new GraphNode.State(state.status(), state.counts(), 0, null, null))
        : node;
  }

  /** A block that has not come to its end does what its parts do; else null. */
  private GraphNode.@Nullable State partly(GraphNode node, @Nullable Integer total) {
    Set<StepStatus> below = EnumSet.noneOf(StepStatus.class);
    rows.forEach(
        (path, done) -> {
          if (NodePath.isBelow(node.id(), path)) {
            below.add(done.getLast().status());
          }
        });
    if (total == null && below.isEmpty()) {
      return null;
    }
    StepStatus shown = OF_PARTS.stream().filter(below::contains).findFirst().orElse(RUNNING);
    return new GraphNode.State(shown.text(), Map.of(), 0, total, null);
  }

  private GraphNode on(GraphNode node) {
    List<StepExecution> done = rows.getOrDefault(node.id(), List.of());
    Integer total = totals.get(node.id());
    if (done.isEmpty()) {
      GraphNode.State begun = isBlock(node) ? partly(node, total) : null;
      return begun == null ? node : node.with(begun);
    }
    Map<String, StepExecution> last = new LinkedHashMap<>();
    int attempts = 0;
    for (StepExecution row : done) {
      last.put(row.path(), row);
      attempts = row.type() == StepType.REPEAT ? row.attempt() : attempts + 1;
    }
    Map<String, Integer> counts = new LinkedHashMap<>();
    StepExecution shown = done.getLast();
    for (StepExecution row : last.values()) {
      counts.merge(row.status().text(), 1, Integer::sum);
      shown = attention(row) > attention(shown) ? row : shown;
    }
    return node.with(
        new GraphNode.State(shown.status().text(), counts, attempts, total, note(shown)));
  }

  private static int attention(StepExecution row) {
    return BY_ATTENTION.indexOf(row.status());
  }

  private static @Nullable String note(StepExecution row) {
    ErrorInfo error = row.error();
    if (error != null) {
      return error.type();
    }
    return switch (row.type()) {
      case BRANCH -> text(row, "path");
      case DECISION -> text(row, "target");
      default -> null;
    };
  }

  private static @Nullable String text(StepExecution row, String field) {
    Map<String, Object> output = row.output() == null ? null : CODEC.decode(row.output(), OBJECT);
    Object value = output == null ? null : output.get(field);
    return value == null ? null : value.toString();
  }
}
