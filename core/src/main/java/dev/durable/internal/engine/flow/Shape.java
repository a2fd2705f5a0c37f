package dev.durable.internal.engine.flow;

import dev.durable.internal.codec.InternalJson;
import dev.durable.json.TypeRef;
import dev.durable.workflow.Compensation;
import dev.durable.workflow.Node;
import dev.durable.workflow.Subject;
import dev.durable.workflow.Workflow;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The nodes of a definition by path, as the database stores them: another definition can be
 * compared with one that is no longer registered.
 *
 * @param parts by path in the definition
 */
public record Shape(Map<String, Part> parts) {

  private static final TypeRef<Shape> TYPE = TypeRef.of(Shape.class);

  public Shape {
    parts = Map.copyOf(parts);
  }

  /**
   * A node of a definition.
   *
   * @param kind as a text for people
   * @param subject the event, question or child that it is about; empty if unknown
   * @param types the types of values from outside, a line for each type and component
   * @param atMostOnce whether its body is never begun twice
   * @param undo what undoes it, or null
   */
  record Part(
      String kind, String subject, List<String> types, boolean atMostOnce, @Nullable String undo) {
    Part {
      types = List.copyOf(types);
    }

    String text() {
      return subject.isEmpty() ? kind : kind + " (" + subject + ")";
    }
  }

  private static final String PATH = "path";

  public static Shape of(Workflow<?, ?> workflow) {
    Map<String, Part> parts = new LinkedHashMap<>();
    workflow.nodes().forEach((path, node) -> parts.put(path, part(node)));
    return new Shape(parts);
  }

  static Part part(Node node) {
    String undo = node.settings().compensation().map(Compensation::name).orElse(null);
    return switch (node) {
      case Node.Step step ->
          new Part(
              kind(step.purpose()),
              step.subject().name(),
              step.subject().types(),
              step.settings().atMostOnce(),
              undo);
      case Node.Transaction step -> plain("transaction", undo);
      case Node.Decide decide -> plain("decision", undo);
      case Node.Branch branch -> plain("branch", undo);
      case Node.Parallel parallel -> plain("parallel", undo);
      case Node.ForEach forEach -> plain("for_each", undo);
      case Node.Repeat repeat -> plain("repeat", undo);
      case Node.Sequence sequence -> plain(PATH, undo);
    };
  }

  private static Part plain(String kind, @Nullable String undo) {
    return new Part(kind, Subject.NONE.name(), Subject.NONE.types(), false, undo);
  }

  private static String kind(Node.Purpose purpose) {
    return switch (purpose) {
      case WORK -> "step";
      case SLEEP -> "sleep";
      case EVENT -> "wait";
      case INPUT -> "question";
      case CHILD -> "call";
    };
  }

  /** The node at this path of an execution, or null. */
  @Nullable Part at(String path) {
    return parts.get(Node.pathInDefinition(path));
  }

  public String toJson() {
    return InternalJson.write(this);
  }

  public static Shape of(String json) {
    return InternalJson.read(json, TYPE);
  }
}
