package dev.durable.internal.engine.flow;

import dev.durable.execution.ErrorInfo;
import dev.durable.internal.codec.CompensationLog.Planned;
import dev.durable.internal.engine.run.ParkedException;
import dev.durable.json.TypeRef;
import dev.durable.workflow.Compensation;
import dev.durable.workflow.Node;
import dev.durable.workflow.Workflow;
import org.jspecify.annotations.Nullable;

/** The handlers of a definition that undo its nodes. */
public final class CompensationHandlers {

  private final Workflow<?, ?> workflow;

  CompensationHandlers(Workflow<?, ?> workflow) {
    this.workflow = workflow;
  }

  /**
   * A handler that undoes a node, or what a body has done.
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

  /** The handler that undoes the node at a path, or null. */
  @Nullable Handler of(String path) {
    Node node = workflow.node(path);
    return node == null
        ? null
        : node.settings().compensation().map(how -> new Handler(how, node.output())).orElse(null);
  }
}
