package dev.durable.internal.transaction;

import dev.durable.internal.journal.FencedException;
import dev.durable.internal.journal.RejectedEntryException;
import dev.durable.internal.store.jdbc.BorrowedConnection;
import dev.durable.internal.store.jdbc.Database;
import dev.durable.internal.store.jdbc.SqlFailure;
import dev.durable.internal.store.jdbc.TransactionFrame;
import dev.durable.internal.store.journal.Entry;
import dev.durable.internal.store.journal.JournalStore;
import dev.durable.internal.store.journal.JournalStore.Batch;
import dev.durable.internal.transaction.RolledBackException.Reason;
import dev.durable.workflow.StepContext;
import dev.durable.workflow.TransactionBody;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs the body of a transactional step and commits its SQL and its checkpoint together.
 *
 * <p>Where to look next: {@link GuardedConnection} for what the body may do with its connection,
 * {@link ConnectionUse} for the end of its use, {@link LostCommit} and {@link LostConnection} for
 * failures that leave the outcome open.
 */
public final class TransactionRunner {

  private static final Logger LOG = LoggerFactory.getLogger(TransactionRunner.class);
  private static final Duration LOCK = Duration.ofMillis(2_500);

  private final Database database;
  private final JournalStore store;
  private final TransactionFrame limits;
  private final Consumer<Collection<String>> hints;
  private final LostCommit lostCommit;
  private final LostConnection lostConnection;
  private final int patienceMillis;

  /**
   * @param database gives connections without limits: the body chooses its own
   * @param patience the longest time for one answer while the engine itself waits for it
   * @param store writes the checkpoint
   * @param hints receives the hints for other workers after the commit
   */
  public TransactionRunner(
      Database database,
      Duration patience,
      JournalStore store,
      Consumer<Collection<String>> hints) {
    Database hasty = database.within(patience);
    this.database = database;
    this.store = store;
    this.limits = hasty.frame(LOCK);
    this.hints = hints;
    this.lostCommit = new LostCommit(hasty, limits, store);
    this.lostConnection = new LostConnection(hasty);
    this.patienceMillis = (int) Math.min(Integer.MAX_VALUE, patience.toMillis());
  }

  /**
   * Runs the body and commits. Returns normally only if all of it is committed.
   *
   * @throws FencedException if another worker owns the execution: all is rolled back
   * @throws RejectedEntryException if the result cannot be stored: all is rolled back
   * @throws RolledBackException if all is rolled back, and not by the body
   * @throws BodyFailedException if all is rolled back, because of an act of the body
   * @throws Exception of the body: all is rolled back
   */
  public <I, T, R extends @Nullable Object> void run(
      TransactionBody<I, T, R> body, T data, StepContext<I> step, TransactionAttempt<R> attempt)
      throws Exception {
    try (BorrowedConnection borrowed = begin()) {
      Work work = new Work(borrowed);
      try {
        Checkpoint checkpoint = work.checkpoint(work.call(body, data, step, attempt), attempt);
        work.commit(checkpoint.entry(), step, attempt);
        tell(checkpoint.batch());
      } finally {
        work.end();
      }
    }
  }

  /** The body has not begun, so a failure here is one of the database. */
  private BorrowedConnection begin() throws RolledBackException {
    BorrowedConnection borrowed = null;
    try {
      borrowed = database.borrow(false);
      return borrowed;
    } catch (Throwable failure) {
      throw new RolledBackException(Reason.UNREACHED, failure);
    }
  }

  /** All is committed: a lost hint costs only time. */
  private void tell(Batch written) {
    try {
      hints.accept(written.hints());
    } catch (Throwable lost) {
      LOG.debug("Could not send the hints of a transaction", lost);
    }
  }

  private record Checkpoint(Entry entry, Batch batch) {}

  /** One transaction. */
  private final class Work {

    private final BorrowedConnection borrowed;
    private final Connection connection;
    private final long begunAt = System.nanoTime();
    private final ConnectionUse use;
    private final boolean unlimited;
    private boolean open = true;

