package dev.durable.internal.journal;

import dev.durable.internal.store.jdbc.SqlFailure;
import java.sql.SQLException;
import java.time.Duration;

/**
 * Decides the fate of an entry or start that the database has refused alone: rejected for good if
 * its own value must be the cause, otherwise set aside and tried again.
 */
final class Refusals {

  private static final int HOPELESS = 6;

  /**
   * The database knows at once whether a duplicate is the entry itself: after so many it is not.
   */
  private static final int CONFLICTS = 5;

  /**
   * After so many refusals in a row, each alone, the database refuses all: the rest need not try.
   */
  private static final int GENERAL = 3;

  private final long patience;
  private int inARow;

  /**
   * @param patience the longest time for one answer of the database
   */
  Refusals(Duration patience) {
    this.patience = patience.toNanos();
  }

  /** Begins to count anew: a batch begins, or the database has taken one. */
  void forget() {
    inARow = 0;
  }

  /**
   * Decides what becomes of the one that was refused alone.
   *
   * @throws SQLException if the database refuses all
   */
  void refused(Pending alone, Throwable failure) throws SQLException {
    if (alone instanceof Pending.OfEntry entry && SqlFailure.isDuplicate(failure)) {
      conflict(entry);
      return;
    }
    if (SqlFailure.isKeyTaken(failure)) {
      reject(alone, failure);
      return;
    }
    boolean ofTheValue = SqlFailure.ofCommit(failure) == SqlFailure.VALUE && alone.carriesValue();
    if (ofTheValue) {
      reject(alone, failure);
      return;
    }
    failedAlone(alone, failure);
    if (isHopeless(alone)) {
      reject(alone, failure);
      return;
    }
    setAside(alone, failure);
  }

  /**
   * The entry's place in the history is taken: by the entry itself, which is asked next, or by a
   * row that this run does not know. Then this is not the run that the execution has in the
   * database, and the next worker to claim it continues from what is there.
   */
  static void conflict(Pending.OfEntry entry) {
    if (entry.conflicted() > CONFLICTS) {
      entry.fenced();
      return;
    }
    entry.doubt();
    entry.setAside(false);
  }

  /**
   * The key of a child is taken: by the child itself, if an earlier try of the entry was committed
   * only just now. Then the database says so when it is asked next; otherwise by another execution.
   */
  static void keyTaken(Pending.OfEntry entry, Throwable failure) {
    if (entry.conflicted() > 1) {
      reject(entry, failure);
      return;
    }
    entry.doubt();
    entry.setAside(false);
  }

  /**
   * Sets it aside, to be tried again.
   *
   * @throws SQLException if the database refuses all
   */
  void setAside(Pending alone, Throwable failure) throws SQLException {
    alone.setAside(failure);
    JournalLog.failure("The database refuses an entry; it is kept and tried again", failure);
    if (++inARow >= GENERAL) {
      throw new SQLException(
          failure.getMessage(), SqlFailure.state(SqlFailure.sql(failure)), failure);
    }
  }

  boolean isHopeless(Pending pending) {
    return pending.carriesValue() && pending.isHopeless(HOPELESS, 2 * patience);
  }

  /** Counts a failure against it, unless its cause must be another. */
  static void failedAlone(Pending alone, Throwable failure) {
    if (mayBeItsOwn(failure)) {
      alone.failedAlone();
    }
  }

  /** Whether the entry may be the cause: by its size, or by a value that the driver cannot send. */
  private static boolean mayBeItsOwn(Throwable thrown) {
    Throwable failure = SqlFailure.original(thrown);
    return SqlFailure.mayBeCost(failure)
        || (failure instanceof RuntimeException && SqlFailure.sql(failure) == null);
  }

  static void reject(Pending pending, Throwable failure) {
    SQLException words = SqlFailure.sql(failure);
    pending.fail(
        new RejectedEntryException(
            String.valueOf(words == null ? failure : words.getMessage()), failure));
  }
}
