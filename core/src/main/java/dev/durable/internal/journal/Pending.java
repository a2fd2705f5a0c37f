package dev.durable.internal.journal;

import dev.durable.DatabaseUnavailableException;
import dev.durable.internal.store.Entry;
import dev.durable.internal.store.Ownership;
import dev.durable.internal.store.StartResult;
import dev.durable.internal.store.StartRow;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * Something offered to the journal, the future that its fate completes, and what its writers have
 * found out about it so far. For one writer at a time.
 */
abstract sealed class Pending {

  private static final long FIRST_PAUSE_NANOS = 20_000_000;
  private static final long LONGEST_PAUSE_NANOS = 2_000_000_000;

  private boolean doubtful;
  private boolean aside;
  private @Nullable Throwable refusal;
  private int conflicts;
  private long dueAt;
  private long pause = FIRST_PAUSE_NANOS;
  private int failuresAlone;
  private long failingSince;

  /** Roughly how many bytes it sends. */
  abstract long bytes();

  /** Whether its future is complete. */
  abstract boolean isDecided();

  /** Ends it without success. */
  abstract void fail(RuntimeException reason);

  /** Whether it holds something that the database may be unable to store. */
  abstract boolean carriesValue();

  /** An earlier try may have been committed: it must be asked after before it is written again. */
  void doubt() {
    doubtful = true;
  }

  /** It is known not to have been committed. */
  void isAbsent() {
    doubtful = false;
  }

  boolean isDoubtful() {
    return doubtful;
  }

  /** It is tried again by itself, so that it holds up nothing else, after pauses that may grow. */
  void setAside(boolean grows) {
    aside = true;
    refusal = null;
    dueAt = System.nanoTime() + pause;
    pause = grows ? Math.min(2 * pause, LONGEST_PAUSE_NANOS) : pause;
  }

  /** The same, because the database did not take it, for another reason than a lock. */
  void setAside(Throwable why) {
    setAside(true);
    refusal = why;
  }

  /** Why the database did not take it when it was tried last; null if that was a lock. */
  @Nullable Throwable refusal() {
    return refusal;
  }

  /** What it would add is there already; how often that has been seen. */
  int conflicted() {
    return ++conflicts;
  }

  boolean isAside() {
    return aside;
  }

  boolean isDue() {
    return dueAt - System.nanoTime() <= 0;
  }

  /**
   * It has failed although nothing else was written with it, in a way for which its own size may be
   * the cause.
   */
  void failedAlone() {
    if (failuresAlone++ == 0) {
      failingSince = System.nanoTime();
    }
  }

  /** Whether that has happened so often, and for so long, that nothing else can be the cause. */
  boolean isHopeless(int tries, long nanos) {
    return failuresAlone >= tries && System.nanoTime() - failingSince > nanos;
  }

  /** An owner's entry. */
  static final class OfEntry extends Pending {
    private final Entry row;
    private final CompletableFuture<Void> future;

    OfEntry(Entry row, CompletableFuture<Void> future) {
      this.row = row;
      this.future = future;
    }

    Entry row() {
      return row;
    }

    Ownership owner() {
      return row.owner();
    }

    void committed() {
      future.complete(null);
    }

    /** Another owner has the execution, or none. */
    void fenced() {
      fail(
          new FencedException(
              "Execution "
                  + row.owner().id()
                  + " no longer belongs to this run (token "
                  + row.owner().token()
                  + "): it was cancelled, has ended, or was taken over."));
    }

    @Override
    boolean isDecided() {
      return future.isDone();
    }

    @Override
    long bytes() {
      return row.bytes();
    }

    @Override
    void fail(RuntimeException reason) {
      future.completeExceptionally(reason);
    }

    @Override
    boolean carriesValue() {
      return row.carriesValue();
    }
  }

  /** A start. */
  static final class OfStart extends Pending {
    private final StartRow row;
    private final CompletableFuture<StartResult> future;
    private final long deadline;

    /**
     * @param deadline the System.nanoTime after which its caller is told that the database is away
     */
    OfStart(StartRow row, CompletableFuture<StartResult> future, long deadline) {
      this.row = row;
      this.future = future;
      this.deadline = deadline;
    }

    StartRow row() {
      return row;
    }

    void answered(StartResult result) {
      future.complete(result);
    }

    /** Whether its caller has waited for that much longer than it should. */
    boolean isLateBy(long nanos) {
      return System.nanoTime() - deadline > nanos;
    }

    /** Tells its caller that its fate is not known. */
    void giveUp(Throwable reason) {
      fail(
          new DatabaseUnavailableException(
              "The database did not answer in time ("
                  + reason.getMessage()
                  + "). Whether workflow '"
                  + row.workflow()
                  + "' was started as execution "
                  + row.id()
                  + " is not known: start it again with the same key, or look it up.",
              reason));
    }

    @Override
    boolean isDecided() {
      return future.isDone();
    }

    @Override
    long bytes() {
      return 300L + row.input().length();
    }

    @Override
    void fail(RuntimeException reason) {
      future.completeExceptionally(reason);
    }

    @Override
    boolean carriesValue() {
      return true;
    }
  }
}
