package dev.durable.internal.journal;

import dev.durable.internal.store.EntryRow;
import dev.durable.internal.store.StartResult;
import dev.durable.internal.store.StartRow;
import java.util.concurrent.CompletableFuture;

/** Something offered to the journal, and the future that its fate completes. */
sealed interface Pending {

  /** Roughly how many bytes it sends. */
  long bytes();

  /** Whether its future is complete. */
  boolean isDecided();

  /** Ends it without success. */
  void fail(RuntimeException reason);

  /** An owner's entry. */
  record OfEntry(EntryRow row, CompletableFuture<Void> future) implements Pending {
    @Override
    public boolean isDecided() {
      return future.isDone();
    }

    @Override
    public long bytes() {
      return row.bytes();
    }

    @Override
    public void fail(RuntimeException reason) {
      future.completeExceptionally(reason);
    }
  }

  /**
   * A start; {@code deadline} is the System.nanoTime after which its caller is told that the
   * database is away.
   */
  record OfStart(StartRow row, CompletableFuture<StartResult> future, long deadline)
      implements Pending {
    @Override
    public boolean isDecided() {
      return future.isDone();
    }

    @Override
    public long bytes() {
      return 300L + row.input().length();
    }

    @Override
    public void fail(RuntimeException reason) {
      future.completeExceptionally(reason);
    }
  }
}
