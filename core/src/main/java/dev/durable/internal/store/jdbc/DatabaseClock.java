package dev.durable.internal.store.jdbc;

import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.concurrent.atomic.AtomicReference;

/** The latest time of the database that an answer has brought. Thread-safe. */
public final class DatabaseClock {

  private final AtomicReference<Instant> latest = new AtomicReference<>(Instant.MIN);

  /** Notes a time that the database's clock has had. */
  public void saw(Instant time) {
    latest.accumulateAndGet(time, (one, other) -> one.isAfter(other) ? one : other);
  }

  /**
   * The time now, of which only its bounds are known: the earliest one that is not before anything
   * the database has already answered to this process.
   */
  public Instant between(Instant earliest, Instant latest) {
    Instant next = this.latest.get().plus(1, ChronoUnit.MICROS);
    Instant now = next.isBefore(earliest) ? earliest : next.isAfter(latest) ? latest : next;
    saw(now);
    return now;
  }
}
