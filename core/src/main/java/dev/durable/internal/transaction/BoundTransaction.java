package dev.durable.internal.transaction;

import dev.durable.TransactionBinding;
import dev.durable.internal.store.jdbc.SqlFailure;
import dev.durable.internal.transaction.CheckpointWrite.Checkpoint;
import dev.durable.internal.transaction.RolledBackException.Reason;
import dev.durable.internal.transaction.TransactionRunner.Parts;
import dev.durable.workflow.AttemptContext;
import dev.durable.workflow.TransactionBody;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One transaction that the application's framework begins and commits. Nothing that it says of the
 * end is believed: the database is asked.
 */
final class BoundTransaction<I, T, R extends @Nullable Object>
    implements TransactionBinding.Work<Checkpoint> {

  private static final Logger LOG = LoggerFactory.getLogger(BoundTransaction.class);

  private final Parts parts;
  private final Framework framework;
  private final TransactionBody<I, T, R> body;
  private final T data;
  private final AttemptContext<I> step;
  private final TransactionAttempt<R> attempt;
  private final Thread thread = Thread.currentThread();
  private boolean begun;
  private boolean over;
  private volatile @Nullable String misused;
  private @Nullable Throwable failure;
  private @Nullable TransactionConnection connection;
  private @Nullable TransactionVerdict verdict;
  private @Nullable Checkpoint checkpoint;

  BoundTransaction(
      Parts parts,
      Framework framework,
      TransactionBody<I, T, R> body,
      T data,
      AttemptContext<I> step,
      TransactionAttempt<R> attempt) {
    this.parts = parts;
    this.framework = framework;
    this.body = body;
    this.data = data;
    this.step = step;
    this.attempt = attempt;
  }

  /** Returns what has been committed. */
  Checkpoint commit() throws Exception {
    Throwable thrown = null;
    try {
      framework.binding().inNewTransaction(this);
    } catch (Throwable ofTheFramework) {
      thrown = ofTheFramework;
    }
    over = true;
    Checkpoint written = checkpoint;
    if (written == null) {
      throw notWritten(thrown);
    }
    Objects.requireNonNull(connection).abortIfOpen();
    Throwable reason = thrown == null ? unasked("returned") : thrown;
    if (!parts.lostCommit().isCommitted(written.entry(), step.path(), reason, attempt)) {
      throw notCommitted(thrown);
    }
    if (thrown != null || misused != null) {
      LOG.warn(
          "A transaction was committed, and then its framework failed: execution={} step={}",
          written.entry().owner().id(),
          step.path(),
          thrown == null ? unasked(String.valueOf(misused)) : thrown);
    }
    return written;
  }

  // ---- the work ----

  @Override
  public Checkpoint on(Connection lent) throws Exception {
    requireInOrder();
    begun = true;
    try {
      Checkpoint written = write(lent);
      checkpoint = written;
      return written;
    } catch (Throwable thrown) {
      failure = thrown;
      throw thrown;
    }
  }

  private void requireInOrder() {
    String wrong = null;
    if (Thread.currentThread() != thread) {
      wrong = "ran its work on another thread";
    } else if (over) {
      wrong = "ran its work after it had returned";
    } else if (begun) {
      wrong = "ran its work twice; the engine itself runs a step again where that is right";
    }
    if (wrong != null) {
      misused = wrong;
      throw unasked(wrong);
    }
  }

  private IllegalStateException unasked(String wrong) {
    return new IllegalStateException(
        "TransactionBinding.inNewTransaction " + wrong + ", in transaction '" + step.path() + "'.");
  }

  private Checkpoint write(Connection lent) throws Exception {
    TransactionConnection open = begin(lent);
    try {
      TransactionVerdict judge = new TransactionVerdict(open, parts.lostConnection());
      R result = new TransactionWork(open, judge).call(body, data, step, attempt);
      Checkpoint written =
          new CheckpointWrite(parts.store(), null, open, judge).write(result, attempt);
      open.handBack();
      connection = open;
      verdict = judge;
      return written;
    } catch (Throwable thrown) {
      open.endAndHandBack();
      throw thrown;
    }
  }

  private TransactionConnection begin(Connection lent) throws Exception {
    try {
      requireUsable(lent);
      return new TransactionConnection(
          parts.database().lent(lent), parts.database().clock(), parts.patienceMillis(), true);
    } catch (IllegalStateException unusable) {
      throw new BodyFailedException(unusable);
    } catch (SQLException unreached) {
      throw new RolledBackException(Reason.UNREACHED, unreached);
    } catch (RolledBackException unreached) {
      throw SqlFailure.state(SqlFailure.sql(unreached)).startsWith("25")
          ? new BodyFailedException(
              new IllegalStateException(
                  unasked(
                          "gave a transaction that is not READ COMMITTED, or read-only, and has"
                              + " begun to read")
                      .getMessage(),
                  unreached.getCause()))
          : unreached;
    }
  }

  private void requireUsable(@Nullable Connection lent) throws SQLException {
    if (lent == null) {
      throw unasked("gave its work no connection");
    }
    if (lent.isClosed()) {
      throw unasked("gave its work a connection that is closed");
    }
    if (lent.getAutoCommit()) {
      throw unasked(
          "gave its work a connection in auto-commit mode: nothing would be committed together");
    }
    framework.home().require(lent);
    Connection current = CurrentTransaction.of(framework.binding());
    if (current == null || Session.differ(current, lent)) {
      throw unasked(
          "gave its work a connection that current() does not give there, so what the step starts"
              + " or sends would not commit with it");
    }
  }

  // ---- its end ----

  private Exception notWritten(@Nullable Throwable thrown) {
    Throwable ofTheWork = failure;
    String wrong = misused;
    if (ofTheWork instanceof Error error) {
      throw error;
    }
    if (ofTheWork instanceof Exception exception) {
      return exception;
    }
    if (wrong != null || thrown == null) {
      return new BodyFailedException(unasked(wrong == null ? "did not run its work" : wrong));
    }
    return SqlFailure.sql(thrown) == null
        ? new BodyFailedException(thrown)
        : new RolledBackException(Reason.UNREACHED, thrown);
  }

  private Exception notCommitted(@Nullable Throwable thrown) {
    TransactionVerdict judge = Objects.requireNonNull(verdict);
    if (misused != null) {
      return new BodyFailedException(unasked(misused));
    }
    if (thrown == null) {
      return new BodyFailedException(
          unasked(
              "returned without having committed; the transaction was marked for rollback, or its"
                  + " failure swallowed"));
    }
    if (SqlFailure.sql(thrown) == null) {
      return new BodyFailedException(thrown);
    }
    return SqlFailure.isAnswer(thrown) && SqlFailure.ofCommit(thrown) != SqlFailure.UNKNOWN
        ? judge.ofRefusedCommit(thrown)
        : judge.ofLoss(thrown);
  }
}