    Work(BorrowedConnection borrowed) throws RolledBackException {
      this.borrowed = borrowed;
      this.connection = borrowed.jdbc();
      try {
        this.unlimited = connection.getNetworkTimeout() == 0;
        limit(patienceMillis);
        try (Statement first = connection.createStatement()) {
          first.execute(TransactionFrame.ISOLATION);
        }
        this.use = new ConnectionUse(connection);
        limit(0);
      } catch (Throwable failure) {
        borrowed.spoil();
        throw new RolledBackException(Reason.UNREACHED, failure);
      }
    }

    /** A limit of the user's own stays as it is. */
    private void limit(int millis) throws SQLException {
      if (unlimited) {
        connection.setNetworkTimeout(Runnable::run, millis);
      }
    }

    <I, T, R extends @Nullable Object> R call(
        TransactionBody<I, T, R> body, T data, StepContext<I> step, TransactionAttempt<R> attempt)
        throws Exception {
      Thread bodys = Thread.currentThread();
      // An interrupt of the engine's own calls is not for the body; a stop is checked below.
      Thread.interrupted();
      attempt.interruptsBy(() -> use.stop(bodys));
      try {
        R result =
            body.run(data, new OpenTransaction<>(step, GuardedConnection.of(connection, use)));
        boolean alone = endBody();
        attempt.requireWanted();
        requireIntact(alone, step.path());
        return result;
      } catch (RolledBackException | BodyFailedException judged) {
        throw judged;
      } catch (Throwable thrown) {
        endBody();
        rollBack();
        attempt.requireWanted();
        throw judged(thrown);
      }
    }

    /** An interrupt of the body is not for the engine: it would close the connection. */
    private boolean endBody() {
      boolean alone = use.end();
      Thread.interrupted();
      try {
        limit(patienceMillis);
      } catch (Throwable broken) {
        borrowed.spoil();
      }
      return alone;
    }

    /** A body that has returned may still have spoiled its own transaction. */
    private void requireIntact(boolean alone, String path) throws Exception {
      SQLException failed = use.failed();
      SQLException lost = use.lost();
      String wrong = null;
      if (!alone) {
        wrong = "used its connection from another thread after the body had returned";
      } else if (failed != null && SqlFailure.of(failed) == SqlFailure.AGAIN) {
        rollBack();
        throw new RolledBackException(Reason.COLLIDED, failed);
      } else if (lost != null) {
        rollBack();
        throw lost(lost);
      } else if (use.isEnded()) {
        wrong = "ended its transaction, or closed its connection, by itself";
      }
      if (wrong != null) {
        rollBack();
        throw new BodyFailedException(
            new IllegalStateException(
                "The body of transaction '" + path + "' " + wrong + ".", lost));
      }
    }

    /** The meaning of a failure of the body; all is rolled back. */
    @SuppressWarnings("ReferenceEquality") // A throwable cannot be suppressed by itself.
    private Exception judged(Throwable thrown) {
      SQLException cause = SqlFailure.sql(thrown);
      SQLException failed = use.failed();
      // A failure of another database, or of the body itself, is the body's.
      if (failed != null && SqlFailure.of(failed) == SqlFailure.AGAIN) {
        return new RolledBackException(Reason.COLLIDED, thrown);
      }
      SQLException lost = use.lost();
      if (lost != null && cause != null && SqlFailure.of(cause) == SqlFailure.UNKNOWN) {
        return lost(thrown);
      }
      if (lost != null && thrown != lost) {
        thrown.addSuppressed(lost);
      }
      return new BodyFailedException(thrown);
    }

    /** The connection was lost before the commit. */
    private Exception lost(Throwable thrown) {
      close();
      Reason reason = lostConnection.reason(use, System.nanoTime() - begunAt);
      return reason == null
          ? new BodyFailedException(thrown)
          : new RolledBackException(reason, thrown);
    }

