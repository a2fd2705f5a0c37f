package dev.durable.internal.transaction;

import dev.durable.workflow.AttemptContext;
import dev.durable.workflow.ExecutionInfo;
import dev.durable.workflow.StepRef;

/** A context that knows what another one knows. */
public abstract class AttemptView<I> implements AttemptContext<I> {

  private final AttemptContext<I> attempt;

  protected AttemptView(AttemptContext<I> attempt) {
    this.attempt = attempt;
  }

  @Override
  public final ExecutionInfo execution() {
    return attempt.execution();
  }

  @Override
  public final String path() {
    return attempt.path();
  }

  @Override
  public final int attempt() {
    return attempt.attempt();
  }

  @Override
  public final I input() {
    return attempt.input();
  }

  @Override
  public final <R> R result(StepRef<R> step) {
    return attempt.result(step);
  }

  @Override
  public final String idempotencyKey() {
    return attempt.idempotencyKey();
  }

  @Override
  public final boolean isCancelled() {
    return attempt.isCancelled();
  }
}
