package dev.durable.graph;

import dev.durable.execution.ErrorInfo;
import dev.durable.execution.StepExecution;
import dev.durable.execution.StepStatus;
import dev.durable.execution.StepType;
import dev.durable.json.JsonCodec;
import dev.durable.json.JsonFields;
import dev.durable.json.TypeRef;
import dev.durable.workflow.Node;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What an execution has done, by the node of its definition. */
final class Overlay {

  private static final String ITEMS = "[*]";
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

  private final Map<String, List<StepExecution>> rows = new HashMap<>();
  private final Map<String, Integer> totals = new HashMap<>();

  Overlay(List<StepExecution> history) {
    for (StepExecution row : history) {
      String path = Node.pathInDefinition(row.path());
      if (path.endsWith(ITEMS)) {
        total(path.substring(0, path.length() - ITEMS.length()), row);
      } else if (row.type().isWithinStep()) {
        if (row.status() == StepStatus.WAITING) {
          // It is its step that waits.
          String step = path.substring(0, path.lastIndexOf('/'));
          rows.computeIfAbsent(step, p -> new ArrayList<>()).add(row);
        }
      } else if (row.type() != StepType.RETRY) {
        rows.computeIfAbsent(path, p -> new ArrayList<>()).add(row);
      }
    }
  }

  private void total(String path, StepExecution row) {
    List<Object> items = row.output() == null ? null : CODEC.decode(row.output(), LIST);
    if (items != null) {
      // A loop in a loop has several lists.
      totals.merge(path, items.size(), Integer::sum);
    }
  }

  GraphNode on(GraphNode node) {
    List<StepExecution> done = rows.getOrDefault(node.id(), List.of());
    Integer total = totals.get(node.id());
    if (done.isEmpty()) {
      return total == null ? node : node.with(begun(total));
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

  private static GraphNode.State begun(int total) {
    return new GraphNode.State(StepStatus.RUNNING.text(), Map.of(), 0, total, null);
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