    <R extends @Nullable Object> Checkpoint checkpoint(R result, TransactionAttempt<R> attempt)
        throws Exception {
      Entry entry;
      try {
        entry = attempt.checkpoint(result);
      } catch (Throwable failure) {
        rollBack();
        throw failure;
      }
      Batch batch = Batch.ofEntries(List.of(entry));
      try {
        store.within(connection, limits, batch);
        if (batch.isWritten(entry)) {
          return new Checkpoint(entry, batch);
        }
      } catch (Throwable failure) {
        rollBack();
        throw notWritten(failure);
      }
      rollBack();
      throw notOwned(entry);
    }

    /** All is rolled back. If this run owns the execution now, the body had given it away. */
    private Exception notOwned(Entry entry) throws RolledBackException {
      JournalStore.Outcome outcome;
      try {
        outcome = store.outcomeWithin(connection, entry);
        connection.rollback();
      } catch (Throwable failure) {
        borrowed.spoil();
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
        SQLException failed = use.failed();
        return new BodyFailedException(
            new IllegalStateException(spoilt, failed == null ? failure : failed));
      }
      borrowed.failed(failure);
      return switch (SqlFailure.of(failure)) {
        case AGAIN, LOCKED -> new RolledBackException(Reason.COLLIDED, failure);
        case VALUE -> new RejectedEntryException(String.valueOf(failure.getMessage()), failure);
        case NOT_NOW -> new RolledBackException(Reason.LOST, failure);
        // The commit has not been sent.
        case UNKNOWN -> lost(failure);
      };
    }

    /** The act of the body because of which its result cannot be stored; null if there is none. */
    private @Nullable String spoilt(String state) {
      return switch (state) {
        case "25P02" ->
            use.failed() == null
                ? null
                : "a statement of the body failed, and the body went on as if it had not; let the"
                    + " exception out, or roll back to a savepoint";
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

    void commit(Entry entry, StepContext<?> step, TransactionAttempt<?> attempt) throws Exception {
      try {
        connection.commit();
        open = false;
      } catch (Throwable failure) {
        if (SqlFailure.isAnswer(failure) && SqlFailure.ofCommit(failure) != SqlFailure.UNKNOWN) {
          rollBack();
          throw refused(failure);
        }
        close();
        if (!lostCommit.isCommitted(entry, step.path(), failure, attempt)) {
          throw lost(failure);
        }
      }
    }

    /** Constraints and triggers of the body's tables that are deferred fail at the commit. */
    private Exception refused(Throwable failure) {
      borrowed.failed(failure);
      SqlFailure meaning = SqlFailure.of(failure);
      if (meaning == SqlFailure.AGAIN || meaning == SqlFailure.LOCKED) {
        return new RolledBackException(Reason.COLLIDED, failure);
      }
      // An exception that such a trigger raises is of class P0.
      boolean isOfTheBody =
          meaning == SqlFailure.VALUE || SqlFailure.state(SqlFailure.sql(failure)).startsWith("P0");
      return isOfTheBody
          ? new BodyFailedException(failure)
          : new RolledBackException(Reason.LOST, failure);
    }

    private void rollBack() {
      if (!open) {
        return;
      }
      open = false;
      if (use.isBusy()) {
        // It would wait for the call of the other thread.
        borrowed.spoil();
        return;
      }
      try {
        connection.rollback();
      } catch (Throwable gone) {
        borrowed.spoil();
      }
    }

    /**
     * Closes a connection of no more use, so that a question on another one need not wait for it.
     */
    private void close() {
      open = false;
      borrowed.spoil();
      borrowed.close();
    }

    /** Ends the transaction in any case. */
    void end() {
      rollBack();
      try {
        if (use.isSpoiled()) {
          borrowed.spoil();
        } else {
          limit(0);
        }
      } catch (Throwable broken) {
        borrowed.spoil();
      }
    }
  }
}
