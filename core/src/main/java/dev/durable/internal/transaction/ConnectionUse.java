package dev.durable.internal.transaction;

import dev.durable.internal.service.Threads;
import dev.durable.internal.store.jdbc.SqlFailure;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * A body's use of its connection: the calls in progress, the failures, and the changes that outlive
 * the transaction. It ends with the body, whatever threads the body has started.
 */
final class ConnectionUse {

  private static final long LONGEST_CANCEL = TimeUnit.SECONDS.toNanos(5);
  private static final long CANCEL_AGAIN_MILLIS = 200;

  private final Session session;
  private final boolean shared;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition left = lock.newCondition();
  private final List<Statement> executing = new ArrayList<>();
  private int calls;
  private Stage stage = Stage.OPEN;
  private long idleSince = System.nanoTime();
  private long longestIdle;
  private boolean cancelled;
  private boolean endsItself;
  private boolean changesRole;
  private boolean becomesReadOnly;
  private @Nullable SQLException failed;
  private @Nullable SQLException lost;

  private enum Stage {
    OPEN,
    /** The body is no longer needed; it may only tidy up. */
    STOPPED,
    OVER
  }

  /**
   * @param shared whether code of a framework uses the connection, too, without the guard
   */
  ConnectionUse(Connection connection, boolean shared) {
    this.session = new Session(connection);
    this.shared = shared;
  }

  // ---- for the body's calls ----

  /**
   * Begins a call.
   *
   * @param target the object it is made on
   * @throws SQLException if it is too late for that
   */
  void enter(Object target) throws SQLException {
    lock.lock();
    try {
      if (stage != Stage.OPEN) {
        throw stage == Stage.OVER
            ? new SQLException(
                "The transaction step has ended, and its connection with it.", "08003")
            : new SQLException("The transaction step is no longer needed.", "57014");
      }
      if (calls++ == 0) {
        longestIdle = Math.max(longestIdle, System.nanoTime() - idleSince);
      }
      if (target instanceof Statement statement) {
        executing.add(statement);
      }
    } finally {
      lock.unlock();
    }
  }

  /** Ends a call. */
  void leave(Object target, @Nullable Throwable failure) {
    lock.lock();
    try {
      if (failure != null) {
        remember(failure);
      } else if (session.isInOrder()) {
        failed = null;
      }
      if (target instanceof Statement statement) {
        executing.remove(statement);
      }
      if (--calls == 0) {
        idleSince = System.nanoTime();
        left.signalAll();
      }
    } finally {
      lock.unlock();
    }
  }

  private void remember(Throwable failure) {
    SQLException sql = SqlFailure.sql(failure);
    if (sql == null) {
      // No driver throws such a thing on purpose.
      session.changes();
    } else if (SqlFailure.of(sql) == SqlFailure.UNKNOWN) {
      lost = lost == null ? sql : lost;
    } else if (failed == null && !session.isInOrder()) {
      failed = sql;
    }
  }

  /** Notes SQL text that is about to be sent. */
  void sees(String sql) {
    if (SessionChange.in(sql, escapesByBackslash())) {
      session.changes();
    }
    if (SessionChange.endsConnection(sql)) {
      endsItself = true;
    }
    if (SessionChange.ofTheRole(sql)) {
      changesRole = true;
    }
    if (SessionChange.toReadOnly(sql)) {
      becomesReadOnly = true;
    }
  }

  /** Notes that the session is about to be changed by other means than SQL. */
  void changesSession() {
    session.changes();
  }

  /** Notes that the transaction has gone back to a savepoint. */
  void undone() {
    lock.lock();
    try {
      failed = null;
    } finally {
      lock.unlock();
    }
  }

  /** Notes what the body has thrown: code of a framework may have failed beside the guard. */
  void hasThrown(Throwable thrown) {
    if (shared && SqlFailure.sql(thrown) != null && (session.isEnded() || !session.isInOrder())) {
      lock.lock();
      try {
        remember(thrown);
      } finally {
        lock.unlock();
      }
    }
  }

