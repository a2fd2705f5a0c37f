package dev.durable.internal.engine.wait;

import dev.durable.internal.store.journal.WaitChanges;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * A wait that has begun.
 *
 * @param signals the signals that it waits for
 * @param changes the changes that begin it, besides the wait itself
 * @param child the execution that it waits for, or null
 */
record BegunWait(List<String> signals, WaitChanges changes, @Nullable UUID child) {
  static BegunWait of(List<String> signals) {
    return new BegunWait(signals, WaitChanges.NONE, null);
  }
}
