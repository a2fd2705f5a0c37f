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
import dev.durable.internal.transaction.CheckpointWrite.Checkpoint;
import dev.durable.internal.transaction.RolledBackException.Reason;
import dev.durable.workflow.AttemptContext;
import dev.durable.workflow.TransactionBody;
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
 * {@link LostConnection} for failures that leave the outcome open, {@link BoundTransaction} for
 * transactions that a framework begins and commits.
 */
public final class TransactionRunner {

  private static final Logger LOG = LoggerFactory.getLogger(TransactionRunner.class);
  private static final Duration LOCK = Duration.ofMillis(2_500);

  private final Parts parts;
  private final Consumer<Collection<String>> hints;
  private final @Nullable Framework framework;

  /** What every transaction uses. */
  record Parts(
      Database database,
      JournalStore store,
      TransactionFrame limits,
      LostCommit lostCommit,
      LostConnection lostConnection,
      int patienceMillis) {}

  /**
   * @param database gives connections without limits: the body chooses its own
   * @param patience the longest time for one answer while the engine itself waits for it
   * @param store writes the checkpoint
   * @param hints receives the hints for other workers after the commit
   * @param framework begins and commits instead of the engine, if there is one
   */
  public TransactionRunner(
      Database database,
      Duration patience,
      JournalStore store,
      Consumer<Collection<String>> hints,
      @Nullable Framework framework) {
    Database hasty = database.within(patience);
    TransactionFrame limits = hasty.frame(LOCK);
    this.parts =
        new Parts(
            database,
            store,
            limits,
            new LostCommit(hasty, limits, store),
            new LostConnection(hasty),
            (int) Math.min(Integer.MAX_VALUE, patience.toMillis()));
    this.hints = hints;
    this.framework = framework;
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
    Framework other = framework;
    Checkpoint committed =
        other == null
            ? commitOwn(body, data, step, attempt)
            : new BoundTransaction<>(parts, other, body, data, step, attempt).commit();
    tell(committed.batch());
  }

  private <I, T, R extends @Nullable Object> Checkpoint commitOwn(
      TransactionBody<I, T, R> body, T data, AttemptContext<I> step, TransactionAttempt<R> attempt)
      throws Exception {
    try (BorrowedConnection borrowed = begin()) {
      TransactionConnection connection =
          new TransactionConnection(
              borrowed, parts.database().clock(), parts.patienceMillis(), false);
      TransactionVerdict verdict = new TransactionVerdict(connection, parts.lostConnection());
      try {
        R result = new TransactionWork(connection, verdict).call(body, data, step, attempt);
        Checkpoint checkpoint =
            new CheckpointWrite(parts.store(), parts.limits(), connection, verdict)
                .write(result, attempt);
        commit(connection, verdict, checkpoint.entry(), step, attempt);
        return checkpoint;
      } finally {
        connection.end();
      }
    }
  }

  /** The body has not begun, so a failure here is one of the database. */
  private BorrowedConnection begin() throws RolledBackException {
    BorrowedConnection borrowed = null;
    try {
      borrowed = parts.database().borrow(false);
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

  private void commit(
      TransactionConnection connection,
      TransactionVerdict verdict,
      Entry entry,
      AttemptContext<?> step,
      TransactionAttempt<?> attempt)
      throws Exception {
    try {
      connection.commit();
    } catch (Throwable failure) {
      if (SqlFailure.isAnswer(failure) && SqlFailure.ofCommit(failure) != SqlFailure.UNKNOWN) {
        connection.rollBack();
        throw verdict.ofRefusedCommit(failure);
      }
      connection.close();
      if (!parts.lostCommit().isCommitted(entry, step.path(), failure, attempt)) {
        throw verdict.ofLoss(failure);
      }
    }
  }
}
