package dev.durable.internal.journal;

import dev.durable.DatabaseUnavailableException;
import dev.durable.internal.store.journal.Entry;
import dev.durable.internal.store.journal.Ownership;
import dev.durable.internal.store.journal.StartResult;
import dev.durable.internal.store.journal.StartRow;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * An entry or a start that was offered to the journal, its future, and its state between tries. For
 * one writer at a time.
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

  /** The bytes it sends, roughly. */
  abstract long bytes();

  /** Whether its future is complete. */
  abstract boolean isDecided();

  /** Ends it without success. */
  abstract void fail(RuntimeException reason);

  /** Whether it holds a value that the database may be unable to store. */
  abstract boolean carriesValue();

  /**
   * Ends it without success if it must not wait longer: its caller has waited long enough, or the
   * journal closes.
   *
   * @return whether it has ended
   */
  abstract boolean giveUp(Throwable failure, boolean closing);

  /**
   * Marks that an earlier try may be committed: the database is asked before it is written again.
   */
  void doubt() {
    doubtful = true;
  }

  /** Marks that no earlier try was committed. */
  void isAbsent() {
    doubtful = false;
  }

  boolean isDoubtful() {
    return doubtful;
  }

  /** Sets it aside, to be tried alone after pauses that may grow, so that it delays no other. */
  void setAside(boolean grows) {
    aside = true;
    refusal = null;
    dueAt = System.nanoTime() + pause;
    pause = grows ? Math.min(2 * pause, LONGEST_PAUSE_NANOS) : pause;
  }

  /** The same, because the database refused it for another reason than a lock. */
  void setAside(Throwable why) {
    setAside(true);
    refusal = why;
  }

  /** The reason why the database refused it last; null if that was a lock. */
  @Nullable Throwable refusal() {
    return refusal;
  }

  /** Counts a duplicate: its row is there already. */
  int conflicted() {
    return ++conflicts;
  }

  boolean isAside() {
    return aside;
  }

  boolean isDue() {
    return dueAt - System.nanoTime() <= 0;
  }

  /** Counts a failure that it had alone, in a way for which its own size may be the cause. */
  void failedAlone() {
    if (failuresAlone++ == 0) {
      failingSince = System.nanoTime();
    }
  }

  /** Whether it failed alone so often, and for so long, that it must be the cause itself. */
  boolean isHopeless(int tries, long nanos) {
    return failuresAlone >= tries && System.nanoTime() - failingSince > nanos;
  }

  /** What a debugger shows beside the kind. */
  String state() {
    return isDecided()
        ? ": decided"
        : (doubtful ? ": in doubt" : "") + (aside ? ": set aside" : "");
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

    /** Fails it: another worker owns the execution, or none does. */
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

    @Override
    boolean giveUp(Throwable failure, boolean closing) {
      if (closing) {
        fail(
            new DatabaseUnavailableException(
                "The database did not answer in time ("
                    + failure.getMessage()
                    + "). Whether an entry of execution "
                    + owner().id()
                    + " was committed is not known.",
                failure));
      }
      return closing;
    }

    @Override
    public String toString() {
      return "entry of " + owner() + state();
    }
  }

  /** A start. */
  static final class OfStart extends Pending {
    private final StartRow row;
    private final CompletableFuture<StartResult> future;
    private final long deadline;

    /**
     * @param deadline the System.nanoTime after which its caller learns that the database is away
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

    /** Whether its caller has waited for so much longer than it should. */
    boolean isLateBy(long nanos) {
      return System.nanoTime() - deadline > nanos;
    }

    /** Fails it: whether it was committed is unknown. */
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

    @Override
    boolean giveUp(Throwable failure, boolean closing) {
      boolean over = closing || isLateBy(0);
      if (over) {
        giveUp(failure);
      }
      return over;
    }

    @Override
    public String toString() {
      return "start of " + row.workflow() + " as " + row.id() + state();
    }
  }
}
