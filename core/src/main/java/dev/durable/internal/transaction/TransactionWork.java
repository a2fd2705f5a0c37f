package dev.durable.internal.transaction;

import dev.durable.internal.store.jdbc.SqlFailure;
import dev.durable.internal.thread.CurrentContext;
import dev.durable.internal.transaction.RolledBackException.Reason;
import dev.durable.workflow.AttemptContext;
import dev.durable.workflow.TransactionBody;
import dev.durable.workflow.TransactionContext;
import java.sql.SQLException;
import org.jspecify.annotations.Nullable;

/** The body's part of one transaction. */
final class TransactionWork {

  private final TransactionConnection connection;
  private final ConnectionUse use;
  private final TransactionVerdict verdict;

  TransactionWork(TransactionConnection connection, TransactionVerdict verdict) {
    this.connection = connection;
    this.use = connection.use();
    this.verdict = verdict;
  }

  /** Runs the body; after any failure all is rolled back. */
  <I, T, R extends @Nullable Object> R call(
      TransactionBody<I, T, R> body, T data, AttemptContext<I> step, TransactionAttempt<R> attempt)
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
      use.hasThrown(thrown);
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
          new IllegalStateException("The body of transaction '" + path + "' " + wrong + ".", lost));
    }
  }
}
