package dev.durable.internal.store.jdbc;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Counts deadlocks and lock timeouts, and logs them at most once a minute. A deadlock is caused by
 * the engine itself or by an application that locks its rows, a lock timeout by the session that
 * holds the lock. Thread-safe.
 */
public final class Contention {

  private static final Logger LOG = LoggerFactory.getLogger(Contention.class);
  private static final long PAUSE = Duration.ofMinutes(1).toNanos();

  private final LongSupplier nanos;
  private final AtomicLong deadlocks = new AtomicLong();
  private final AtomicLong lockTimeouts = new AtomicLong();
  private final AtomicLong quietUntil;

  public Contention() {
    this(System::nanoTime);
  }

  public Contention(LongSupplier nanos) {
    this.nanos = nanos;
    this.quietUntil = new AtomicLong(nanos.getAsLong());
  }

  /**
   * Counts a failure, if it is one of these.
   *
   * @return whether it was logged
   */
  public boolean suspect(Throwable failure) {
    switch (SqlFailure.state(SqlFailure.sql(failure))) {
      case "40P01" -> deadlocks.incrementAndGet();
      case "55P03" -> lockTimeouts.incrementAndGet();
      default -> {
        return false;
      }
    }
    return report(failure);
  }

  private boolean report(Throwable failure) {
    long now = nanos.getAsLong();
    long until = quietUntil.get();
    boolean logs = now - until >= 0 && quietUntil.compareAndSet(until, now + PAUSE);
    if (logs) {
      LOG.warn(
          "Statements waited for locks of others and are tried again: deadlocks={} lockTimeouts={}"
              + " since the last report; the latest: {}",
          deadlocks.getAndSet(0),
          lockTimeouts.getAndSet(0),
          failure.getMessage());
    }
    return logs;
  }
}
