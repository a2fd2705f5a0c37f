package dev.durable.internal.journal;

import dev.durable.internal.store.jdbc.Database;
import dev.durable.internal.store.jdbc.KeptConnection;
import dev.durable.internal.store.jdbc.SqlFailure;
import dev.durable.internal.store.jdbc.TransactionFrame;
import dev.durable.internal.store.journal.Entry;
import dev.durable.internal.store.journal.JournalStore;
import dev.durable.internal.store.journal.JournalStore.Batch;
import dev.durable.internal.store.journal.JournalStore.Outcome;
import dev.durable.internal.store.journal.Ownership;
import dev.durable.internal.store.journal.StartResult;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;

/**
 * Writes batches on a connection that it keeps. A batch that the database refuses is divided until
 * the culprit is alone, so it harms no other entry. After a failure that leaves open whether the
 * batch was committed, the database is asked about each entry before that is written again.
 */
final class BatchWriter {

  /**
   * Shorter than deadlock_timeout: an application that waits for this worker continues before that.
   */
  private static final Duration LOCK = Duration.ofMillis(300);

  private static final Duration SHORT_LOCK = Duration.ofMillis(20);
  private static final int HOPELESS = 6;

  /**
   * The database knows at once whether a duplicate is the entry itself: after so many it is not.
   */
  private static final int CONFLICTS = 5;

  /**
   * After so many refusals in a row, each alone, the database refuses all: the rest need not try.
   */
  private static final int GENERAL = 3;

  private final JournalStore store;
  private final Consumer<Collection<String>> hints;
  private final KeptConnection kept;
  private final TransactionFrame shortLocks;
  private final long patience;
  private int refusals;

  /**
   * @param hints receives the hints for other workers after each commit
   * @param patience the longest time for one answer of the database
   */
  BatchWriter(
      Database database,
      JournalStore store,
      Consumer<Collection<String>> hints,
      Duration patience) {
    this.store = store;
    this.hints = hints;
    this.kept = KeptConnection.busy(database, LOCK);
    this.shortLocks = database.frame(SHORT_LOCK).repeated();
    this.patience = patience.toNanos();
  }

