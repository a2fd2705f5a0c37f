package dev.durable.internal.engine.step;

import dev.durable.json.TypeRef;
import dev.durable.workflow.BranchOutcome;
import dev.durable.workflow.ChildOptions;
import dev.durable.workflow.StepContext;
import dev.durable.workflow.Workflow;

/** The context of a body, as its parts see it and as they have one themselves. */
interface PartContext extends StepContext<Object>, EffectContext, Scoped {

  /** A new context for the code of a part of this body. */
  PartContext part(BodyScope part);

  /** Calls a child for an item, and waits for its result. */
  <J, O> O call(Workflow<J, O> child, J input, ChildOptions options);

  /** How a part ended, with what it returned. */
  <R> BranchOutcome<R> outcome(String place, BranchResult part, TypeRef<R> type);

  /**
   * The body has returned.
   *
   * @throws IllegalStateException if it has not joined all its branches
   */
  void requireJoined();
}
