package dev.durable.workflow;

import dev.durable.execution.ErrorInfo;

/**
 * What a compensation knows about itself and its execution. It can remember effects, but not wait,
 * nor start children: it must come to its end.
 *
 * @param <I> the workflow's input
 */
public interface CompensationContext<I> extends AttemptContext<I>, EffectOperations<I> {

  /** Why the execution is undone: the error that it failed with, or its cancel. */
  ErrorInfo cause();
}
