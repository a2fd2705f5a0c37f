package dev.durable.workflow;

import dev.durable.execution.ErrorInfo;

/**
 * How a branch of a parallel, or an item of a forEach, ended.
 *
 * @param <R> what it returns
 */
public sealed interface Outcome<R> {

  /**
   * It returned.
   *
   * @param value what it returned
   */
  record Completed<R>(R value) implements Outcome<R> {}

  /**
   * It failed, its retries included.
   *
   * @param error why
   */
  record Failed<R>(ErrorInfo error) implements Outcome<R> {}

  /** Enough others had ended, so it was stopped or never begun. */
  record Cancelled<R>() implements Outcome<R> {}
}
