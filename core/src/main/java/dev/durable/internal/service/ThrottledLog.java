package dev.durable.internal.service;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;

/** Allows one log line in ten seconds, and counts those left out meanwhile. Thread-safe. */
public final class ThrottledLog {

  private static final long PAUSE = Duration.ofSeconds(10).toNanos();

  private final LongSupplier nanos;
  private final AtomicLong quietUntil;
  private final AtomicLong unsaid = new AtomicLong();

  /** The first line is due at once. */
  public ThrottledLog() {
    this(System::nanoTime);
  }

  ThrottledLog(LongSupplier nanos) {
    this.nanos = nanos;
    this.quietUntil = new AtomicLong(nanos.getAsLong());
  }

  /** Whether a line is due; if not, it counts as left out. */
  public boolean isDue() {
    long now = nanos.getAsLong();
    long until = quietUntil.get();
    if (now - until >= 0 && quietUntil.compareAndSet(until, now + PAUSE)) {
      return true;
    }
    unsaid.incrementAndGet();
    return false;
  }

  /** The lines left out since the last call; for the line that is due. */
  public long unsaid() {
    return unsaid.getAndSet(0);
  }
}
