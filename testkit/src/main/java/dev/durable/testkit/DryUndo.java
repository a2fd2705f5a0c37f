package dev.durable.testkit;

import dev.durable.execution.ErrorInfo;
import dev.durable.workflow.CompensationContext;

/** What a compensation sees. */
final class DryUndo extends DryView implements CompensationContext<Object>, DryEffectCalls {

  private final ErrorInfo cause;

  DryUndo(DryContext context, ErrorInfo cause) {
    super(context);
    this.cause = cause;
  }

  @Override
  public ErrorInfo cause() {
    return cause;
  }

  @Override
  public DryEffects effects() {
    return context().effects();
  }
}
