package dev.durable.workflow;

import dev.durable.execution.ErrorInfo;
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
  private @Nullable Into<? super T, ErrorInfo, ? extends O> onFailure;

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

  /**
   * What the node hands on when it has failed for good: its attempts are used up, or its policy
   * does not repeat the failure. Default: the execution fails.
   *
   * <p>The failure is committed first. Then {@code instead} gets the data that the body got, and
   * the failure; if its worker is lost, it is run again, and the body is not. Its value is the
   * node's result like any other: a compensation of the node gets it when the execution is undone
   * later. It is not retried and has no time limit; what it throws fails the node. A cancelled
   * execution, a workflow timeout and a parked execution are no failures of the node. Cannot be
   * combined with {@link RetryPolicy#thenPark()}.
   */
  public final S onFailure(Into<? super T, ErrorInfo, ? extends O> instead) {
    requireOpen();
    this.onFailure = Objects.requireNonNull(instead, "instead");
    return self();
  }

  /** The settings of a node whose workflow has this policy. */
  StepSettings settings(RetryPolicy ofWorkflow) {
    return new StepSettings(retry == null ? ofWorkflow : retry, timeout, false, undo(), onFailure);
  }
}
