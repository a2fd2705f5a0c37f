package dev.durable.workflow;

import dev.durable.json.TypeRef;
import dev.durable.retry.RetryPolicy;
import java.time.Duration;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * How a step is run and undone. Immutable: each method returns a changed copy.
 *
 * @param <R> what the step returns
 */
public final class StepOptions<R> {

  private final RetryPolicy retry;
  private final @Nullable Duration timeout;
  private final boolean atMostOnce;
  private final @Nullable Compensation<R> compensation;
  private final Map<String, Compensation<?>> effects;

  private StepOptions(
      RetryPolicy retry,
      @Nullable Duration timeout,
      boolean atMostOnce,
      @Nullable Compensation<R> compensation,
      Map<String, Compensation<?>> effects) {
    this.retry = retry;
    this.timeout = timeout;
    this.atMostOnce = atMostOnce;
    this.compensation = compensation;
    this.effects = effects;
  }

  static <R> StepOptions<R> defaults() {
    return new StepOptions<>(RetryPolicy.none(), null, false, null, Map.of());
  }

  /** Whether and when a failed attempt is repeated. Default {@link RetryPolicy#none()}. */
  public StepOptions<R> retry(RetryPolicy policy) {
    Objects.requireNonNull(policy, "policy");
    return new StepOptions<>(policy, timeout, atMostOnce, compensation, effects);
  }

  /**
   * The longest time that one attempt may take; then its thread is interrupted and the attempt
   * fails with {@link StepTimeoutException}, which the retry policy may retry. A body that swallows
   * the interrupt goes on, but its result is thrown away. Default: no limit.
   *
   * @throws IllegalArgumentException if not positive
   */
  public StepOptions<R> timeout(Duration limit) {
    Workflow.requirePositive(limit, "step timeout");
    return new StepOptions<>(retry, limit, atMostOnce, compensation, effects);
  }

  /**
   * Never starts the body a second time. A mark is committed before the body runs (one more
   * commit); when a worker is lost after that, it is not known whether the body took effect, and
   * the step fails with error type {@code worker_lost}. Cannot be combined with retries.
   */
  public StepOptions<R> atMostOnce() {
    return new StepOptions<>(retry, timeout, true, compensation, effects);
  }

  /**
   * How the step is undone when the execution fails after it has completed.
   *
   * @param name for people, such as {@code refund}
   * @param undo gets the step's own result
   */
  public StepOptions<R> compensate(String name, CompensationFunction<? super R> undo) {
    return compensate(name, undo, UnaryOperator.identity());
  }

  /** {@link #compensate(String, CompensationFunction)} with retries and a timeout of its own. */
  public StepOptions<R> compensate(
      String name, CompensationFunction<? super R> undo, UnaryOperator<Compensation<R>> with) {
    Objects.requireNonNull(undo, "undo");
    return compensate(name, (result, step) -> undo.undo(result), with);
  }

  /** {@link #compensate(String, CompensationFunction)} that also uses its context. */
  public StepOptions<R> compensate(String name, CompensationBody<? super R> undo) {
    return compensate(name, undo, UnaryOperator.identity());
  }

  /** {@link #compensate(String, CompensationBody)} with retries and a timeout of its own. */
  public StepOptions<R> compensate(
      String name, CompensationBody<? super R> undo, UnaryOperator<Compensation<R>> with) {
    Compensation<R> whole = with.apply(Compensation.of(name, null, undo));
    return new StepOptions<>(retry, timeout, atMostOnce, whole, effects);
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
      UnaryOperator<Compensation<E>> with) {
    Map<String, Compensation<?>> more = new LinkedHashMap<>(effects);
    more.put(
        Objects.requireNonNull(effect, "effect"),
        with.apply(Compensation.of(name, TypeRef.of(type), undo)));
    return new StepOptions<>(
        retry, timeout, atMostOnce, compensation, Collections.unmodifiableMap(more));
  }

  /** The same without options. */
  public <E> StepOptions<R> compensateEffect(
      String effect, String name, Class<E> type, CompensationFunction<? super E> undo) {
    return compensateEffect(
        effect, name, type, (result, step) -> undo.undo(result), UnaryOperator.identity());
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
    return effects;
  }
}
