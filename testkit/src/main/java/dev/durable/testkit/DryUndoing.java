package dev.durable.testkit;

import dev.durable.internal.text.NodePath;
import dev.durable.json.TypeRef;
import dev.durable.workflow.Compensation;
import dev.durable.workflow.Node;
import dev.durable.workflow.Workflow;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Knows what undoes what. */
record DryUndoing(Workflow<?, ?> workflow) {

  /** What undoes the result of a type. */
  record Handler(Compensation<?> how, TypeRef<?> type) {}

  boolean isNeeded(String path) {
    return of(path) != null;
  }

  @Nullable Handler of(String path) {
    Node node = workflow.node(path);
    if (node != null) {
      return node.settings()
          .compensation()
          .map(how -> new Handler(how, node.output()))
          .orElse(null);
    }
    Node step = workflow.node(NodePath.above(path));
    Compensation<?> effect =
        step == null ? null : step.settings().effects().get(NodePath.called(path));
    return effect == null
        ? null
        : new Handler(effect, Objects.requireNonNull(effect.type(), "type"));
  }
}
