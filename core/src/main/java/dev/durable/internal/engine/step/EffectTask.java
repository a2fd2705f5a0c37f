package dev.durable.internal.engine.step;

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
 */
record EffectTask(
    AttemptContext<?> context,
    String path,
    @Nullable RetryPolicy retry,
    @Nullable Duration timeout) {

  static EffectTask of(AttemptContext<?> context, String path, EffectOptions<?> options) {
    return new EffectTask(
        context, path, options.retryPolicy().orElse(null), options.timeoutLimit().orElse(null));
  }

  /**
   * Whether its code may make no other calls of the body: they might outlive it, or be repeated.
   */
  boolean isClosed() {
    return retry != null || timeout != null;
  }
}