  boolean escapesByBackslash() {
    return session.escapesByBackslash();
  }

  /** Whether the body may still close the objects it has opened. */
  boolean mayClose() {
    lock.lock();
    try {
      return stage != Stage.OVER;
    } finally {
      lock.unlock();
    }
  }

  // ---- its end ----

  /**
   * Ends the use: no call begins after this.
   *
   * @return whether no call was in progress
   */
  boolean end() {
    lock.lock();
    try {
      stage = Stage.OVER;
      if (calls == 0) {
        longestIdle = Math.max(longestIdle, System.nanoTime() - idleSince);
        return true;
      }
    } finally {
      lock.unlock();
    }
    cancel();
    return false;
  }

  /**
   * Stops the body: first its statement on the server, then its thread. An interrupt alone closes
   * the socket, and the server continues the statement and keeps its locks.
   */
  void stop(Thread bodys) {
    lock.lock();
    try {
      if (stage != Stage.OPEN) {
        return;
      }
      stage = Stage.STOPPED;
      if (calls == 0) {
        bodys.interrupt();
        return;
      }
    } finally {
      lock.unlock();
    }
    Threads.virtual(
            "cancel-" + bodys.getName(),
            () -> {
              cancel();
              interrupt(bodys);
            })
        .start();
  }

  private void interrupt(Thread bodys) {
    lock.lock();
    try {
      if (stage != Stage.OVER) {
        bodys.interrupt();
      }
    } finally {
      lock.unlock();
    }
  }

  /** Cancels until no call is in progress: a cancellation that comes too early has no effect. */
  private void cancel() {
    long until = System.nanoTime() + LONGEST_CANCEL;
    while (System.nanoTime() < until) {
      List<Statement> statements;
      lock.lock();
      try {
        if (calls == 0) {
          return;
        }
        cancelled = true;
        statements = List.copyOf(executing);
      } finally {
        lock.unlock();
      }
      session.cancel(statements);
      if (awaitCalls()) {
        return;
      }
    }
  }

  private boolean awaitCalls() {
    lock.lock();
    try {
      long nanos = TimeUnit.MILLISECONDS.toNanos(CANCEL_AGAIN_MILLIS);
      while (calls > 0 && nanos > 0) {
        nanos = left.awaitNanos(nanos);
      }
      return calls == 0;
    } catch (InterruptedException interrupted) {
      return false;
    } finally {
      lock.unlock();
    }
  }

  // ---- afterwards ----

  /** Whether a call is still in progress, which it should not be. */
  boolean isBusy() {
    lock.lock();
    try {
      return calls > 0;
    } finally {
      lock.unlock();
    }
  }

  /** Whether the connection must not be given back as it is. */
  boolean isSpoiled() {
    return cancelled || lost != null || isBusy() || session.isChanged();
  }

  /** The failure that the transaction has not recovered from; null if it is in order. */
  @Nullable SQLException failed() {
    return failed;
  }

  /** Whether a statement may have failed, and the body gone on as if it had not. */
  boolean mayHaveFailed() {
    return failed != null || shared;
  }

  /** The failure that lost the connection; null if it was not lost. */
  @Nullable SQLException lost() {
    return lost;
  }

  /** Whether the body has ended the transaction, or the connection, behind the guard. */
  boolean isEnded() {
    return session.isEnded();
  }

  /** Whether SQL of the body may have ended the connection. */
  boolean endsItself() {
    return endsItself;
  }

  /** Whether SQL of the body may have changed the role. */
  boolean changesRole() {
    return changesRole;
  }

  /** Whether SQL of the body may have made the transaction read-only. */
  boolean becomesReadOnly() {
    return becomesReadOnly;
  }

  /** The longest time without a call of the body. */
  long longestIdleMillis() {
    return TimeUnit.NANOSECONDS.toMillis(longestIdle);
  }
}
