package dev.durable.workflow;

import dev.durable.internal.form.Form;
import dev.durable.json.TypeRef;
import dev.durable.retry.RetryPolicy;
import java.time.Duration;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * How a step is run and undone. A form: it can be changed until the lambda that receives it has
 * returned. Not thread-safe.
 *
 * @param <R> what the step returns
 */
public final class StepOptions<R> {

  private final Form form = new Form();
  private final Map<String, Compensation<?>> effects = new LinkedHashMap<>();
  private RetryPolicy retry = RetryPolicy.none();
  private @Nullable Duration timeout;
  private boolean atMostOnce;
  private @Nullable Compensation<R> compensation;

  private StepOptions() {}

  static <R> StepOptions<R> of(Consumer<? super StepOptions<R>> with) {
    StepOptions<R> options = new StepOptions<>();
    return options.form.filledIn(options, with);
  }

  /** Whether and when a failed attempt is repeated. Default {@link RetryPolicy#none()}. */
  public StepOptions<R> retry(RetryPolicy policy) {
    form.requireOpen();
    this.retry = Objects.requireNonNull(policy, "policy");
    return this;
  }

  /**
   * The longest time that one attempt may take; then its thread is interrupted and the attempt
   * fails with {@link StepTimeoutException}, which the retry policy may retry. A body that swallows
   * the interrupt goes on, but its result is thrown away. Default: no limit.
   *
   * @throws IllegalArgumentException if not positive
   */
  public StepOptions<R> timeout(Duration limit) {
    form.requireOpen();
    this.timeout = Workflow.requirePositive(limit, "step timeout");
    return this;
  }

  /**
   * Never starts the body a second time. A mark is committed before the body runs (one more
   * commit); when a worker is lost after that, it is not known whether the body took effect, and
   * the step fails with error type {@code worker_lost}. Cannot be combined with retries.
   */
  public StepOptions<R> atMostOnce() {
    form.requireOpen();
    this.atMostOnce = true;
    return this;
  }

  /**
   * How the step is undone when the execution fails after it has completed.
   *
   * @param name for people, such as {@code refund}
   * @param undo gets the step's own result
   */
  public StepOptions<R> compensate(String name, CompensationFunction<? super R> undo) {
    return compensate(name, undo, with -> {});
  }

  /** {@link #compensate(String, CompensationFunction)} with retries and a timeout of its own. */
  public StepOptions<R> compensate(
      String name, CompensationFunction<? super R> undo, Consumer<? super Compensation<R>> with) {
    Objects.requireNonNull(undo, "undo");
    return compensate(name, (result, step) -> undo.undo(result), with);
  }

  /** {@link #compensate(String, CompensationFunction)} that also uses its context. */
  public StepOptions<R> compensate(String name, CompensationBody<? super R> undo) {
    return compensate(name, undo, with -> {});
  }

  /** {@link #compensate(String, CompensationBody)} with retries and a timeout of its own. */
  public StepOptions<R> compensate(
      String name, CompensationBody<? super R> undo, Consumer<? super Compensation<R>> with) {
    form.requireOpen();
    this.compensation = Compensation.of(name, null, undo, with);
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
  public <E> StepOptions<R> compensateEffect(
      String effect,
      String name,
      Class<E> type,
      CompensationBody<? super E> undo,
      Consumer<? super Compensation<E>> with) {
    form.requireOpen();
    effects.put(
        Objects.requireNonNull(effect, "effect"),
        Compensation.of(name, TypeRef.of(type), undo, with));
    return this;
  }

  /** The same without options. */
  public <E> StepOptions<R> compensateEffect(
      String effect, String name, Class<E> type, CompensationFunction<? super E> undo) {
    return compensateEffect(effect, name, type, (result, step) -> undo.undo(result), with -> {});
  }

  /** Whether and when a failed attempt is repeated. */
  public RetryPolicy retryPolicy() {
    return retry;
  }

  /** The longest time that one attempt may take, if limited. */
  public Optional<Duration> timeoutLimit() {
    return Optional.ofNullable(timeout);
  }

  /** Whether the body is never started a second time. */
  public boolean isAtMostOnce() {
    return atMostOnce;
  }

  /** How the step is undone, if it can be. */
  public Optional<Compensation<R>> compensation() {
    return Optional.ofNullable(compensation);
  }

  /** How effects of the step's body are undone, by the effect's name. */
  public Map<String, Compensation<?>> effectCompensations() {
    return Collections.unmodifiableMap(effects);
  }
}
