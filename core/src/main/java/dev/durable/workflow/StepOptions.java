package dev.durable.workflow;

import dev.durable.json.TypeRef;
import dev.durable.retry.RetryPolicy;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;

/**
 * How a step is run and undone. A form: it can be changed until the lambda that receives it has
 * returned. Not thread-safe.
 *
 * @param <T> what the step gets
 * @param <O> what it hands on
 */
public final class StepOptions<T, O> extends WorkOptions<T, O, StepOptions<T, O>> {

  private final Map<String, Compensation<?>> effects = new LinkedHashMap<>();
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

  /**
   * How an effect of the step's body ({@link StepContext#run}) is undone, also when the step itself
   * has failed.
   *
   * @param effect the effect's name
   * @param name for people
   * @param type what the effect returned
   * @param undo gets the effect's result
   */
  public <E> StepOptions<T, O> compensateEffect(
      String effect,
      String name,
      Class<E> type,
      CompensationBody<? super E> undo,
      Consumer<? super CompensationOptions> with) {
    requireOpen();
    effects.put(
        Objects.requireNonNull(effect, "effect"),
        CompensationOptions.of(with).compensation(name, TypeRef.of(type), undo));
    return this;
  }

  /** The same without options. */
  public <E> StepOptions<T, O> compensateEffect(
      String effect, String name, Class<E> type, CompensationFunction<? super E> undo) {
    Objects.requireNonNull(undo, "undo");
    return compensateEffect(effect, name, type, (done, step) -> undo.undo(done), with -> {});
  }

  @Override
  StepSettings settings(RetryPolicy ofWorkflow) {
    StepSettings plain = super.settings(atMostOnce ? RetryPolicy.none() : ofWorkflow);
    return new StepSettings(
        plain.retry(), plain.timeout(), atMostOnce, plain.undo(), plain.onFailure(), effects);
  }
}
