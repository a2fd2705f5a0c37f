package dev.durable.workflow;

import dev.durable.retry.RetryPolicy;
import java.util.function.Consumer;

/**
 * How a step is run and undone. A form: it can be changed until the lambda that receives it has
 * returned. Not thread-safe.
 *
 * @param <T> what the step gets
 * @param <O> what it hands on
 */
public final class StepOptions<T, O> extends WorkOptions<T, O, StepOptions<T, O>> {

  private boolean atMostOnce;

  private StepOptions() {}

  static <T, O> StepOptions<T, O> of(Consumer<? super StepOptions<T, O>> with) {
    return new StepOptions<T, O>().filledBy(with);
  }

  /**
   * Never starts the body a second time. A mark is committed before the body runs (one more
   * commit); when a worker is lost after that, it is not known whether the body took effect, and
   * the step fails with error type {@code worker_lost}. Cannot be combined with retries of its own;
   * the workflow's do not apply to it.
   */
  public StepOptions<T, O> atMostOnce() {
    requireOpen();
    this.atMostOnce = true;
    return this;
  }

  @Override
  StepSettings settings(RetryPolicy ofWorkflow) {
    StepSettings plain = super.settings(atMostOnce ? RetryPolicy.none() : ofWorkflow);
    return new StepSettings(
        plain.retry(), plain.timeout(), atMostOnce, plain.undo(), plain.onFailure());
  }
}
