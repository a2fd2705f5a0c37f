package dev.durable.internal.journal;

import dev.durable.DatabaseUnavailableException;
import dev.durable.internal.store.Borrowed;
import dev.durable.internal.store.Database;
import dev.durable.internal.store.EntryRow;
import dev.durable.internal.store.Failure;
import dev.durable.internal.store.JournalStore;
import dev.durable.internal.store.JournalStore.Batch;
import dev.durable.internal.store.JournalStore.Outcome;
import dev.durable.workflow.StepContext;
import dev.durable.workflow.TransactionBody;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.function.Function;

/** Runs the body of a transactional step and commits its SQL and its checkpoint together. */
public final class TransactionRunner {

  private static final String IN_FAILED_TRANSACTION = "25P02";

  private static final java.time.Duration LOCK = java.time.Duration.ofMillis(2_500);

  private final Database database;
  private final JournalStore store;

  /**
   * @param database gives the connections
   * @param store writes the checkpoint
   */
  public TransactionRunner(Database database, JournalStore store) {
    this.database = database;
    this.store = store;
  }

  /**
   * Runs the body and commits.
   *
   * @param toEntry makes the checkpoint of the body's result; if it throws, everything is rolled
   *     back
   * @throws FencedException if the execution belongs to somebody else: everything is rolled back
   * @throws RejectedEntryException if the result cannot be stored: everything is rolled back
   * @throws DatabaseUnavailableException if nothing was committed because the connection broke or
   *     two transactions collided: the body may run again at once or later
   * @throws Exception what the body throws
   */
  public <I, T, R> void run(
      TransactionBody<I, T, R> body, T data, StepContext<I> step, Function<R, EntryRow> toEntry)
      throws Exception {
    try (Borrowed borrowed = begin()) {
      try {
        EntryRow entry = runAndCheckpoint(borrowed.jdbc(), body, data, step, toEntry);
        commit(borrowed.jdbc(), entry);
      } catch (Throwable failure) {
        borrowed.failed(failure);
        throw failure;
      }
    }
  }

  private <I, T, R> EntryRow runAndCheckpoint(
      Connection connection,
      TransactionBody<I, T, R> body,
      T data,
      StepContext<I> step,
      Function<R, EntryRow> toEntry)
      throws Exception {
    boolean bodys = true;
    try {
      R result = body.run(data, new OpenTransaction<>(step, GuardedConnection.of(connection)));
      bodys = false;
      EntryRow entry = toEntry.apply(result);
      checkpoint(connection, entry);
      return entry;
    } catch (Throwable failure) {
      boolean broken = !rollBack(connection);
      if (failure instanceof Exception exception && isOfTheDatabase(exception, broken, bodys)) {
        throw unavailable(exception);
      }
      throw failure;
    }
  }

  /**
   * What a body throws on a connection that still works is the body's own failure, whatever its
   * SQLState: a statement timeout of the body must not be repeated for ever. On a broken connection
   * it is not, whatever a library has wrapped it in.
   */
  private static boolean isOfTheDatabase(Exception failure, boolean broken, boolean bodys) {
    if (bodys && broken) {
      return true;
    }
    return failure instanceof SQLException sql && (broken || again(sql) || (!bodys && lost(sql)));
  }

  private Borrowed begin() {
    try {
      return database.borrow(false);
    } catch (SQLException failure) {
      throw unavailable(failure);
    }
  }

  private void checkpoint(Connection connection, EntryRow entry) throws SQLException {
    try {
      Batch batch = Batch.ofEntries(List.of(entry));
      store.within(connection, batch);
      if (!batch.isWritten(entry)) {
        throw new FencedException(
            "Execution " + entry.owner().id() + " no longer belongs to this run.");
      }
    } catch (SQLException failure) {
      if (lost(failure) || again(failure)) {
        throw failure;
      }
      String reason =
          IN_FAILED_TRANSACTION.equals(failure.getSQLState())
              ? "a statement of the body failed, and the body went on as if it had not; let the"
                  + " exception out, or roll back to a savepoint"
              : String.valueOf(failure.getMessage());
      throw new RejectedEntryException(reason, failure);
    }
  }

  private void commit(Connection connection, EntryRow entry) throws SQLException {
    try {
      connection.commit();
    } catch (SQLException failure) {
      if (!lost(failure)) {
        rollBack(connection);
        if (again(failure)) {
          throw unavailable(failure);
        }
        throw failure;
      }
      Outcome outcome =
          database.call(
              "ask whether a transaction was committed",
              other -> store.outcome(other, database.frame(LOCK), entry));
      switch (outcome) {
        case COMMITTED -> {}
        case ABSENT -> throw unavailable(failure);
        case FENCED ->
            throw new FencedException(
                "Execution " + entry.owner().id() + " was taken over during a commit.");
      }
    }
  }

  private static boolean lost(SQLException failure) {
    Failure meaning = Failure.of(failure);
    return meaning == Failure.UNKNOWN || meaning == Failure.NOT_NOW;
  }

  private static boolean again(SQLException failure) {
    Failure meaning = Failure.of(failure);
    return meaning == Failure.AGAIN || meaning == Failure.LOCKED;
  }

  /** False if the connection is no longer alive. */
  private static boolean rollBack(Connection connection) {
    try {
      connection.rollback();
      return true;
    } catch (SQLException gone) {
      return false;
    }
  }

  private static DatabaseUnavailableException unavailable(Exception cause) {
    return new DatabaseUnavailableException(
        "A transactional step was rolled back and will run again: " + cause.getMessage(), cause);
  }
}
