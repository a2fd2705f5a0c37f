package dev.durable.internal.service;

import dev.durable.DurableException;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;

/**
 * What a thread runs into, logged without flooding: while the database is away a thread fails again
 * and again, and one line in ten seconds says as much. Errors of the JVM have a line of their own.
 * Thread-safe.
 */
public final class Complaints {

  private static final long PAUSE = Duration.ofSeconds(10).toNanos();

  private final Logger log;
  private final LongSupplier nanos;
  private final Map<String, Kind> kinds = new ConcurrentHashMap<>();

  /** What has been logged, and what has been left out since. */
  private record Kind(AtomicLong quietUntil, AtomicLong unsaid) {}

  /**
   * @param log where to
   */
  public Complaints(Logger log) {
    this(log, System::nanoTime);
  }

  Complaints(Logger log, LongSupplier nanos) {
    this.log = log;
    this.nanos = nanos;
  }

  /**
   * Logs a failure after which the thread goes on.
   *
   * @param what cannot be done, and what happens next: {@code Could not claim work; trying again}
   * @return whether there was a line
   */
  public boolean log(String what, Throwable failure) {
    Kind kind = kinds.computeIfAbsent(kind(failure), name -> new Kind(begin(), new AtomicLong()));
    long now = nanos.getAsLong();
    long until = kind.quietUntil.get();
    if (now - until < 0 || !kind.quietUntil.compareAndSet(until, now + PAUSE)) {
      kind.unsaid.incrementAndGet();
      return false;
    }
    long unsaid = kind.unsaid.getAndSet(0);
    String more = unsaid == 0 ? "" : " (and " + unsaid + " more like it since the last line)";
    if (failure instanceof DurableException) {
      log.warn("{}: {}{}", what, failure.getMessage(), more);
    } else if (failure instanceof Exception) {
      log.warn("{}: {}{}", what, failure, more, failure);
    } else {
      log.error("{}: {}{}", what, failure, more, failure);
    }
    return true;
  }

  private AtomicLong begin() {
    return new AtomicLong(nanos.getAsLong());
  }

  private static String kind(@Nullable Throwable failure) {
    return failure instanceof Error ? failure.getClass().getName() : "exception";
  }
}
