package dev.durable.internal.transaction;

import dev.durable.internal.journal.FencedException;
import dev.durable.internal.journal.RejectedEntryException;
import dev.durable.internal.store.jdbc.SqlFailure;
import dev.durable.internal.store.jdbc.TransactionFrame;
import dev.durable.internal.store.journal.Entry;
import dev.durable.internal.store.journal.JournalStore;
import dev.durable.internal.store.journal.JournalStore.Batch;
import dev.durable.internal.transaction.RolledBackException.Reason;
import java.sql.SQLException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Writes the checkpoint of a transaction step on the body's own connection, and says whose fault it
 * is if that fails: the body may have spoiled its transaction, or given its execution away.
 */
final class CheckpointWrite {

  private final JournalStore store;
  private final @Nullable TransactionFrame limits;
  private final TransactionConnection connection;
  private final TransactionVerdict verdict;

  /**
   * @param limits for the engine's statements; null for those of the session, where others follow
   *     in the transaction
   */
  CheckpointWrite(
      JournalStore store,
      @Nullable TransactionFrame limits,
      TransactionConnection connection,
      TransactionVerdict verdict) {
    this.store = store;
    this.limits = limits;
    this.connection = connection;
    this.verdict = verdict;
  }

  /** A checkpoint that is written and not yet committed. */
  record Checkpoint(Entry entry, Batch batch) {}

  /** Writes it; after any failure all is rolled back. */
  <R extends @Nullable Object> Checkpoint write(R result, TransactionAttempt<R> attempt)
      throws Exception {
    Entry entry;
    try {
      entry = checkpoint(result, attempt);
    } catch (Throwable failure) {
      connection.rollBack();
      throw failure;
    }
    Batch batch = Batch.ofEntries(List.of(entry));
    try {
      store.behind(connection.jdbc(), limits, connection.time(), batch);
      if (batch.isWritten(entry)) {
        return new Checkpoint(entry, batch);
      }
    } catch (Throwable failure) {
      connection.rollBack();
      throw notWritten(failure);
    }
    connection.rollBack();
    throw notOwned(entry);
  }

  /** Code that encodes the result may leave its thread interrupted, as a body may. */
  private static <R extends @Nullable Object> Entry checkpoint(
      R result, TransactionAttempt<R> attempt) {
    try {
      return attempt.checkpoint(result);
    } finally {
      Thread.interrupted();
    }
  }

  /** All is rolled back. If this run owns the execution now, the body had given it away. */
  private Exception notOwned(Entry entry) throws RolledBackException {
    JournalStore.Outcome outcome;
    try {
      outcome = store.outcomeWithin(connection.jdbc(), entry);
      connection.jdbc().rollback();
    } catch (Throwable failure) {
      connection.spoil();
      throw new RolledBackException(Reason.LOST, failure);
    }
    return outcome == JournalStore.Outcome.ABSENT
        ? new BodyFailedException(
            new IllegalStateException(
                "The body took its own execution "
                    + entry.owner().id()
                    + " away in its transaction: it cancelled it, or one that it belongs to, or"
                    + " changed its row. All of it has been rolled back. Cancel outside of the"
                    + " transaction."))
        : new FencedException(
            "Execution " + entry.owner().id() + " no longer belongs to this run.");
  }

  private Exception notWritten(Throwable failure) {
    String spoilt = spoilt(SqlFailure.state(SqlFailure.sql(failure)));
    if (spoilt != null) {
      SQLException failed = connection.use().failed();
      return new BodyFailedException(
          new IllegalStateException(spoilt, failed == null ? failure : failed));
    }
    connection.failed(failure);
    return switch (SqlFailure.of(failure)) {
      case AGAIN, LOCKED -> new RolledBackException(Reason.COLLIDED, failure);
      case VALUE -> new RejectedEntryException(String.valueOf(failure.getMessage()), failure);
      case NOT_NOW -> new RolledBackException(Reason.LOST, failure);
      // The commit has not been sent.
      case UNKNOWN -> verdict.ofLoss(failure);
    };
  }

  /** The act of the body because of which its result cannot be stored; null if there is none. */
  private @Nullable String spoilt(String state) {
    ConnectionUse use = connection.use();
    return switch (state) {
      case "25P02" ->
          use.mayHaveFailed()
              ? "a statement of the body failed, and the body went on as if it had not; let the"
                  + " exception out, or roll back to a savepoint"
              : null;
      // The transaction began as read-write.
      case "25006" ->
          use.becomesReadOnly()
              ? "the body made its transaction read-only, so its result cannot be stored"
              : null;
      case "42501" ->
          use.changesRole()
              ? "the body changed its role, which may not store its result; set the role back"
                  + " before the body returns"
              : null;
      default -> null;
    };
  }
}
