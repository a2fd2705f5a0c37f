package dev.durable.workflow;

import dev.durable.retry.RetryPolicy;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** How a step is run. Immutable: each method returns a changed copy. */
public final class StepOptions {

  static final StepOptions DEFAULTS = new StepOptions(RetryPolicy.none(), null, false);

  private final RetryPolicy retry;
  private final @Nullable Duration timeout;
  private final boolean atMostOnce;

  private StepOptions(RetryPolicy retry, @Nullable Duration timeout, boolean atMostOnce) {
    this.retry = retry;
    this.timeout = timeout;
    this.atMostOnce = atMostOnce;
  }

  /** Whether and when a failed attempt is repeated. Default {@link RetryPolicy#none()}. */
  public StepOptions retry(RetryPolicy policy) {
    return new StepOptions(Objects.requireNonNull(policy, "policy"), timeout, atMostOnce);
  }

  /**
   * The longest time that one attempt may take; then its thread is interrupted and the attempt
   * fails with {@link StepTimeoutException}, which the retry policy may retry. A body that swallows
   * the interrupt goes on, but its result is thrown away. Default: no limit.
   *
   * @throws IllegalArgumentException if not positive
   */
  public StepOptions timeout(Duration limit) {
    return new StepOptions(retry, Workflow.requirePositive(limit, "step timeout"), atMostOnce);
  }

  /**
   * Never starts the body a second time. A mark is committed before the body runs (one more
   * commit); when a worker is lost after that, nobody knows whether the body took effect, and the
   * step fails with error type {@code worker_lost}. Cannot be combined with retries.
   */
  public StepOptions atMostOnce() {
    return new StepOptions(retry, timeout, true);
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
}
