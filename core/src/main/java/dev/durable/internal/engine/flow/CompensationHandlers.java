package dev.durable.internal.engine.flow;

import dev.durable.execution.ErrorInfo;
import dev.durable.internal.codec.CompensationLog.Planned;
import dev.durable.internal.engine.run.ParkedException;
import dev.durable.internal.text.NodePath;
import dev.durable.json.TypeRef;
import dev.durable.workflow.Compensation;
import dev.durable.workflow.Node;
import dev.durable.workflow.Workflow;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** The handlers of a definition that undo its steps, and the effects of their bodies. */
public final class CompensationHandlers {

  private final Workflow<?, ?> workflow;

  CompensationHandlers(Workflow<?, ?> workflow) {
    this.workflow = workflow;
  }

  /**
   * The handler that undoes a step or an effect.
   *
   * @param how the handler
   * @param type the type of the value that it gets
   */
  record Handler(Compensation<?> how, TypeRef<?> type) {}

  /** Whether the result at this path would be needed to undo it. */
  boolean isNeeded(String path) {
    return of(path) != null;
  }

  /**
   * The handler that a plan names.
   *
   * @throws ParkedException if the definition does not have it
   */
  Handler required(Planned what) throws ParkedException {
    Handler planned = planned(what);
    if (planned != null) {
      return planned;
    }
    Handler handler = of(what.path());
    throw new ParkedException(
        ErrorInfo.of(
            ErrorInfo.DEFINITION_CHANGED,
            "'"
                + what.path()
                + "' is to be undone by '"
                + what.handler()
                + "', but in the registered definition "
                + workflow
                + (handler == null
                    ? " nothing undoes it."
                    : " it is undone by '" + handler.how().name() + "'.")
                + " Register the definition that it began to be undone with: it continues by"
                + " itself.",
            what.path()));
  }

  /** Whether the definition has the handler that a plan names. */
  boolean have(Planned what) {
    return planned(what) != null;
  }

  /** Another handler than the planned one might undo it twice, or undo the wrong thing. */
  private @Nullable Handler planned(Planned what) {
    Handler handler = of(what.path());
    return handler != null && handler.how().name().equals(what.handler()) ? handler : null;
  }

  /** The handler that undoes the step or the effect at a path, or null. */
  @Nullable Handler of(String path) {
    Node node = workflow.node(path);
    if (node != null) {
      return node.settings()
          .compensation()
          .map(how -> new Handler(how, node.output()))
          .orElse(null);
    }
    Node parent = workflow.node(NodePath.above(path));
    Compensation<?> effect =
        parent == null ? null : parent.settings().effects().get(NodePath.called(path));
    return effect == null
        ? null
        : new Handler(effect, Objects.requireNonNull(effect.type(), "type"));
  }
}
