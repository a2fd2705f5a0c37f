package dev.durable.internal.journal;

import dev.durable.internal.store.jdbc.SqlFailure;
import dev.durable.internal.store.journal.JournalStore.Batch;
import dev.durable.internal.store.journal.JournalStore.Outcome;
import java.sql.SQLException;

/**
 * Settles entries that may have been committed: the database is asked about each one before that is
 * written again.
 */
final class DoubtfulEntries {

  private final BatchCommit transaction;
  private final Refusals refusals;

  DoubtfulEntries(BatchCommit transaction, Refusals refusals) {
    this.transaction = transaction;
    this.refusals = refusals;
  }

  /** Completes the entry, writes it again, or sets it aside. */
  void settle(Pending.OfEntry entry) throws SQLException {
    switch (fate(entry)) {
      case COMMITTED -> entry.committed();
      case FENCED -> entry.fenced();
      case ABSENT -> writeAgain(entry);
      case LOCKED -> entry.setAside(false);
    }
  }

  private enum Fate {
    COMMITTED,
    ABSENT,
    FENCED,
    LOCKED
  }

  private Fate fate(Pending.OfEntry entry) throws SQLException {
    try {
      Outcome outcome = transaction.outcome(entry);
      return Fate.valueOf(outcome.name());
    } catch (Throwable failure) {
      if (SqlFailure.ofCommit(failure) == SqlFailure.LOCKED) {
        return Fate.LOCKED;
      }
      throw failure;
    }
  }

  /**
   * Writes it although the lost backend may still be at work. If that commits now, this one is
   * refused as a duplicate or finds the execution moved on: then the database is asked once more.
   */
  private void writeAgain(Pending.OfEntry entry) throws SQLException {
    if (refusals.isHopeless(entry)) {
      Refusals.reject(
          entry, new SQLException("it was tried again and again, alone, and never got through"));
      return;
    }
    Batch batch;
    try {
      batch = transaction.writeAlone(entry);
    } catch (Throwable failure) {
      failed(entry, failure);
      return;
    }
    if (batch.isWritten(entry.row())) {
      entry.committed();
      transaction.sendHints(batch);
    } else {
      entry.setAside(false);
    }
  }

  private void failed(Pending.OfEntry entry, Throwable failure) throws SQLException {
    SqlFailure meaning = SqlFailure.ofCommit(failure);
    if (meaning == SqlFailure.UNKNOWN) {
      Refusals.failedAlone(entry, failure);
      refusals.setAside(entry, failure);
    } else if (SqlFailure.isDuplicate(failure)) {
      Refusals.conflict(entry);
    } else if (SqlFailure.isKeyTaken(failure)) {
      Refusals.keyTaken(entry, failure);
    } else if (meaning == SqlFailure.VALUE) {
      entry.isAbsent();
      refusals.refused(entry, failure);
    } else {
      entry.setAside(meaning == SqlFailure.NOT_NOW);
    }
  }
}
