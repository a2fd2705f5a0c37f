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
import dev.durable.internal.thread.CurrentContext;
import dev.durable.internal.transaction.CheckpointWrite.Checkpoint;
import dev.durable.internal.transaction.RolledBackException.Reason;
import dev.durable.workflow.AttemptContext;
import dev.durable.workflow.TransactionBody;
import dev.durable.workflow.TransactionContext;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Collection;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs the body of a transactional step and commits its SQL and its checkpoint together.
 *
 * <p>Where to look next: {@link GuardedConnection} for what the body may do with its connection,
 * {@link ConnectionUse} for the end of its use, {@link CheckpointWrite} for the engine's part of
 * the transaction, {@link TransactionVerdict} for whose failure it is, {@link LostCommit} and
 * {@link LostConnection} for failures that leave the outcome open.
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
      TransactionBody<I, T, R> body, T data, AttemptContext<I> step, TransactionAttempt<R> attempt)
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

  /** One transaction. */
  private final class Work {

    private final TransactionConnection connection;
    private final ConnectionUse use;
    private final TransactionVerdict verdict;

    Work(BorrowedConnection borrowed) throws RolledBackException {
      this.connection = new TransactionConnection(borrowed, patienceMillis);
      this.use = connection.use();
      this.verdict = new TransactionVerdict(connection, lostConnection);
    }

    <I, T, R extends @Nullable Object> R call(
        TransactionBody<I, T, R> body,
        T data,
        AttemptContext<I> step,
        TransactionAttempt<R> attempt)
        throws Exception {
      Thread bodys = Thread.currentThread();
      // An interrupt of the engine's own calls is not for the body; a stop is checked below.
      Thread.interrupted();
      attempt.interruptsBy(() -> use.stop(bodys));
      try {
        TransactionContext<I> open =
            new OpenTransaction<>(step, GuardedConnection.of(connection.jdbc(), use));
        R result = CurrentContext.HERE.with(open, () -> body.run(data, open));
        boolean alone = connection.endBody();
        attempt.requireWanted();
        requireIntact(alone, step.path());
        return result;
      } catch (RolledBackException | BodyFailedException judged) {
        throw judged;
      } catch (Throwable thrown) {
        connection.endBody();
        connection.rollBack();
        attempt.requireWanted();
        throw verdict.ofBody(thrown);
      }
    }

    /** A body that has returned may still have spoiled its own transaction. */
    private void requireIntact(boolean alone, String path) throws Exception {
      SQLException failed = use.failed();
      SQLException lost = use.lost();
      String wrong = null;
      if (!alone) {
        wrong = "used its connection from another thread after the body had returned";
      } else if (failed != null && SqlFailure.of(failed) == SqlFailure.AGAIN) {
        connection.rollBack();
        throw new RolledBackException(Reason.COLLIDED, failed);
      } else if (lost != null) {
        connection.rollBack();
        throw verdict.ofLoss(lost);
      } else if (use.isEnded()) {
        wrong = "ended its transaction, or closed its connection, by itself";
      }
      if (wrong != null) {
        connection.rollBack();
        throw new BodyFailedException(
            new IllegalStateException(
                "The body of transaction '" + path + "' " + wrong + ".", lost));
      }
    }

    <R extends @Nullable Object> Checkpoint checkpoint(R result, TransactionAttempt<R> attempt)
        throws Exception {
      return new CheckpointWrite(store, limits, connection, verdict).write(result, attempt);
    }

    void commit(Entry entry, AttemptContext<?> step, TransactionAttempt<?> attempt)
        throws Exception {
      try {
        connection.commit();
      } catch (Throwable failure) {
        if (SqlFailure.isAnswer(failure) && SqlFailure.ofCommit(failure) != SqlFailure.UNKNOWN) {
          connection.rollBack();
          throw verdict.ofRefusedCommit(failure);
        }
        connection.close();
        if (!lostCommit.isCommitted(entry, step.path(), failure, attempt)) {
          throw verdict.ofLoss(failure);
        }
      }
    }

    void end() {
      connection.end();
    }
  }
}
