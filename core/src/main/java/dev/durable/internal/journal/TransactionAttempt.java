package dev.durable.internal.journal;

import dev.durable.internal.store.Entry;
import org.jspecify.annotations.Nullable;

/**
 * The attempt that a transaction's body runs for.
 *
 * @param <R> what the body returns
 */
public interface TransactionAttempt<R extends @Nullable Object> {

  /** Throws what unwinds a thread of the engine if the attempt, or its run, is no longer wanted. */
  void requireWanted();

  /** Makes the checkpoint of what the body has returned. The body is over. */
  Entry checkpoint(R result);

  /** From now on the body is interrupted by this instead of by an interrupt of its thread. */
  void interruptsBy(Runnable interruption);
}
