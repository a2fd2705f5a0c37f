package dev.durable.internal.transaction;

import dev.durable.internal.store.jdbc.SqlFailure;
import dev.durable.internal.transaction.RolledBackException.Reason;
import java.sql.SQLException;

/**
 * Decides whether a failure of a transaction is the body's own, or one of the database after which
 * the same body runs again. All is rolled back.
 */
final class TransactionVerdict {

  private final TransactionConnection connection;
  private final ConnectionUse use;
  private final LostConnection lostConnection;

  TransactionVerdict(TransactionConnection connection, LostConnection lostConnection) {
    this.connection = connection;
    this.use = connection.use();
    this.lostConnection = lostConnection;
  }

  /** The meaning of a failure that the body has thrown. */
  @SuppressWarnings("ReferenceEquality") // A throwable cannot be suppressed by itself.
  Exception ofBody(Throwable thrown) {
    SQLException cause = SqlFailure.sql(thrown);
    SQLException failed = use.failed();
    // A failure of another database, or of the body itself, is the body's.
    if (failed != null && SqlFailure.of(failed) == SqlFailure.AGAIN) {
      return new RolledBackException(Reason.COLLIDED, thrown);
    }
    SQLException lost = use.lost();
    if (lost != null && cause != null && SqlFailure.of(cause) == SqlFailure.UNKNOWN) {
      return ofLoss(thrown);
    }
    if (lost != null && thrown != lost) {
      thrown.addSuppressed(lost);
    }
    return new BodyFailedException(thrown);
  }

  /** The meaning of a connection that was lost before the commit; closes it. */
  Exception ofLoss(Throwable thrown) {
    connection.close();
    Reason reason = lostConnection.reason(use, connection.nanos());
    return reason == null
        ? new BodyFailedException(thrown)
        : new RolledBackException(reason, thrown);
  }

  /**
   * The meaning of a commit that the database has refused: constraints and triggers of the body's
   * tables that are deferred fail there.
   */
  Exception ofRefusedCommit(Throwable failure) {
    connection.failed(failure);
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
}
