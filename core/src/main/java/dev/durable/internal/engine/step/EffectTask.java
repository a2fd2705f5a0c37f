package dev.durable.internal.engine.step;

import dev.durable.execution.StepStatus;
import dev.durable.execution.StepType;
import dev.durable.internal.engine.run.History;
import dev.durable.internal.store.journal.RecordedUndo;
import dev.durable.internal.store.journal.StepRow;
import dev.durable.retry.RetryPolicy;
import dev.durable.workflow.AttemptContext;
import dev.durable.workflow.EffectOptions;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * An effect to be run, and how.
 *
 * @param context what its body knows
 * @param path its place
 * @param retry whether a failed attempt is repeated; null if its body decides what a failure means
 * @param timeout the longest time for an attempt, or null
 * @param transactional whether its SQL commits together with its result
 * @param undo how it is undone, or null
 */
record EffectTask(
    AttemptContext<Object> context,
    String path,
    @Nullable RetryPolicy retry,
    @Nullable Duration timeout,
    boolean transactional,
    @Nullable RecordedUndo undo) {

  static EffectTask of(
      AttemptContext<Object> context,
      String path,
      EffectOptions<?> options,
      boolean transactional,
      @Nullable RecordedUndo undo) {
    return new EffectTask(
        context,
        path,
        options.retryPolicy().orElse(null),
        options.timeoutLimit().orElse(null),
        transactional,
        undo);
  }

  /**
   * Whether its code may make no other calls of the body: they might outlive it, or be repeated.
   */
  boolean isClosed() {
    return retry != null || timeout != null || transactional;
  }

  /**
   * The row of an attempt that ends now.
   *
   * @param beganAt when it began, by {@link System#nanoTime}
   */
  StepRow row(
      History history,
      StepStatus status,
      @Nullable String output,
      @Nullable String error,
      long beganAt) {
    StepRow row =
        new StepRow(
            history.nextSeq(path),
            path,
            StepType.EFFECT,
            history.attempts().recorded(path) + 1,
            status,
            output,
            error,
            Duration.ofNanos(System.nanoTime() - beganAt),
            false);
    return status == StepStatus.COMPLETED ? row.undoneBy(undo) : row;
  }
}
