package dev.durable.workflow;

import dev.durable.retry.RetryPolicy;
import java.time.Duration;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What every node that runs a body can be given.
 *
 * @param <T> what the node gets
 * @param <O> what it hands on
 * @param <S> the form itself
 */
public abstract sealed class WorkOptions<T, O, S extends WorkOptions<T, O, S>>
    extends CompensableOptions<O, S> permits StepOptions, TransactionOptions {

  private @Nullable RetryPolicy retry;
  private @Nullable Duration timeout;

  WorkOptions() {}

  /** Whether and when a failed attempt is repeated. Default: as the workflow's options say. */
  public final S retry(RetryPolicy policy) {
    requireOpen();
    this.retry = Objects.requireNonNull(policy, "policy");
    return self();
  }

  /**
   * The longest time that one attempt may take; then its thread is interrupted and the attempt
   * fails with {@link StepTimeoutException}, which the retry policy may retry. A body that swallows
   * the interrupt goes on, but its result is thrown away. Default: no limit.
   *
   * @throws IllegalArgumentException if not positive
   */
  public final S timeout(Duration limit) {
    requireOpen();
    this.timeout = Workflow.requirePositive(limit, "step timeout");
    return self();
  }

  /** The settings of a node whose workflow has this policy. */
  StepSettings settings(RetryPolicy ofWorkflow) {
    return new StepSettings(retry == null ? ofWorkflow : retry, timeout, false, undo());
  }
}
