package dev.durable.internal.journal;

import dev.durable.internal.store.Borrowed;
import dev.durable.internal.store.Database;
import dev.durable.internal.store.EntryRow;
import dev.durable.internal.store.Failure;
import dev.durable.internal.store.JournalStore;
import dev.durable.internal.store.JournalStore.Outcome;
import dev.durable.internal.store.JournalStore.Written;
import dev.durable.internal.store.StartResult;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Writes batches on a connection that it keeps. After a broken connection nobody knows what was
 * committed: from then on the batch is written one by one, and each entry is asked after before it
 * is written again.
 */
final class BatchWriter {

  private final Database database;
  private final JournalStore store;
  private @Nullable Borrowed connection;
  private long lastUse;
  private boolean doubtful;

  BatchWriter(Database database, JournalStore store) {
    this.database = database;
    this.store = store;
  }

  /**
   * Writes a batch and completes its futures, but for those of what somebody else has locked.
   *
   * @return what is locked; whether it has been committed must be asked
   * @throws SQLException if the connection broke or the database asks to try again: call again with
   *     the same batch
   */
  List<Pending> write(List<Pending> batch) throws SQLException {
    if (doubtful) {
      return settle(batch);
    }
    Borrowed writer = connection();
    try {
      writeTogether(writer, batch);
      return List.of();
    } catch (SQLException failure) {
      if ((Failure.of(failure) == Failure.UNKNOWN || Failure.of(failure) == Failure.NOT_NOW)) {
        doubtful = true;
        throw failure;
      }
      if ((Failure.of(failure) == Failure.AGAIN || Failure.of(failure) == Failure.LOCKED)
          && !(Failure.of(failure) == Failure.LOCKED)) {
        throw failure;
      }
      return oneByOne(writer, batch, this::writeAlone);
    } catch (RuntimeException unbindable) {
      // A value that cannot even be handed to the driver must not harm the others either.
      return settle(batch);
    }
  }

  /** Does the same with a batch of which nobody knows what was committed. */
  List<Pending> settle(List<Pending> batch) throws SQLException {
    return oneByOne(connection(), batch, this::decide);
  }

  void giveBackAfter(long millis) {
    if (connection != null && System.nanoTime() - lastUse > millis * 1_000_000) {
      giveBack();
    }
  }

  void giveBack() {
    if (connection != null) {
      connection.close();
      connection = null;
    }
  }

  private Borrowed connection() throws SQLException {
    Borrowed current = connection;
    if (current == null) {
      current = database.borrow();
      connection = current;
    }
    lastUse = System.nanoTime();
    return current;
  }

  private void writeTogether(Borrowed writer, List<Pending> batch) throws SQLException {
    List<Pending.OfStart> starts = new ArrayList<>();
    List<Pending.OfEntry> entries = new ArrayList<>();
    for (Pending pending : batch) {
      switch (pending) {
        case Pending.OfStart start -> starts.add(start);
        case Pending.OfEntry entry -> entries.add(entry);
      }
    }
    Written written =
        store.write(
            writer.jdbc(),
            starts.stream().map(Pending.OfStart::row).toList(),
            entries.stream().map(Pending.OfEntry::row).toList());
    complete(starts, written.started(), entries, written.owned());
  }

  private static void complete(
      List<Pending.OfStart> starts,
      List<StartResult> started,
      List<Pending.OfEntry> entries,
      Set<UUID> owned) {
    for (int i = 0; i < starts.size(); i++) {
      starts.get(i).future().complete(started.get(i));
    }
    for (Pending.OfEntry entry : entries) {
      if (owned.contains(entry.row().owner().id())) {
        entry.future().complete(null);
      } else {
        entry.fail(fenced(entry.row()));
      }
    }
  }

  /** What is done with one of a batch. */
  private interface One {
    void write(Borrowed writer, Pending pending) throws SQLException;
  }

  /** A bad value, or a lock, must not harm the others: each is written by itself. */
  private List<Pending> oneByOne(Borrowed writer, List<Pending> batch, One one)
      throws SQLException {
    doubtful = true;
    List<Pending> locked = new ArrayList<>();
    for (Pending pending : batch) {
      try {
        if (!pending.isDecided()) {
          one.write(writer, pending);
        }
      } catch (SQLException failure) {
        if (!(Failure.of(failure) == Failure.LOCKED)) {
          throw failure;
        }
        locked.add(pending);
      }
    }
    doubtful = false;
    return locked;
  }

  private void writeAlone(Borrowed writer, Pending pending) throws SQLException {
    try {
      writeTogether(writer, List.of(pending));
    } catch (SQLException failure) {
      if ((Failure.of(failure) == Failure.UNKNOWN || Failure.of(failure) == Failure.NOT_NOW)
          || (Failure.of(failure) == Failure.AGAIN || Failure.of(failure) == Failure.LOCKED)) {
        throw failure;
      }
      pending.fail(new RejectedEntryException(String.valueOf(failure.getMessage()), failure));
    } catch (RuntimeException unbindable) {
      pending.fail(new RejectedEntryException(unbindable.toString(), unbindable));
    }
  }

  private void decide(Borrowed writer, Pending pending) throws SQLException {
    if (!(pending instanceof Pending.OfEntry entry)) {
      // A start finds its own id if it was committed.
      writeAlone(writer, pending);
      return;
    }
    Outcome outcome = store.outcome(writer.jdbc(), entry.row());
    if (outcome == Outcome.ABSENT) {
      outcome = writeAgain(writer, entry);
    }
    switch (outcome) {
      case COMMITTED -> entry.future().complete(null);
      case FENCED -> entry.fail(fenced(entry.row()));
      case ABSENT -> throw new SQLException("the entry is still in flight", "40001");
    }
  }

  /**
   * The lost backend may still be at work. If it commits now, ours is refused as a duplicate, or
   * finds the execution moved on: then the database is asked once more.
   */
  private Outcome writeAgain(Borrowed writer, Pending.OfEntry entry) throws SQLException {
    try {
      if (!store.write(writer.jdbc(), List.of(entry.row())).isEmpty()) {
        return Outcome.COMMITTED;
      }
    } catch (SQLException failure) {
      if ((Failure.of(failure) == Failure.UNKNOWN || Failure.of(failure) == Failure.NOT_NOW)
          || (Failure.of(failure) == Failure.AGAIN || Failure.of(failure) == Failure.LOCKED)) {
        throw failure;
      }
      if (!Failure.state(failure).equals("23505")) {
        entry.fail(new RejectedEntryException(String.valueOf(failure.getMessage()), failure));
        return Outcome.FENCED;
      }
    } catch (RuntimeException unbindable) {
      entry.fail(new RejectedEntryException(unbindable.toString(), unbindable));
      return Outcome.FENCED;
    }
    return store.outcome(writer.jdbc(), entry.row());
  }

  private static FencedException fenced(EntryRow row) {
    return new FencedException(
        "Execution "
            + row.owner().id()
            + " no longer belongs to this run (token "
            + row.owner().token()
            + "): it was cancelled, has ended, or was taken over.");
  }
}
