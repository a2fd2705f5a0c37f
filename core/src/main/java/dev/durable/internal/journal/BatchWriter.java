package dev.durable.internal.journal;

import dev.durable.internal.journal.BatchCommit.Locks;
import dev.durable.internal.store.jdbc.Database;
import dev.durable.internal.store.jdbc.SqlFailure;
import dev.durable.internal.store.journal.JournalStore;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.function.Consumer;

/**
 * Writes batches on a connection that it keeps. A batch that the database refuses is divided until
 * the culprit is alone, so it harms no other entry. After a failure that leaves open whether the
 * batch was committed, the database is asked about each entry before that is written again.
 *
 * <p>Where to look next: {@link BatchCommit} for the transaction, {@link Refusals} for the fate of
 * a culprit, {@link DoubtfulEntries} for entries that may have been committed.
 */
final class BatchWriter {

  private final BatchCommit transaction;
  private final Refusals refusals;
  private final DoubtfulEntries doubtful;

  /**
   * @param hints receives the hints for other workers after each commit
   * @param patience the longest time for one answer of the database
   */
  BatchWriter(
      Database database,
      JournalStore store,
      Consumer<Collection<String>> hints,
      Duration patience) {
    this.transaction = new BatchCommit(database, store, hints);
    this.refusals = new Refusals(patience);
    this.doubtful = new DoubtfulEntries(transaction, refusals);
  }

  /**
   * Writes a batch and completes its futures, except of entries that are {@link Pending#isAside set
   * aside}: their rows are locked, or the database refuses them alone.
   *
   * @throws SQLException or another failure of the driver, if the entries that are neither decided
   *     nor set aside must be tried again
   */
  void write(List<Pending> batch) throws SQLException {
    begin(batch, Locks.WAITED_FOR);
  }

  /** The same for entries that were set aside: it waits for no lock. */
  void writeAside(List<Pending> batch) throws SQLException {
    begin(batch, Locks.FREE);
  }

  private void begin(List<Pending> batch, Locks locks) throws SQLException {
    transaction.open();
    refusals.forget();
    List<Pending> certain = new ArrayList<>(batch.size());
    for (Pending pending : batch) {
      if (pending instanceof Pending.OfEntry entry && pending.isDoubtful()) {
        doubtful.settle(entry);
      } else {
        certain.add(pending);
      }
    }
    if (!certain.isEmpty()) {
      write(certain, locks);
    }
  }

  private void write(List<Pending> batch, Locks locks) throws SQLException {
    try {
      transaction.write(batch, locks);
      refusals.forget();
    } catch (Throwable failure) {
      switch (SqlFailure.ofCommit(failure)) {
        case AGAIN -> throw failure;
        case UNKNOWN -> {
          batch.forEach(Pending::doubt);
          if (batch.size() == 1) {
            Refusals.failedAlone(batch.getFirst(), failure);
          }
          throw failure;
        }
        case LOCKED -> aroundLocks(batch, locks);
        case VALUE, NOT_NOW -> refused(batch, locks, failure);
      }
    }
  }

  private void aroundLocks(List<Pending> batch, Locks locks) throws SQLException {
    if (locks == Locks.WAITED_FOR) {
      write(batch, Locks.FREE);
    } else if (batch.size() == 1) {
      batch.getFirst().setAside(false);
    } else {
      divide(batch, Locks.FREE);
    }
  }

  private void refused(List<Pending> batch, Locks locks, Throwable failure) throws SQLException {
    if (batch.size() > 1) {
      divide(batch, locks);
    } else {
      refusals.refused(batch.getFirst(), failure);
    }
  }

  private void divide(List<Pending> batch, Locks locks) throws SQLException {
    int half = batch.size() / 2;
    write(batch.subList(0, half), locks);
    write(batch.subList(half, batch.size()), locks);
  }

  void giveBackAfter(Duration idle) {
    transaction.giveBackAfter(idle);
  }

  void giveBack() {
    transaction.giveBack();
  }
}
