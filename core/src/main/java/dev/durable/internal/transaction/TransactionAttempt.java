package dev.durable.internal.transaction;

import dev.durable.internal.store.journal.Entry;
import org.jspecify.annotations.Nullable;

/**
 * The attempt to which the run of a transaction's body belongs.
 *
 * @param <R> what the body returns
 */
public interface TransactionAttempt<R extends @Nullable Object> {

  /** Throws the error that unwinds a thread of the engine if the attempt or its run is stopped. */
  void requireWanted();

  /** Makes the checkpoint from the result of the body, which has returned. */
  Entry checkpoint(R result);

  /** Interrupts the body by this from now on, instead of by an interrupt of its thread. */
  void interruptsBy(Runnable interruption);
}
