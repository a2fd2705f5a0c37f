package dev.durable.internal.engine.step;

import dev.durable.execution.StepType;
import dev.durable.internal.engine.run.Attempt;
import dev.durable.retry.RetryPolicy;
import dev.durable.workflow.Compensation;
import dev.durable.workflow.StepSettings;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * A body to be run, and how.
 *
 * @param type the type of its rows
 * @param path its place
 * @param retry whether a failed attempt is repeated
 * @param timeout the longest time for an attempt, or null
 * @param atMostOnce whether the body is never begun twice
 * @param compensates the path of the step that it undoes, or null
 */
record StepTask(
    StepType type,
    String path,
    RetryPolicy retry,
    @Nullable Duration timeout,
    boolean atMostOnce,
    @Nullable String compensates) {

  /** The body of a step. */
  static StepTask of(StepType type, String path, StepSettings settings) {
    return new StepTask(
        type, path, settings.retry(), settings.timeout(), settings.atMostOnce(), null);
  }

  /** A function that is no step's body. It is not retried. */
  static StepTask once(StepType type, String path) {
    return new StepTask(type, path, RetryPolicy.none(), null, false, null);
  }

  /**
   * The body of a compensation.
   *
   * @param undone the path of the step that it undoes
   */
  static StepTask undoing(Compensation<?> undo, String undone, String path) {
    return new StepTask(StepType.COMPENSATION, path, undo.retry(), undo.timeout(), false, undone);
  }

  /** What handles its failure, in its place. It is not retried. */
  StepTask handler() {
    return new StepTask(type, path, RetryPolicy.none(), null, false, null);
  }

  /** One of its attempts. */
  Attempt attempt(int number) {
    return new Attempt(path, type, number, compensates, atMostOnce, null);
  }
}
