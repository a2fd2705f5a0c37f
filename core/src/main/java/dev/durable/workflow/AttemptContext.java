package dev.durable.workflow;

import dev.durable.internal.thread.CurrentContext;

/**
 * What running code knows about itself and its execution: a step's body, a transaction, a
 * compensation, or a function of the data. Valid while that code runs; its methods may be called
 * from threads that the code starts and waits for.
 *
 * @param <I> the workflow's input
 */
public interface AttemptContext<I> {

  /** The execution that this attempt belongs to. */
  ExecutionInfo execution();

  /** The path in the definition, such as {@code charge}. */
  String path();

  /**
   * The number of this attempt; the first is 1. Attempts that a lost worker left open count as
   * well.
   */
  int attempt();

  /** The workflow's input. */
  I input();

  /**
   * The result of an earlier step of this execution.
   *
   * <p>A result that does not fit the reference's type parks the execution as unreadable, whatever
   * the body does about it.
   *
   * @throws IllegalStateException if that step has no committed result, or does not exist
   */
  <R> R result(StepRef<R> step);

  /**
   * A key that is the same in every attempt, also after a crash, and differs between steps, effects
   * and executions. Hand it to the remote system, so that it recognises a repeated request. Inside
   * an effect, on the thread that {@link EffectOperations#run run} calls it on, it is that effect's
   * own; inside a compensation it is the compensation's.
   */
  String idempotencyKey();

  /**
   * True when this attempt is no longer wanted: its execution was cancelled, it ran into its
   * timeout, or this node lost its lease. The body's thread is also interrupted. Whatever the body
   * returns after that is thrown away.
   */
  boolean isCancelled();

  /**
   * The context of the innermost code that runs on this thread: a body, an effect, a selector, a
   * join, a question, a reminder, a transaction or a compensation. For interceptors, loggers and
   * clients that are not handed one. Threads that a body starts do not have it.
   *
   * @throws IllegalStateException if no such code runs on this thread
   */
  static AttemptContext<?> current() {
    if (CurrentContext.HERE.get() instanceof AttemptContext<?> here) {
      return here;
    }
    throw new IllegalStateException("No code of a workflow runs on this thread.");
  }
}
