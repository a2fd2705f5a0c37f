package dev.durable.internal.engine.step;

import dev.durable.execution.ErrorInfo;
import dev.durable.internal.transaction.AttemptView;
import dev.durable.workflow.CompensationContext;

/** The context that a compensation gets. */
final class UndoContext extends AttemptView<Object>
    implements CompensationContext<Object>, EffectContext {

  private final BodyEffects effects;
  private final ErrorInfo cause;

  /**
   * @param cause why the execution is undone
   */
  UndoContext(BodyContext body, ErrorInfo cause) {
    super(body);
    this.effects = body.effects();
    this.cause = cause;
  }

  @Override
  public ErrorInfo cause() {
    return cause;
  }

  @Override
  public BodyEffects effects() {
    return effects;
  }
}
