package dev.durable.workflow;

import dev.durable.json.TypeRef;
import java.util.List;

/**
 * A node of a definition's tree. Its identity is its path: the names from the root (exclusive) down
 * to it, joined by {@code /}.
 */
public sealed interface Node {

  /** The name, unique among siblings. */
  String name();

  /** The type of what the node hands on. */
  TypeRef<?> output();

  /** Nodes that run one after the other; each gets what the one before handed on. */
  record Sequence(String name, TypeRef<?> output, List<Node> children) implements Node {
    /** Copies the list. */
    public Sequence {
      children = List.copyOf(children);
    }
  }

  /** A step with a body. */
  record Step(
      String name, TypeRef<?> input, TypeRef<?> output, StepOptions options, StepBody<?, ?, ?> body)
      implements Node {}

  /** A step whose SQL commits together with its result. */
  record Transaction(
      String name,
      TypeRef<?> input,
      TypeRef<?> output,
      StepOptions options,
      TransactionBody<?, ?, ?> body)
      implements Node {}
}
