package dev.durable.internal.store.jdbc;

import dev.durable.internal.service.Pulse;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import javax.sql.DataSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Warns at most once a minute that threads are waiting for connections: with too small a pool
 * everything works, but slowly. Thread-safe.
 */
public final class PoolWatch {

  private static final Logger LOG = LoggerFactory.getLogger(PoolWatch.class);
  private static final long LONG = Duration.ofSeconds(1).toNanos();
  private static final long PAUSE = Duration.ofMinutes(1).toNanos();

  private final LongSupplier nanos;
  private final AtomicLong quietUntil;

  public PoolWatch() {
    this(System::nanoTime);
  }

  public PoolWatch(LongSupplier nanos) {
    this.nanos = nanos;
    this.quietUntil = new AtomicLong(nanos.getAsLong());
  }

  /** Takes a connection from a pool as is, and logs a warning if that took long or failed. */
  Connection take(DataSource pool) throws SQLException {
    long asked = begin();
    Pulse.connecting();
    try {
      return pool.getConnection();
    } finally {
      Pulse.connected();
      end(asked);
    }
  }

  /** Notes that a thread asks for a connection; returns the time. */
  public long begin() {
    return nanos.getAsLong();
  }

  /**
   * Notes that the thread got a connection, or an error.
   *
   * @return whether a warning was logged
   */
  public boolean end(long begin) {
    long now = nanos.getAsLong();
    long until = quietUntil.get();
    boolean logs =
        now - begin >= LONG && now - until >= 0 && quietUntil.compareAndSet(until, now + PAUSE);
    if (logs) {
      LOG.warn(
          "Waited {} ms for a connection. Unless the database is unreachable, the pool is too small, or is"
              + " shared with work that holds connections for long: a worker that is busy keeps up to"
              + " six (two for the journal and one for what is locked, one each for claims,"
              + " heartbeat and hints), and a transaction step holds one while it runs. Give the"
              + " pool ten or more (HikariCP: maximumPoolSize).",
          Duration.ofNanos(now - begin).toMillis());
    }
    return logs;
  }
}
