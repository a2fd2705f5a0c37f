package dev.durable.internal.codec;

import dev.durable.json.JsonCodec;
import dev.durable.json.JsonException;
import dev.durable.json.TypeRef;
import dev.durable.workflow.InvalidWorkflowException;
import dev.durable.workflow.Node;
import dev.durable.workflow.Workflow;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Asks a codec for every type whose values a definition stores, before there are any. */
public final class StoredTypes {

  private final Map<TypeRef<?>, String> places = new LinkedHashMap<>();

  private StoredTypes(Workflow<?, ?> workflow) {
    add(workflow.input(), "its input");
    workflow.nodes().forEach(this::add);
  }

  /**
   * Refuses a definition whose values the codec cannot write and read back.
   *
   * @throws InvalidWorkflowException if there are such types; the message lists them all
   */
  public static void require(Workflow<?, ?> workflow, JsonCodec codec) {
    List<String> problems = new ArrayList<>();
    new StoredTypes(workflow)
        .places.forEach(
            (type, place) -> {
              String problem = problem(codec, type);
              if (problem != null) {
                problems.add("The codec refuses " + place + ". " + problem);
              }
            });
    if (!problems.isEmpty()) {
      throw new InvalidWorkflowException(workflow.name(), problems);
    }
  }

  /** The reason why a codec cannot take values of a type; null if it can. */
  static @Nullable String problem(JsonCodec codec, TypeRef<?> type) {
    try {
      codec.check(type);
      return null;
    } catch (JsonException refused) {
      return FailureMessage.of(refused);
    } catch (Throwable broken) {
      return "It could not check " + type + ": " + broken;
    }
  }

  private void add(String path, Node node) {
    add(node.output(), "what '" + path + "' hands on");
    switch (node) {
      case Node.Step step ->
          step.subject().received().forEach(type -> add(type, "what '" + path + "' receives"));
      case Node.Transaction step -> {}
      case Node.ForEach forEach -> {
        add(forEach.item(), "an item of '" + path + "'");
        add(forEach.path().output(), "what an item of '" + path + "' hands on");
      }
      case Node.Decide decide -> {}
      case Node.Branch branch -> {}
      case Node.Parallel parallel -> {}
      case Node.Repeat repeat -> {}
      case Node.Sequence sequence -> {}
    }
  }

  private void add(TypeRef<?> type, String place) {
    places.putIfAbsent(type, place);
  }
}
