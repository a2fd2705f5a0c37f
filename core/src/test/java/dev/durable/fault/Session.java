package dev.durable.fault;

import com.zaxxer.hikari.HikariDataSource;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Locale;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** A connection of the pool, and the harm done to it. */
final class Session {

  /** The longest time that a test waits for an engine that waits for ever. */
  private static final int LONGEST_MILLIS = 4_000;

  private final HikariDataSource pool;
  private final Connection real;
  private volatile boolean broken;
  private volatile int networkMillis;
  private volatile CountDownLatch cancelled = new CountDownLatch(1);

  Session(HikariDataSource pool, Connection real) {
    this.pool = pool;
    this.real = real;
  }

  Connection real() {
    return real;
  }

  boolean isBroken() {
    return broken;
  }

  void requireWhole() throws SQLException {
    if (broken) {
      throw new SQLException("This connection has been closed. (injected)", "08003");
    }
  }

  /** The other end is gone; uncommitted work is rolled back. */
  void breakDown() {
    broken = true;
    cancelled.countDown();
    pool.evictConnection(real);
  }

  void answerWithin(int millis) {
    networkMillis = millis;
  }

  /** Ends a call that hangs. */
  void cancel() {
    cancelled.countDown();
  }

  /** A statement fails as on a real server: the transaction that it stands in has failed. */
  void failTransaction(JdbcCall call, String sql) throws SQLException {
    if (call == JdbcCall.COMMIT || call == JdbcCall.ROLLBACK) {
      real.rollback();
    } else if (call == JdbcCall.EXECUTE) {
      String text = sql.strip().toLowerCase(Locale.ROOT);
      if (!real.getAutoCommit()) {
        fail("select 1/0");
      } else if (text.startsWith("begin") || text.startsWith("start transaction")) {
        fail("begin; select 1/0");
      }
    }
  }

  private void fail(String sql) {
    try (Statement statement = real.createStatement()) {
      statement.execute(sql);
    } catch (SQLException asIntended) {
      // The transaction has failed.
    }
  }

  /**
   * Waits as a driver does whose server does not answer.
   *
   * @param queryMillis the statement's own limit; 0 if it has none
   */
  void hang(int queryMillis) {
    int limit = LONGEST_MILLIS;
    limit = networkMillis > 0 ? Math.min(limit, networkMillis) : limit;
    limit = queryMillis > 0 ? Math.min(limit, queryMillis) : limit;
    long until = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(limit);
    boolean interrupted = false;
    try {
      while (true) {
        try {
          if (cancelled.await(until - System.nanoTime(), TimeUnit.NANOSECONDS)) {
            cancelled = new CountDownLatch(1);
          }
          return;
        } catch (InterruptedException ignored) {
          interrupted = true;
          if (Thread.currentThread().isVirtual()) {
            // The driver's socket is closed then.
            breakDown();
            return;
          }
        }
      }
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }
}