  /** How locks are taken. */
  private enum Locks {
    WAITED_FOR,
    /** Entries whose locks are not free at once are left. */
    FREE
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
    kept.open();
    refusals = 0;
    List<Pending> certain = new ArrayList<>(batch.size());
    for (Pending pending : batch) {
      if (pending instanceof Pending.OfEntry entry && pending.isDoubtful()) {
        settle(entry);
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
      writeOnce(batch, locks);
      refusals = 0;
    } catch (Throwable failure) {
      switch (SqlFailure.ofCommit(failure)) {
        case AGAIN -> throw failure;
        case UNKNOWN -> {
          batch.forEach(Pending::doubt);
          if (batch.size() == 1 && mayBeItsOwn(failure)) {
            batch.getFirst().failedAlone();
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
      return;
    }
    Pending alone = batch.getFirst();
    if (alone instanceof Pending.OfEntry entry && SqlFailure.isDuplicate(failure)) {
      conflict(entry);
      return;
    }
    boolean ofTheValue = SqlFailure.ofCommit(failure) == SqlFailure.VALUE && alone.carriesValue();
    if (ofTheValue) {
      reject(alone, failure);
      return;
    }
    if (mayBeItsOwn(failure)) {
      alone.failedAlone();
    }
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
  private static void conflict(Pending.OfEntry entry) {
    if (entry.conflicted() > CONFLICTS) {
      entry.fenced();
      return;
    }
    entry.doubt();
    entry.setAside(false);
  }

  private void setAside(Pending alone, Throwable failure) throws SQLException {
    alone.setAside(failure);
    JournalLog.failure("The database refuses an entry; it is kept and tried again", failure);
    if (++refusals >= GENERAL) {
      throw new SQLException(
          failure.getMessage(), SqlFailure.state(SqlFailure.sql(failure)), failure);
    }
  }

  private void divide(List<Pending> batch, Locks locks) throws SQLException {
    int half = batch.size() / 2;
    write(batch.subList(0, half), locks);
    write(batch.subList(half, batch.size()), locks);
  }

  private boolean isHopeless(Pending pending) {
    return pending.carriesValue() && pending.isHopeless(HOPELESS, 2 * patience);
  }

  /** Whether the entry may be the cause: by its size, or by a value that the driver cannot send. */
  private static boolean mayBeItsOwn(Throwable thrown) {
    Throwable failure = SqlFailure.original(thrown);
    return SqlFailure.mayBeCost(failure)
        || (failure instanceof RuntimeException && SqlFailure.sql(failure) == null);
  }

  private static void reject(Pending pending, Throwable failure) {
    SQLException words = SqlFailure.sql(failure);
    pending.fail(
        new RejectedEntryException(
            String.valueOf(words == null ? failure : words.getMessage()), failure));
  }

  // ---- one transaction ----

  private void writeOnce(List<Pending> batch, Locks locks) throws SQLException {
    List<Pending.OfStart> starts = new ArrayList<>();
    List<Pending.OfEntry> entries = new ArrayList<>();
    for (Pending pending : batch) {
      switch (pending) {
        case Pending.OfStart start -> starts.add(start);
        case Pending.OfEntry entry -> entries.add(entry);
      }
    }
    if (locks == Locks.WAITED_FOR) {
      write(starts, entries, kept.frame());
    } else {
      if (!entries.isEmpty()) {
        writeFree(entries);
      }
      if (!starts.isEmpty()) {
        write(starts, List.of(), shortLocks);
      }
    }
  }

  private void write(
      List<Pending.OfStart> starts, List<Pending.OfEntry> entries, TransactionFrame frame)
      throws SQLException {
    Batch batch = batch(starts, entries);
    kept.attempt(
        connection -> {
          store.commit(connection, frame, batch);
          return batch;
        });
    complete(batch, starts, entries);
  }

  /** Writes those entries for which all locks can be had at once. */
  private void writeFree(List<Pending.OfEntry> entries) throws SQLException {
    List<Pending.OfEntry> free = new ArrayList<>(entries);
    List<Pending.OfEntry> locked = new ArrayList<>();
    Batch batch =
        kept.attempt(
            connection -> {
              Set<Ownership> held = store.lockFree(connection, shortLocks, rows(entries));
              free.removeIf(entry -> held.contains(entry.owner()) && locked.add(entry));
              Batch rest = batch(List.of(), free);
              if (free.isEmpty()) {
                store.abandon(connection);
              } else {
                store.finish(connection, rest);
              }
              return rest;
            });
    complete(batch, List.of(), free);
    locked.forEach(entry -> entry.setAside(false));
  }

  private static Batch batch(List<Pending.OfStart> starts, List<Pending.OfEntry> entries) {
    return new Batch(
        starts.stream().map(Pending.OfStart::row).toList(),
        starts.stream().anyMatch(Pending::isDoubtful),
        rows(entries));
  }

  private static List<Entry> rows(List<Pending.OfEntry> entries) {
    return entries.stream().map(Pending.OfEntry::row).toList();
  }

  private void complete(Batch batch, List<Pending.OfStart> starts, List<Pending.OfEntry> entries) {
    for (Pending.OfStart start : starts) {
      StartResult result = batch.started(start.row());
      if (result != null) {
        start.answered(result);
      } else {
        // The execution that had the key was deleted meanwhile.
        start.doubt();
        start.setAside(true);
      }
    }
    for (Pending.OfEntry entry : entries) {
      if (batch.isWritten(entry.row())) {
        entry.committed();
      } else {
        entry.fenced();
      }
    }
    hints.accept(batch.hints());
  }

  // ---- entries that may have been committed ----

  private void settle(Pending.OfEntry entry) throws SQLException {
    switch (outcome(entry)) {
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

  private Fate outcome(Pending.OfEntry entry) throws SQLException {
    try {
      Outcome outcome =
          kept.attempt(connection -> store.outcome(connection, shortLocks, entry.row()));
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
    if (isHopeless(entry)) {
      reject(entry, new SQLException("it was tried again and again, alone, and never got through"));
      return;
    }
    Batch batch = Batch.ofEntries(List.of(entry.row()));
    try {
      kept.attempt(
          connection -> {
            store.commit(connection, shortLocks, batch);
            return batch;
          });
    } catch (Throwable failure) {
      SqlFailure meaning = SqlFailure.ofCommit(failure);
      if (meaning == SqlFailure.UNKNOWN) {
        if (mayBeItsOwn(failure)) {
          entry.failedAlone();
        }
        setAside(entry, failure);
        return;
      }
      if (SqlFailure.isDuplicate(failure)) {
        conflict(entry);
        return;
      }
      if (meaning == SqlFailure.VALUE) {
        entry.isAbsent();
        refused(List.of(entry), Locks.FREE, failure);
        return;
      }
      entry.setAside(meaning == SqlFailure.NOT_NOW);
      return;
    }
    if (batch.isWritten(entry.row())) {
      entry.committed();
      hints.accept(batch.hints());
    } else {
      entry.setAside(false);
    }
  }

  // ---- the connection ----

  void giveBackAfter(Duration idle) {
    kept.closeAfterIdle(idle);
  }

  void giveBack() {
    kept.close();
  }
}
