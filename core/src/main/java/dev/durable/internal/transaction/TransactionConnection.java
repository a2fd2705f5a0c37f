package dev.durable.internal.transaction;

import dev.durable.internal.store.jdbc.BorrowedConnection;
import dev.durable.internal.store.jdbc.DatabaseClock;
import dev.durable.internal.store.jdbc.TransactionFrame;
import dev.durable.internal.transaction.RolledBackException.Reason;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.time.OffsetDateTime;

/**
 * The connection of one transaction. While the engine itself waits for an answer it has a limit;
 * the body has none but its own. It ends committed, rolled back, or closed.
 */
final class TransactionConnection {

  private final BorrowedConnection borrowed;
  private final Connection jdbc;
  private final DatabaseClock clock;
  private final int patienceMillis;
  private final long begunAt = System.nanoTime();
  private final Instant begun;
  private final long answeredAt;
  private final ConnectionUse use;
  private final boolean unlimited;
  private boolean open = true;
  private boolean handedBack;

  /**
   * Begins the transaction. The body has not begun, so a failure here is one of the database.
   *
   * @param clock the database's
   * @param patienceMillis the longest time for one answer to the engine
   * @param shared whether it is a framework's, whose code uses it, too, and ends its transaction
   */
  TransactionConnection(
      BorrowedConnection borrowed, DatabaseClock clock, int patienceMillis, boolean shared)
      throws RolledBackException {
    this.borrowed = borrowed;
    this.jdbc = borrowed.jdbc();
    this.clock = clock;
    this.patienceMillis = patienceMillis;
    try {
      this.unlimited = jdbc.getNetworkTimeout() == 0;
      limit(patienceMillis);
      this.begun = begin();
      this.answeredAt = System.nanoTime();
      this.use = new ConnectionUse(jdbc, shared);
      limit(0);
    } catch (Throwable failure) {
      borrowed.spoil();
      throw new RolledBackException(Reason.UNREACHED, failure);
    }
  }

  /** Begins, and returns the database's time then. */
  private Instant begin() throws SQLException {
    try (Statement first = jdbc.createStatement()) {
      first.execute(TransactionFrame.ISOLATION + ";\nselect pg_catalog.clock_timestamp()");
      first.getMoreResults();
      try (ResultSet row = first.getResultSet()) {
        row.next();
        return row.getObject(1, OffsetDateTime.class).toInstant();
      }
    }
  }

  Connection jdbc() {
    return jdbc;
  }

  /**
   * The database's time now: it has told its time at some moment between the question and the
   * answer.
   */
  Instant time() {
    long now = System.nanoTime();
    return clock.between(begun.plusNanos(now - answeredAt), begun.plusNanos(now - begunAt));
  }

  /** The body's use of it. */
  ConnectionUse use() {
    return use;
  }

  /** The time since the transaction began. */
  long nanos() {
    return System.nanoTime() - begunAt;
  }

  /** A limit of the user's own stays as it is. */
  private void limit(int millis) throws SQLException {
    if (unlimited) {
      jdbc.setNetworkTimeout(Runnable::run, millis);
    }
  }

  /**
   * Ends the body's use of it. An interrupt of the body is not for the engine: it would close the
   * connection.
   *
   * @return whether no call of the body was in progress
   */
  boolean endBody() {
    boolean alone = use.end();
    Thread.interrupted();
    try {
      limit(patienceMillis);
    } catch (Throwable broken) {
      borrowed.spoil();
    }
    return alone;
  }

  void commit() throws SQLException {
    jdbc.commit();
    open = false;
  }

  void rollBack() {
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
      jdbc.rollback();
    } catch (Throwable gone) {
      borrowed.spoil();
    }
  }

  /** Notes a failure, after which the connection may be of no more use. */
  void failed(Throwable failure) {
    borrowed.failed(failure);
  }

  /** Marks that the connection must not be given back as it is. */
  void spoil() {
    borrowed.spoil();
  }

  /** Closes a connection of no more use, so that a question on another one need not wait for it. */
  void close() {
    open = false;
    if (handedBack) {
      return;
    }
    borrowed.spoil();
    borrowed.close();
  }

  /** Hands it back to the framework, which commits the transaction. */
  void handBack() {
    open = false;
    try {
      limit(0);
    } catch (Throwable broken) {
      borrowed.spoil();
    }
    borrowed.release();
    handedBack = true;
  }

  /** Aborts what the framework should have ended: it must not commit later. */
  void abortIfOpen() {
    if (!use.isEnded()) {
      borrowed.spoil();
      borrowed.close();
    }
  }

  /** Ends the transaction in any case, and hands the connection back to the framework. */
  void endAndHandBack() {
    end();
    borrowed.release();
    handedBack = true;
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
