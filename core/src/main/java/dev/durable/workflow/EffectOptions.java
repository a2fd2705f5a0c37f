package dev.durable.workflow;

import dev.durable.internal.form.Form;
import dev.durable.retry.RetryPolicy;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * How an effect inside a body is run and undone. A form: it can be changed until the lambda that
 * receives it has returned. Not thread-safe.
 *
 * @param <R> what the effect returns
 */
public final class EffectOptions<R> {

  private final Form form = new Form();
  private @Nullable RetryPolicy retry;
  private @Nullable Duration timeout;
  private @Nullable Compensation<R> undo;

  private EffectOptions() {}

  /** The options that the lambda fills in. */
  public static <R> EffectOptions<R> of(Consumer<? super EffectOptions<R>> with) {
    EffectOptions<R> options = new EffectOptions<>();
    return options.form.filledIn(options, with);
  }

  /**
   * Whether and when a failed attempt of the effect is repeated. The body rests until the next
   * attempt is due, at no cost, and is entered again from the top; what it has done before is
   * remembered. After the last attempt the effect throws {@link EffectFailedException}, which the
   * step's own policy does not retry. Default: what the effect throws goes to the body, nothing is
   * remembered, and the step's policy decides.
   */
  public EffectOptions<R> retry(RetryPolicy policy) {
    form.requireOpen();
    this.retry = Objects.requireNonNull(policy, "policy");
    return this;
  }

  /**
   * The longest time that one attempt of the effect may take; then its thread is interrupted and
   * the attempt fails with {@link StepTimeoutException}. Code that swallows the interrupt goes on,
   * but its result is thrown away. With a limit, the effect runs on a thread of its own. Default:
   * no limit.
   *
   * @throws IllegalArgumentException if not positive
   */
  public EffectOptions<R> timeout(Duration limit) {
    form.requireOpen();
    this.timeout = Workflow.requirePositive(limit, "effect timeout");
    return this;
  }

  /**
   * How the effect is undone when the execution fails after it, whether its step has completed or
   * not. The name is committed together with the effect. To undo it, the body is entered once more:
   * what it has done returns what is remembered, up to the first call that is not; that says how.
   *
   * @param name for people, such as {@code refund}
   * @param undo gets the effect's result, as it comes back from the codec; null if it has none
   * @throws IllegalStateException if these options have a compensation already
   */
  public EffectOptions<R> compensate(String name, CompensationFunction<? super R> undo) {
    return compensate(name, undo, with -> {});
  }

  /** {@link #compensate(String, CompensationFunction)} with retries and a timeout of its own. */
  public EffectOptions<R> compensate(
      String name,
      CompensationFunction<? super R> undo,
      Consumer<? super CompensationOptions> with) {
    Objects.requireNonNull(undo, "undo");
    return compensate(name, (done, context) -> undo.undo(done), with);
  }

  /** {@link #compensate(String, CompensationFunction)} that also uses its context. */
  public EffectOptions<R> compensate(String name, CompensationBody<? super R> undo) {
    return compensate(name, undo, with -> {});
  }

  /** {@link #compensate(String, CompensationBody)} with retries and a timeout of its own. */
  public EffectOptions<R> compensate(
      String name, CompensationBody<? super R> undo, Consumer<? super CompensationOptions> with) {
    form.requireOpen();
    this.undo = CompensationOptions.only(this.undo, name, undo, with);
    return this;
  }

  /** Whether and when a failed attempt is repeated, if the effect decides that by itself. */
  public Optional<RetryPolicy> retryPolicy() {
    return Optional.ofNullable(retry);
  }

  /** How the effect is undone, if it can be. */
  public Optional<Compensation<R>> compensation() {
    return Optional.ofNullable(undo);
  }

  /** The longest time that one attempt may take, if limited. */
  public Optional<Duration> timeoutLimit() {
    return Optional.ofNullable(timeout);
  }
}
