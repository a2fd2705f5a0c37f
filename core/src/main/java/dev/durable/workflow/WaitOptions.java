package dev.durable.workflow;

import dev.durable.wait.WaitCancelledException;
import dev.durable.wait.WaitOutcome;
import dev.durable.wait.WaitTimeoutException;
import java.time.Duration;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * How long a node waits, and what it hands on if what it waits for does not come.
 *
 * @param <T> what the node gets
 * @param <O> what it hands on
 * @param <S> the form itself
 */
public abstract sealed class WaitOptions<T, O, S extends WaitOptions<T, O, S>>
    extends CompensableOptions<O, S> permits AwaitOptions, CallOptions {

  private @Nullable StepFunction<? super T, Duration> timeout;
  private @Nullable StepFunction<? super T, ? extends O> onTimeout;
  private @Nullable StepFunction<? super T, ? extends O> onCancel;

  WaitOptions() {}

  /**
   * The longest time to wait, by the database's clock, from the moment the wait begins. Then the
   * node fails with a {@link WaitTimeoutException}, or hands on what {@link #onTimeout} makes.
   * Default: no limit. Zero looks once at what has been sent already.
   *
   * @throws IllegalArgumentException if negative
   */
  public final S timeout(Duration limit) {
    requireNotNegative(limit);
    return timeout(data -> limit);
  }

  /** The longest time to wait, made of the data; a negative one fails the node. */
  public final S timeout(StepFunction<? super T, Duration> limit) {
    requireOpen();
    this.timeout = Objects.requireNonNull(limit, "limit");
    return self();
  }

  /** What the node hands on when the time is up. Default: it fails. Needs a timeout. */
  public final S onTimeout(StepFunction<? super T, ? extends O> instead) {
    requireOpen();
    this.onTimeout = Objects.requireNonNull(instead, "instead");
    return self();
  }

  /**
   * What the node hands on when its wait is cancelled. Default: it fails with a {@link
   * WaitCancelledException}.
   */
  public final S onCancel(StepFunction<? super T, ? extends O> instead) {
    requireOpen();
    this.onCancel = Objects.requireNonNull(instead, "instead");
    return self();
  }

  private static Duration requireNotNegative(Duration limit) {
    Objects.requireNonNull(limit, "limit");
    if (limit.isNegative()) {
      throw new IllegalArgumentException("timeout must not be negative: " + limit);
    }
    return limit;
  }

  /** Whether it says what to hand on after a timeout, but has none. */
  final boolean neverTimesOut() {
    return onTimeout != null && timeout == null;
  }

  /** A wait without a limit. */
  interface Endless<V> {
    V await() throws Exception;
  }

  /** The same wait with a limit. */
  interface Limited<V> {
    WaitOutcome<V> await(Duration limit) throws Exception;
  }

  /** Waits, and makes what the node hands on of what came, or of its not coming. */
  <V> O handOn(
      T data, Endless<V> endless, Limited<V> limited, Into<? super T, ? super V, ? extends O> into)
      throws Exception {
    return handOn(data, outcome(data, endless, limited), into);
  }

  final <V> O handOn(T data, WaitOutcome<V> outcome, Into<? super T, ? super V, ? extends O> into)
      throws Exception {
    if (outcome instanceof WaitOutcome.TimedOut<V> && onTimeout != null) {
      return onTimeout.apply(data);
    }
    if (outcome instanceof WaitOutcome.Cancelled<V> && onCancel != null) {
      return onCancel.apply(data);
    }
    return into.into(data, outcome.orElseThrow());
  }

  final <V> WaitOutcome<V> outcome(T data, Endless<V> endless, Limited<V> limited)
      throws Exception {
    if (timeout != null) {
      return limited.await(requireNotNegative(timeout.apply(data)));
    }
    if (onCancel == null) {
      return new WaitOutcome.Received<>(endless.await());
    }
    try {
      return new WaitOutcome.Received<>(endless.await());
    } catch (WaitCancelledException cancelled) {
      return new WaitOutcome.Cancelled<>();
    }
  }
}
