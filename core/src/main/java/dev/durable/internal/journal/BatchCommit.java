package dev.durable.internal.journal;

import dev.durable.internal.store.jdbc.Database;
import dev.durable.internal.store.jdbc.KeptConnection;
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
 * One batch in one transaction, on a connection that is kept. Once the transaction is committed,
 * the futures of its entries are completed and its hints are sent.
 */
final class BatchCommit {

  /**
   * Shorter than deadlock_timeout: an application that waits for this worker continues before that.
   */
  private static final Duration LOCK = Duration.ofMillis(300);

  private static final Duration SHORT_LOCK = Duration.ofMillis(20);

  private final JournalStore store;
  private final Consumer<Collection<String>> hints;
  private final KeptConnection kept;
  private final TransactionFrame shortLocks;

  BatchCommit(Database database, JournalStore store, Consumer<Collection<String>> hints) {
    this.store = store;
    this.hints = hints;
    this.kept = KeptConnection.busy(database, LOCK);
    this.shortLocks = database.frame(SHORT_LOCK).repeated();
  }

  /** How locks are taken. */
  enum Locks {
    WAITED_FOR,
    /** Entries whose locks are not free at once are left. */
    FREE
  }

  void open() throws SQLException {
    kept.open();
  }

  /** Writes a batch; with {@link Locks#FREE}, entries that are locked are set aside. */
  void write(List<Pending> batch, Locks locks) throws SQLException {
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
    Batch batch = commit(batch(starts, entries), frame);
    complete(batch, starts, entries);
  }

  private Batch commit(Batch batch, TransactionFrame frame) throws SQLException {
    return kept.attempt(
        connection -> {
          store.commit(connection, frame, batch);
          return batch;
        });
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
    sendHints(batch);
  }

  // ---- one entry alone, for which no lock is waited for ----

  /** Asks the database whether an entry was committed. */
  Outcome outcome(Pending.OfEntry entry) throws SQLException {
    return kept.attempt(connection -> store.outcome(connection, shortLocks, entry.row()));
  }

  /** Writes it, and completes nothing. */
  Batch writeAlone(Pending.OfEntry entry) throws SQLException {
    return commit(Batch.ofEntries(List.of(entry.row())), shortLocks);
  }

  void sendHints(Batch committed) {
    hints.accept(committed.hints());
  }

  // ---- the connection ----

  void giveBackAfter(Duration idle) {
    kept.closeAfterIdle(idle);
  }

  void giveBack() {
    kept.close();
  }
}
