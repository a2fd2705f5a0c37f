package dev.durable.testkit;

import dev.durable.workflow.AttemptContext;
import dev.durable.workflow.ExecutionInfo;
import dev.durable.workflow.StepRef;

/** An attempt as one of its contexts shows it. */
abstract class DryView implements AttemptContext<Object> {

  private final DryContext context;

  DryView(DryContext context) {
    this.context = context;
  }

  final DryContext context() {
    return context;
  }

  @Override
  public final ExecutionInfo execution() {
    return context.execution();
  }

  @Override
  public final String path() {
    return context.path();
  }

  @Override
  public final int attempt() {
    return context.attempt();
  }

  @Override
  public final Object input() {
    return context.input();
  }

  @Override
  public final <R> R result(StepRef<R> step) {
    return context.result(step);
  }

  @Override
  public final String idempotencyKey() {
    return context.idempotencyKey();
  }

  @Override
  public final boolean isCancelled() {
    return context.isCancelled();
  }
}
