package dev.durable.workflow;

import dev.durable.execution.ErrorInfo;
import dev.durable.retry.RetryPolicy;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * How a node's body is run and undone, as its options have said. Immutable.
 *
 * @param retry whether and when a failed attempt is repeated
 * @param timeout the longest time that one attempt may take, or null
 * @param atMostOnce whether the body is never started a second time
 * @param undo how the node is undone, or null
 * @param onFailure makes the node's result of what it got and of its failure, or null
 */
public record StepSettings(
    RetryPolicy retry,
    @Nullable Duration timeout,
    boolean atMostOnce,
    @Nullable Compensation<?> undo,
    @Nullable Into<?, ErrorInfo, ?> onFailure) {

  /** Of a node that only waits, without options. */
  static final StepSettings NONE = undone(null);

  static StepSettings undone(@Nullable Compensation<?> undo) {
    return new StepSettings(RetryPolicy.none(), null, false, undo, null);
  }

  /** How the node is undone, if it can be. */
  public Optional<Compensation<?>> compensation() {
    return Optional.ofNullable(undo);
  }

  /** Whether the node can be undone. */
  public boolean isUndoable() {
    return undo != null;
  }
}
