package dev.durable.workflow;

import dev.durable.internal.form.Form;
import dev.durable.retry.RetryPolicy;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * How an effect inside a body is run. A form: it can be changed until the lambda that receives it
 * has returned. Not thread-safe.
 *
 * @param <R> what the effect returns
 */
public final class EffectOptions<R> {

  private final Form form = new Form();
  private @Nullable RetryPolicy retry;
  private @Nullable Duration timeout;

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

  /** Whether and when a failed attempt is repeated, if the effect decides that by itself. */
  public Optional<RetryPolicy> retryPolicy() {
    return Optional.ofNullable(retry);
  }

  /** The longest time that one attempt may take, if limited. */
  public Optional<Duration> timeoutLimit() {
    return Optional.ofNullable(timeout);
  }
}
